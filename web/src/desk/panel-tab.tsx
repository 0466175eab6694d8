import { useEffect } from 'react';
import { Icon } from '../ui/icon.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import type { DeskPanel } from './desk-layout.ts';
import { usePanelFacts } from './panel-facts.ts';
import { kindOf } from './panel-kinds.ts';
import { t } from '../words/words.ts';
import styles from './desk.module.css';

/** The title of a panel: what it is, of whom, and how that is now. */
export function PanelTab({
  panel,
  seat = false,
  onSpoken,
}: {
  panel: DeskPanel;
  /** Whether the person holds the seat of its terminal. */
  seat?: boolean;
  onSpoken?: (panel: DeskPanel, words: string) => void;
}) {
  const { icon, title, look, spoken: words } = usePanelFacts(panel);
  const spoken = seat ? t('{words}, you hold the seat', { words }) : words;
  useEffect(() => onSpoken?.(panel, spoken), [onSpoken, panel, spoken]);
  const what = kindOf(panel);
  return (
    <span className={styles['tab']} title={spoken}>
      <Icon name={icon} size={14} />
      <span className={styles['name']}>{title}</span> {look && <StatusBadge look={look} plain still />}
      {seat && (
        <span className={styles['held']}>
          <Icon name="keyboard" size={14} />
        </span>
      )}
      {/* Where the title is read out by itself, its parts are not. */}
      {what?.of && !onSpoken && (
        <span className="sr-only">
          {' '}
          {what.label}
          {seat && t(', you hold the seat')}
        </span>
      )}
    </span>
  );
}
