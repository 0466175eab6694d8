import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { Icon } from '../ui/icon.tsx';
import { setPageTitle } from './document-title.ts';
import styles from './page.module.css';

interface Props {
  title: ReactNode;
  /** For the tab, when `title` is not plain text. */
  titleText?: string;
  back?: { to: '/' | '/workflows' | '/executions' | '/settings' | '/settings/definitions'; label: string };
  status?: ReactNode;
  meta?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  wide?: boolean;
}

/** The frame of every page: one title line, actions at its end. */
export function Page({ title, titleText, back, status, meta, actions, children }: Props) {
  const tab = titleText ?? (typeof title === 'string' ? title : '');
  useEffect(() => setPageTitle(tab), [tab]);
  return (
    <div className={styles['page']}>
      <header className={styles['head']}>
        <div className={styles['title']}>
          {back && (
            <Link to={back.to} className={styles['back']}>
              {back.label}
              <Icon name="chevronRight" size={13} />
            </Link>
          )}
          <h1 tabIndex={-1}>{title}</h1>
          {status}
        </div>
        {actions && <div className={styles['actions']}>{actions}</div>}
        {meta && <div className={styles['meta']}>{meta}</div>}
      </header>
      {children}
    </div>
  );
}
