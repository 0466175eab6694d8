import { type QueryKey, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Panel } from '../ui/panel.tsx';
import styles from './list-panel.module.css';

interface Props<T> {
  title: string;
  /** What the list is for, in a sentence. */
  about?: ReactNode;
  /** Something that just happened, above everything. */
  news?: ReactNode;
  queryKey: QueryKey;
  load: (signal: AbortSignal) => Promise<T[]>;
  keyOf: (item: T) => string;
  row: (item: T) => ReactNode;
  /** What would be here. */
  empty?: string;
  /** Beside the title. */
  actions?: ReactNode;
  /** The last row: a form for a new one. */
  children?: ReactNode;
}

/** Things in a list, each with its actions, and a form for another one. */
export function ListPanel<T>({ title, about, news, queryKey, load, keyOf, row, empty, actions, children }: Props<T>) {
  const { data, error, refetch } = useQuery({ queryKey, queryFn: ({ signal }) => load(signal) });
  return (
    <Panel title={title} count={data?.length} actions={actions} flush>
      {news}
      {about !== undefined && <div className={styles['about']}>{about}</div>}
      {error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Loading rows={3} />
      ) : data.length === 0 && empty !== undefined ? (
        <p className={styles['about']}>{empty}</p>
      ) : (
        <ul className={styles['list']}>
          {data.map((item) => (
            <li key={keyOf(item)}>{row(item)}</li>
          ))}
        </ul>
      )}
      {children}
    </Panel>
  );
}
