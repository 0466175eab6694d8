import { Icon } from './icon.tsx';
import styles from './status-badge.module.css';
import type { Look } from './tone.ts';

interface Props {
  look: Look;
  plain?: boolean;
  /** Where many stand together: nothing turns, which is calmer, and costs no frames. */
  still?: boolean;
  word?: string;
}

/** A status as icon and word; `plain` leaves out the tinted ground, for dense tables. */
export function StatusBadge({ look, plain = false, still = false, word }: Props) {
  return (
    <span className={`${styles['badge']} ${plain ? styles['plain'] : ''}`} data-tone={look.tone}>
      <Icon name={look.icon} size={14} className={look.moving && !still ? styles['moving'] : undefined} />
      <span>{word ?? look.word}</span>
    </span>
  );
}
