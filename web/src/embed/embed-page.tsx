/** One thing, read-only, inside another page; its address is all it needs. */
import { useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { setBearer } from '../api/bearer.ts';
import { onSessionEnded } from '../api/session.ts';
import { liveLink } from '../live/live.ts';
import { Empty } from '../ui/empty.tsx';
import { EmbeddedAgent } from './embedded-agent.tsx';
import { EmbeddedExecution } from './embedded-execution.tsx';
import { EmbeddedOverview } from './embedded-overview.tsx';
import { readGrant } from './read-grant.ts';
import { t } from '../words/words.ts';
import styles from './embed.module.css';

export function EmbedPage() {
  const { page } = useParams({ from: '/embed/$page' });
  const { theme } = useSearch({ from: '/embed/$page' });
  const [grant] = useState(() => readGrant(page, location.hash));
  const [ended, setEnded] = useState(() => grant === null || grant.expires <= Date.now());

  useEffect(() => {
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  useEffect(() => {
    if (grant === null || ended) return undefined;
    setBearer(grant.token);
    liveLink.open();
    const over = setTimeout(() => setEnded(true), grant.expires - Date.now());
    const forget = onSessionEnded(() => setEnded(true));
    return () => {
      clearTimeout(over);
      forget();
      liveLink.close();
    };
  }, [grant, ended]);

  if (grant === null || ended)
    return (
      <main className={styles['page']}>
        <Empty icon="clock" title={grant === null ? t('This address is not complete') : t('This view has ended')}>
          {grant === null
            ? t('Copy the whole address, with what stands behind the #.')
            : t('Whoever keeps this page can make a new one in Pointsman.')}
        </Empty>
      </main>
    );
  return (
    <main className={styles['page']}>
      {grant.show === 'agent' ? (
        <EmbeddedAgent id={grant.id} />
      ) : grant.show === 'execution' ? (
        <EmbeddedExecution id={grant.id} />
      ) : (
        <EmbeddedOverview />
      )}
    </main>
  );
}
