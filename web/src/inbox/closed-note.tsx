import type { InboxItem } from '../../../src/contract/inbox.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { useNow } from '../ui/now.ts';
import { dateWords } from '../ui/time-words.ts';
import { VisibleText } from '../ui/visible-text.tsx';
import { agoWords, closedWords, DECISION } from './decision-words.ts';
import styles from './closed-note.module.css';

/** Who answered what, when, and with which words. */
export function ClosedNote({ item }: { item: InboxItem }) {
  const now = useNow();
  const { resolution } = item;
  return (
    <div className={styles['closed']} data-weight={weightOf(item)} role="status">
      <Icon name={iconOf(item)} />
      <div>
        <b>{closedWords(item)}</b>
        {resolution && (
          <>
            {' '}
            <time dateTime={resolution.at} title={dateWords(resolution.at)}>
              {agoWords(resolution.at, now)}
            </time>
          </>
        )}
        {resolution?.note !== undefined && (
          <blockquote>
            <VisibleText text={resolution.note} />
          </blockquote>
        )}
      </div>
    </div>
  );
}

function weightOf({ resolution }: InboxItem): 'yes' | 'no' | 'other' {
  return resolution ? DECISION[resolution.decision].weight : 'other';
}

function iconOf({ state, resolution }: InboxItem): IconName {
  if (resolution) return DECISION[resolution.decision].icon;
  return state === 'expired' ? 'hourglass' : 'dash';
}
