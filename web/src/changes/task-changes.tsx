import Button from '@mui/material/Button';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { MergeOutcome } from '../../../src/contract/task-changes.ts';
import type { Task } from '../../../src/contract/tasks.ts';
import { FINISHED } from '../agents/task-state.ts';
import { taskDiffQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { Confirm } from '../ui/confirm.tsx';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { toast } from '../ui/toasts.ts';
import { useAction } from '../ui/use-action.ts';
import { Counts, DiffView } from './diff-view.tsx';
import styles from './task-changes.module.css';

const STATE_WORDS = { open: 'not merged', merged: 'merged', discarded: 'discarded' } as const;

/** What a task changed in its worktree: to read, to merge, to throw away. Nothing for a task without one. */
export function TaskChanges({ task, mayDecide }: { task: Task; mayDecide: boolean }) {
  const [open, setOpen] = useState(false);
  const { workspace } = task;
  if (!workspace) return null;
  const gone = workspace.state === 'discarded';
  return (
    <section className={styles['changes']} aria-label="Changes">
      <header>
        {gone ? (
          <span className={styles['title']}>Changes</span>
        ) : (
          <button type="button" className={styles['title']} aria-expanded={open} onClick={() => setOpen(!open)}>
            <Icon name={open ? 'chevronDown' : 'chevronRight'} size={14} />
            Changes
          </button>
        )}
        <code title={workspace.path}>{workspace.branch}</code>
        <span className={styles['state']}>{STATE_WORDS[workspace.state]}</span>
      </header>
      {open && !gone && <OpenChanges task={task} mayDecide={mayDecide} />}
    </section>
  );
}

function OpenChanges({ task, mayDecide }: { task: Task; mayDecide: boolean }) {
  const queries = useQueryClient();
  const { busy, run } = useAction();
  const [asking, setAsking] = useState(false);
  const [conflict, setConflict] = useState<readonly string[]>([]);
  const [refusal, setRefusal] = useState<unknown>(null);
  const diff = useQuery(taskDiffQuery(task));
  const params = { id: task.id };

  function act<T>(work: () => Promise<T>): Promise<T | undefined> {
    setConflict([]);
    setRefusal(null);
    return run(work, {
      failed: (error) => {
        setRefusal(error);
        return true;
      },
    }).finally(() => void queries.invalidateQueries({ queryKey: ['task', task.id] }));
  }
  async function merge(): Promise<void> {
    const outcome = await act<MergeOutcome>(() => request('POST /api/tasks/{id}/merge', { params }));
    if (outcome?.outcome === 'conflict') setConflict(outcome.files);
    if (outcome?.outcome === 'merged') toast('The changes are merged');
    if (outcome?.outcome === 'nothing_to_merge') toast('There is nothing to merge', { tone: 'info' });
  }
  async function discard(): Promise<void> {
    if (await act(() => request('POST /api/tasks/{id}/discard', { params }))) toast('The changes are discarded');
  }

  return (
    <div className={styles['open']}>
      {diff.isPending && <Loading rows={3} label="Loading the changes" />}
      {diff.error && <ErrorNote error={diff.error} onRetry={() => void diff.refetch()} />}
      {diff.data && (
        <>
          <div className={styles['stats']}>
            <span>
              {diff.data.stats.files} {diff.data.stats.files === 1 ? 'file' : 'files'}
            </span>
            <Counts {...diff.data.stats} />
            {mayDecide && FINISHED.includes(task.status) && (
              <span className={styles['actions']}>
                <Button disabled={busy} startIcon={<Icon name="trash" />} onClick={() => setAsking(true)}>
                  Discard
                </Button>
                <Button
                  variant="contained"
                  color="primary"
                  disabled={busy}
                  startIcon={<Icon name="check" />}
                  onClick={() => void merge()}
                >
                  Merge
                </Button>
              </span>
            )}
          </div>
          {conflict.length > 0 && (
            <div className={styles['conflict']} role="alert">
              <strong>These files conflict, and nothing was merged</strong>
              <ul>
                {conflict.map((file) => (
                  <li key={file}>
                    <code>{file}</code>
                  </li>
                ))}
              </ul>
              <p>
                Resolve them in <code>{task.workspace?.path}</code>, then merge again.
              </p>
            </div>
          )}
          {refusal !== null && <ErrorNote error={refusal} />}
          {diff.data.files.length > 0 ? (
            <DiffView diff={diff.data} />
          ) : (
            <p className={styles['none']}>
              This task itself changed nothing. <em>Merge</em> takes over all that its branch holds, of other tasks too.
            </p>
          )}
        </>
      )}
      {asking && (
        <Confirm
          title="Discard these changes?"
          action="Discard"
          onConfirm={() => void discard()}
          onClose={() => setAsking(false)}
        >
          The worktree and the branch <code>{task.workspace?.branch}</code> are removed with everything in them. What
          was merged stays.
        </Confirm>
      )}
    </div>
  );
}
