import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { InboxItem } from '../../../src/contract/inbox.ts';
import { DecisionPanel } from '../inbox/decision-panel.tsx';
import { InboxEntry } from '../inbox/inbox-entry.tsx';
import { stepFrom } from '../inbox/inbox-filter.ts';
import { useOrigins } from '../inbox/use-origins.ts';
import { useInbox } from '../live/use-topic.ts';
import { Empty, Loading } from '../ui/empty.tsx';
import { useKeys } from '../ui/keys.ts';
import { t } from '../words/words.ts';
import styles from './desk.module.css';

/** Everything that waits for a person, oldest first, answered in place. */
export function InboxPanel({ active, operates }: { active: boolean; operates: boolean }) {
  const { data } = useInbox();
  const { agentOf, from } = useOrigins();
  // What was just answered stays in sight until the next one is chosen.
  const [chosen, setChosen] = useState<InboxItem | null>(null);
  const open = data?.open ?? [];
  const shown = open.find(({ id }) => id === chosen?.id) ?? data?.closed.find(({ id }) => id === chosen?.id) ?? chosen;
  // The first is chosen once: when somebody else answers it, no other slips under the key that is pressed.
  const [first] = open;
  if (!chosen && first) setChosen(first);
  const move = (by: number): void => {
    const to = stepFrom(open, { id: shown?.id, lastPlace: 0, by });
    if (to) setChosen(to);
  };
  useKeys('Inbox', active ? { j: [t('Next'), () => move(1)], k: [t('Previous'), () => move(-1)] } : {});
  if (!data) return <Loading rows={4} label={t('Loading the inbox')} />;
  if (!shown)
    return (
      <Empty icon="inbox" title={t('Nothing waits for you')}>
        {t('What your agents and workflows ask appears here, and is answered here.')}
      </Empty>
    );
  return (
    <div className={styles['inbox']}>
      <div className={styles['pair']}>
        {/* One that is alone needs no list, and its answer is in sight at once. */}
        {(open.length > 1 || (open[0] && open[0].id !== shown.id)) && (
          <div className={styles['list']} tabIndex={0} role="group" aria-label={t('What waits')}>
            {open.map((item) => (
              <InboxEntry
                key={item.id}
                item={item}
                from={from(item)}
                current={item.id === shown.id}
                onSelect={() => setChosen(item)}
              />
            ))}
          </div>
        )}
        <div className={styles['decision']} tabIndex={0} role="group" aria-label={t('The one that is chosen')}>
          <DecisionPanel
            key={shown.id}
            item={shown}
            agentName={agentOf(shown)}
            mayAnswer={operates}
            keys={active}
            onAnswered={setChosen}
          />
          <p className={styles['more']}>
            <Link to="/inbox" search={{ item: shown.id }}>
              {t('Open in the inbox')}
            </Link>
          </p>
        </div>
      </div>
    </div>
  );
}
