import { Icon } from './icon.tsx';
import styles from './status-badge.module.css';
import type { Look } from './tone.ts';

/** A status as icon and word; `plain` leaves out the tinted ground, for dense tables. */
export function StatusBadge({ look, plain = false, word }: { look: Look; plain?: boolean; word?: string }) {
  return (
    <span className={`${styles['badge']} ${plain ? styles['plain'] : ''}`} data-tone={look.tone}>
      <Icon name={look.icon} size={14} className={look.moving ? styles['moving'] : undefined} />
      <span>{word ?? look.word}</span>
    </span>
  );
}
