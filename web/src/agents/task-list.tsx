import Button from '@mui/material/Button';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { TaskProgress } from '../../../src/contract/tasks.ts';
import { FINISHED, type Task } from './task-state.ts';
import { request } from '../api/request.ts';
import { TaskChanges } from '../changes/task-changes.tsx';
import { Elapsed } from '../executions/elapsed.tsx';
import { Age } from '../ui/age.tsx';
import { Empty } from '../ui/empty.tsx';
import { JsonTree } from '../ui/json-tree.tsx';
import { Panel } from '../ui/panel.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { TASK_LOOK } from '../ui/tone.ts';
import { useAction } from '../ui/use-action.ts';
import { ReceiptList } from './receipt-list.tsx';
import { TaskProgressLine } from './task-progress-line.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './task-list.module.css';

const FIRST = 5;

/** Tasks newest first: what was asked, how far its delivery got, what came back. */
export function TaskList({
  tasks,
  progress,
  mayOperate,
}: {
  tasks: readonly Task[];
  progress: readonly TaskProgress[];
  mayOperate: boolean;
}) {
  const [all, setAll] = useState(false);
  return (
    <Panel title={t('Tasks')} count={tasks.length} flush>
      {tasks.length === 0 && (
        <Empty icon="send" title={t('No tasks yet')}>
          {t('What you or a workflow hand to this agent appears here with its delivery and result.')}
        </Empty>
      )}
      {(all ? tasks : tasks.slice(0, FIRST)).map((task, index) => (
        <TaskEntry
          key={task.id}
          task={task}
          told={progress.find(({ taskId }) => taskId === task.id)}
          open={index === 0}
          mayOperate={mayOperate}
        />
      ))}
      {tasks.length > FIRST && (
        <button type="button" className={styles['more']} onClick={() => setAll(!all)}>
          {all ? t('Fewer') : t('{count} more', { count: tasks.length - FIRST })}
        </button>
      )}
    </Panel>
  );
}

function TaskEntry({
  task,
  told,
  open,
  mayOperate,
}: {
  task: Task;
  told: TaskProgress | undefined;
  open: boolean;
  mayOperate: boolean;
}) {
  const { busy, run } = useAction();
  const finished = FINISHED.includes(task.status);
  return (
    <details className={styles['task']} open={open}>
      <summary>
        <StatusBadge look={TASK_LOOK[task.status]} />
        <span className={styles['prompt']}>{task.prompt}</span>
        <span className={styles['age']}>
          <Age since={task.createdAt} />
        </span>
      </summary>
      <div className={styles['body']}>
        <pre className={styles['full']} tabIndex={0}>
          {task.prompt}
        </pre>
        <ReceiptList receipts={task.receipts} />
        {told && !finished && <TaskProgressLine progress={told} />}
        {task.error && (
          <p className={styles['error']}>
            <code>{task.error.code}</code> {task.error.message}
          </p>
        )}
        {task.result && (
          <>
            {task.result.exitCode !== undefined && (
              <p className={styles['exit']}>{rich('exit code {exitCode}', { exitCode: task.result.exitCode })}</p>
            )}
            {task.result.text && (
              <pre className={styles['result']} tabIndex={0}>
                {task.result.text}
              </pre>
            )}
            {task.result.data !== undefined && <JsonTree value={task.result.data} />}
          </>
        )}
        <TaskChanges task={task} mayDecide={mayOperate} />
        <div className={styles['foot']}>
          <Elapsed startedAt={task.receipts.turnStartedAt} finishedAt={task.receipts.finishedAt ?? undefined} />
          {task.executionId && (
            <Link
              to="/executions/$id"
              params={{ id: task.executionId }}
              search={task.stepId ? { step: task.stepId } : {}}
            >
              {t('part of an execution')}
            </Link>
          )}
          {!finished && mayOperate && (
            <Button
              disabled={busy}
              onClick={() =>
                void run(() => request('POST /api/tasks/{id}/cancel', { params: { id: task.id } }), {
                  done: t('The task is cancelled'),
                })
              }
            >
              {t('Cancel task')}
            </Button>
          )}
        </div>
      </div>
    </details>
  );
}
