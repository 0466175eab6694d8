import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { meQuery } from '../api/queries.ts';
import { FirstRun } from '../shell/first-run.tsx';
import { Page } from '../shell/page.tsx';
import { Icon } from '../ui/icon.tsx';
import { useKeys } from '../ui/keys.ts';
import { PHONE, useMedia } from '../ui/use-media.ts';
import { AgentsPanel } from './agents-panel.tsx';
import { Counters } from './counters.tsx';
import { NeedsMe } from './needs-me.tsx';
import { RunningExecutions } from './running-executions.tsx';
import { t } from '../words/words.ts';

const AdoptDialog = lazy(() =>
  import('../agents/adopt-dialog.tsx').then((module) => ({ default: module.AdoptDialog })),
);

/** What an operator sees first: who needs me, then everybody. Each part reads what is live for itself. */
export function OverviewPage() {
  const navigate = useNavigate();
  const administers = useQuery(meQuery).data?.permissions.includes('administer') ?? false;
  const phone = useMedia(PHONE);
  const [adopting, setAdopting] = useState(false);
  useKeys('Overview', administers ? { n: [t('Add an agent'), () => void navigate({ to: '/agents/new' })] } : {});
  return (
    <Page
      title={t('Overview')}
      actions={
        <>
          <Button onClick={() => void navigate({ to: '/wall' })} startIcon={<Icon name="wall" />}>
            {t('Wall')}
          </Button>
          {phone && (
            <Button onClick={() => void navigate({ to: '/desk' })} startIcon={<Icon name="desk" />}>
              {t('Desk')}
            </Button>
          )}
          {administers && (
            <Button aria-label={t('Adopt a session')} onClick={() => setAdopting(true)}>
              {phone ? t('Adopt') : t('Adopt a session')}
            </Button>
          )}
          {administers && (
            <Button
              variant="contained"
              color="primary"
              aria-label={t('Add an agent')}
              startIcon={<Icon name="plus" />}
              onClick={() => void navigate({ to: '/agents/new' })}
            >
              {phone ? t('Add') : t('Add an agent')}
            </Button>
          )}
        </>
      }
      meta={<Counters />}
    >
      <FirstRun />
      <NeedsMe />
      <AgentsPanel administers={administers} />
      <RunningExecutions />
      {adopting && (
        <Suspense fallback={null}>
          <AdoptDialog onClose={() => setAdopting(false)} />
        </Suspense>
      )}
    </Page>
  );
}
