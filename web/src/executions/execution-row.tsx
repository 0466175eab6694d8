import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Execution } from '../../../src/contract/executions.ts';
import { Age } from '../ui/age.tsx';
import { Icon } from '../ui/icon.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { EXECUTION_LOOK } from '../ui/tone.ts';
import { Elapsed } from './elapsed.tsx';
import styles from './execution-row.module.css';

/** One execution in a list; the whole line leads to it. */
export function ExecutionRow({
  execution,
  selected = false,
  progress,
}: {
  execution: Execution;
  selected?: boolean;
  progress?: ReactNode;
}) {
  return (
    <div className={styles['line']}>
      <Link
        to="/executions/$id"
        params={{ id: execution.id }}
        className={styles['row'] ?? ''}
        data-selected={selected}
        data-active={execution.status === 'running'}
      >
        <span className={styles['status']}>
          <StatusBadge look={EXECUTION_LOOK[execution.status]} />
        </span>
        <span className={styles['name']}>
          <b>{execution.name}</b>
          <span>{execution.error ? execution.error.message : summary(execution.inputs)}</span>
        </span>
        <span className={styles['progress']}>{progress}</span>
        <code className={styles['id']}>{execution.id.slice(-6)}</code>
        <span className={styles['time']}>
          <Elapsed startedAt={execution.startedAt} finishedAt={execution.finishedAt} />
        </span>
        <span className={styles['age']}>
          <Age since={execution.createdAt} ago />
        </span>
        <Icon name="chevronRight" size={14} className={styles['go']} />
      </Link>
    </div>
  );
}

function summary(inputs: Record<string, unknown>): string {
  return Object.entries(inputs)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
