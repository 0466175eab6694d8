import type { InboxItem } from '../../../src/contract/inbox.ts';
import { Icon } from '../ui/icon.tsx';
import { useNow } from '../ui/now.ts';
import { dateWords } from '../ui/time-words.ts';
import { timeLeft } from './decision-words.ts';
import styles from './time-left.module.css';

/** How long it can still be answered; marked when that is soon over. */
export function TimeLeft({ item }: { item: InboxItem }) {
  const left = timeLeft(item, useNow());
  if (left === null) return null;
  return (
    <span className={styles['left']} data-soon={left.soon} title={dateWords(item.expiresAt ?? '')}>
      <Icon name="hourglass" size={13} />
      {left.words}
    </span>
  );
}
