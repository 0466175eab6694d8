import type { InboxItem } from '../../../src/contract/inbox.ts';
import { Age } from '../ui/age.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { INBOX_LOOK } from '../ui/tone.ts';
import { useNow } from '../ui/now.ts';
import { VisibleText } from '../ui/visible-text.tsx';
import { agoWords, closedWords, timeLeft } from './decision-words.ts';
import { TimeLeft } from './time-left.tsx';
import { t } from '../words/words.ts';
import styles from './inbox-entry.module.css';

interface Props {
  item: InboxItem;
  /** The agent or the workflow it comes from. */
  from: string;
  current: boolean;
  onSelect: () => void;
  /** Undefined where nothing is answered together. */
  marked?: boolean | undefined;
  onMark?: (() => void) | undefined;
}

/** One line of the list: what is asked, by whom, since when, and how long it can still be answered. */
export function InboxEntry({ item, from, current, onSelect, marked, onMark }: Props) {
  const now = useNow();
  const soon = item.state === 'open' && (timeLeft(item, now)?.soon ?? false);
  return (
    <div className={styles['entry']} data-current={current} data-marked={marked === true}>
      {onMark && (
        <label className={styles['mark']}>
          <input
            type="checkbox"
            checked={marked === true}
            onChange={onMark}
            aria-label={t('Select: {title}', { title: item.title })}
          />
        </label>
      )}
      <button type="button" className={styles['open']} aria-current={current} onClick={onSelect}>
        <span className={styles['line']}>
          <StatusBadge look={INBOX_LOOK[item.type]} plain />
          <span className={styles['age']}>
            {soon ? <TimeLeft item={item} /> : <Age since={item.resolution?.at ?? item.createdAt} />}
          </span>
        </span>
        <b>
          <VisibleText text={item.title} />
        </b>
        <span className={styles['from']}>
          {item.state === 'open' ? (
            <VisibleText text={from} />
          ) : (
            `${closedWords(item)}${item.resolution ? ` ${agoWords(item.resolution.at, now)}` : ''}`
          )}
        </span>
      </button>
    </div>
  );
}
