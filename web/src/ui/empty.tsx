import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';
import { t } from '../words/words.ts';
import styles from './empty.module.css';

/** Says what would be here and what to do about it. */
export function Empty({
  icon,
  title,
  children,
  action,
}: {
  icon: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={styles['empty']}>
      <span className={styles['icon']}>
        <Icon name={icon} size={20} />
      </span>
      <h3>{title}</h3>
      {children && <div className={styles['text']}>{children}</div>}
      {action && <div className={styles['action']}>{action}</div>}
    </div>
  );
}

/** A place held while the first data is on its way: same height, nothing jumps. */
export function Loading({ rows = 3, label = t('Loading') }: { rows?: number; label?: string }) {
  return (
    <div className={styles['loading']} role="status" aria-busy="true" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} className={styles['bar']} style={{ width: `${88 - ((row * 17) % 40)}%` }} />
      ))}
    </div>
  );
}
