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
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import styles from './task-changes.module.css';

const STATE_WORDS = { open: t('not merged'), merged: t('merged'), discarded: t('discarded') } as const;

/** What a task changed in its worktree: to read, to merge, to throw away. Nothing for a task without one. */
export function TaskChanges({ task, mayDecide }: { task: Task; mayDecide: boolean }) {
  const [open, setOpen] = useState(false);
  const { workspace } = task;
  if (!workspace) return null;
  const gone = workspace.state === 'discarded';
  return (
    <section className={styles['changes']} aria-label={t('Changes')}>
      <header>
        {gone ? (
          <span className={styles['title']}>{t('Changes')}</span>
        ) : (
          <button type="button" className={styles['title']} aria-expanded={open} onClick={() => setOpen(!open)}>
            <Icon name={open ? 'chevronDown' : 'chevronRight'} size={14} />
            {t('Changes')}
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
    if (outcome?.outcome === 'merged') toast(t('The changes are merged'));
    if (outcome?.outcome === 'nothing_to_merge') toast(t('There is nothing to merge'), { tone: 'info' });
  }
  async function discard(): Promise<void> {
    if (await act(() => request('POST /api/tasks/{id}/discard', { params }))) toast(t('The changes are discarded'));
  }

  return (
    <div className={styles['open']}>
      {diff.isPending && <Loading rows={3} label={t('Loading the changes')} />}
      {diff.error && <ErrorNote error={diff.error} onRetry={() => void diff.refetch()} />}
      {diff.data && (
        <>
          <div className={styles['stats']}>
            <span>{plural(diff.data.stats.files, 'file')}</span>
            <Counts {...diff.data.stats} />
            {mayDecide && FINISHED.includes(task.status) && (
              <span className={styles['actions']}>
                <Button disabled={busy} startIcon={<Icon name="trash" />} onClick={() => setAsking(true)}>
                  {t('Discard')}
                </Button>
                <Button
                  variant="contained"
                  color="primary"
                  disabled={busy}
                  startIcon={<Icon name="check" />}
                  onClick={() => void merge()}
                >
                  {t('Merge')}
                </Button>
              </span>
            )}
          </div>
          {conflict.length > 0 && (
            <div className={styles['conflict']} role="alert">
              <strong>{t('These files conflict, and nothing was merged')}</strong>
              <ul>
                {conflict.map((file) => (
                  <li key={file}>
                    <code>{file}</code>
                  </li>
                ))}
              </ul>
              <p>{rich('Resolve them in {path}, then merge again.', { path: <code>{task.workspace?.path}</code> })}</p>
            </div>
          )}
          {refusal !== null && <ErrorNote error={refusal} />}
          {diff.data.files.length > 0 ? (
            <DiffView diff={diff.data} />
          ) : (
            <p className={styles['none']}>
              {rich(
                'This task itself changed nothing. {em} takes over all that its branch holds, of other tasks too.',
                { em: <em>{t('Merge')}</em> },
              )}
            </p>
          )}
        </>
      )}
      {asking && (
        <Confirm
          title={t('Discard these changes?')}
          action={t('Discard')}
          onConfirm={() => void discard()}
          onClose={() => setAsking(false)}
        >
          {rich('The worktree and the branch {branch} are removed with everything in them. What was merged stays.', {
            branch: <code>{task.workspace?.branch}</code>,
          })}
        </Confirm>
      )}
    </div>
  );
}
