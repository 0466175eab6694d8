import type { ReactNode } from 'react';
import styles from './panel.module.css';

interface Props {
  title?: ReactNode;
  count?: number | undefined;
  actions?: ReactNode;
  children: ReactNode;
  /** Without inner space, for tables and graphs. */
  flush?: boolean;
  className?: string | undefined;
}

/** A titled part of a page. */
export function Panel({ title, count, actions, children, flush = false, className }: Props) {
  return (
    <section className={`${styles['panel']} ${className ?? ''}`}>
      {(title !== undefined || actions !== undefined) && (
        <header className={styles['head']}>
          <h2>
            {title}
            {count !== undefined && <span className={styles['count']}>{count}</span>}
          </h2>
          {actions && <div className={styles['actions']}>{actions}</div>}
        </header>
      )}
      <div className={flush ? styles['flush'] : styles['body']}>{children}</div>
    </section>
  );
}
