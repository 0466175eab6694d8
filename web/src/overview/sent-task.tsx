import { useQuery } from '@tanstack/react-query';

import type { Task } from '../../../src/contract/tasks.ts';
import { FINISHED } from '../agents/task-state.ts';
import { taskQuery } from '../api/queries.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import { TASK_LOOK } from '../ui/tone.ts';
import styles from './bulk.module.css';

const AGAIN_MS = 1_000;

/** A task that was just sent, followed to its end, with the first line of what came of it. */
export function SentTask({ sent }: { sent: Task }) {
  const task = useQuery({
    ...taskQuery(sent.id, 'sent'),
    initialData: sent,
    refetchInterval: ({ state }) => (state.data && FINISHED.includes(state.data.status) ? false : AGAIN_MS),
  }).data;
  const line = task.result?.text?.trim().split('\n').at(-1);
  return (
    <span className={styles['sent']}>
      {line && <code title={line}>{line}</code>}
      <StatusBadge look={TASK_LOOK[task.status]} />
    </span>
  );
}
