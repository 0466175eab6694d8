import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Execution } from '../../../src/contract/executions.ts';
import { messageOf } from '../api/api-error.ts';
import { newId } from '../api/new-id.ts';
import { request } from '../api/request.ts';
import { Icon } from '../ui/icon.tsx';
import { useKeys } from '../ui/keys.ts';
import { useAction } from '../ui/use-action.ts';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import { useKeyOf } from '../ui/chosen-keys.ts';
import styles from './executions-page.module.css';

interface Props {
  chosen: readonly Execution[];
  mayOperate: boolean;
  onClear: () => void;
}

interface Result {
  execution: Execution;
  done: boolean;
  words: string;
  /** The execution that goes on from it. */
  next?: string;
}

const AT_ONCE = 4;
const MOST_RETRIED = 100; // as the API takes

/** What can be done with the chosen executions together, and what became of each. */
export function BulkActions({ chosen, mayOperate, onClear }: Props) {
  const keyOf = useKeyOf('Executions');
  const { busy, run } = useAction();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<'cancel' | 'retry' | null>(null);
  const [results, setResults] = useState<Result[] | null>(null);
  const open = chosen.filter((execution) => !execution.finishedAt);
  const ended = chosen.filter(({ status }) => status === 'failed' || status === 'cancelled').slice(0, MOST_RETRIED);
  const [one, other] = chosen.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
  const pair = chosen.length === 2 && one && other ? { id: one.id, other: other.id } : null;
  const compare = (): void => {
    if (pair) void navigate({ to: '/executions/$id/compare/$other', params: pair });
  };
  useKeys('Executions', { c: [t('Compare two that are chosen'), pair ? compare : null] });
  async function start(): Promise<void> {
    const what = asking;
    setAsking(null);
    const told = await run(() => (what === 'cancel' ? cancelAll(open) : retryAll(ended)));
    if (told) setResults(told);
  }
  return (
    <div className={styles['bulk']} role="region" aria-label={t('Chosen executions')}>
      <b role="status">{chosen.length === 0 ? t('None chosen') : t('{count} chosen', { count: chosen.length })}</b>
      {mayOperate && (
        <>
          <Button
            disabled={busy || open.length === 0}
            startIcon={<Icon name="cross" />}
            onClick={() => setAsking('cancel')}
          >
            {t('Cancel')} {open.length > 0 && open.length}
          </Button>
          <Button
            disabled={busy || ended.length === 0}
            startIcon={<Icon name="restart" />}
            onClick={() => setAsking('retry')}
          >
            {t('Retry')} {ended.length > 0 && ended.length}
          </Button>
        </>
      )}
      <Button
        disabled={!pair}
        startIcon={<Icon name="compare" />}
        title={pair ? t('Side by side ({key})', { key: keyOf('c') }) : t('Choose exactly two to compare them')}
        onClick={compare}
      >
        {t('Compare')}
      </Button>
      <Button disabled={chosen.length === 0} onClick={onClear} title={t('Choose none (Esc)')}>
        {t('Clear')}
      </Button>
      {asking && (
        <Dialog open onClose={() => setAsking(null)} maxWidth="xs" fullWidth aria-labelledby="bulk-title">
          <DialogTitle id="bulk-title">
            {asking === 'cancel'
              ? t('Cancel {count}?', { count: plural(open.length, 'execution') })
              : t('Retry {count}?', { count: plural(ended.length, 'execution') })}
          </DialogTitle>
          <DialogContent>
            {asking === 'cancel'
              ? t('Running steps are stopped and nothing new starts. Worktrees are kept.')
              : t('Each goes on as a new execution that runs again what did not succeed, and keeps the rest.')}
            <Named list={asking === 'cancel' ? open : ended} />
          </DialogContent>
          <DialogActions>
            <Button onClick={() => setAsking(null)} autoFocus>
              {t('Leave them')}
            </Button>
            <Button variant="contained" color={asking === 'cancel' ? 'error' : 'primary'} onClick={() => void start()}>
              {asking === 'cancel' ? t('Cancel them') : t('Retry them')}
            </Button>
          </DialogActions>
        </Dialog>
      )}
      {results && (
        <Dialog open onClose={() => setResults(null)} maxWidth="sm" fullWidth aria-labelledby="bulk-results">
          <DialogTitle id="bulk-results">
            {rich('{count} of {count2} done', {
              count: results.filter(({ done }) => done).length,
              count2: results.length,
            })}
          </DialogTitle>
          <DialogContent>
            <ul className={styles['results']}>
              {results.map(({ execution, done, words, next }) => (
                <li key={execution.id} data-done={done}>
                  <Icon name={done ? 'check' : 'cross'} size={14} />
                  <span>
                    {execution.name} <code>{execution.id.slice(-6)}</code>
                  </span>
                  <span>
                    {words}{' '}
                    {next && (
                      <Link to="/executions/$id" params={{ id: next }}>
                        {next.slice(-6)}
                      </Link>
                    )}
                  </span>
                </li>
              ))}
            </ul>
          </DialogContent>
          <DialogActions>
            <Button
              onClick={() => {
                setResults(null);
                onClear();
              }}
              autoFocus
            >
              {t('Close')}
            </Button>
          </DialogActions>
        </Dialog>
      )}
    </div>
  );
}

const MOST_NAMED = 5;

function Named({ list }: { list: readonly Execution[] }) {
  return (
    <ul className={styles['named']}>
      {list.slice(0, MOST_NAMED).map(({ id, name }) => (
        <li key={id}>
          {name} <code>{id.slice(-6)}</code>
        </li>
      ))}
      {list.length > MOST_NAMED && <li>{rich('and {count} more', { count: list.length - MOST_NAMED })}</li>}
    </ul>
  );
}

async function cancelAll(executions: readonly Execution[]): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...executions];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const execution = next;
        const told = await request('POST /api/executions/{id}/cancel', { params: { id: execution.id } }).then(
          () => ({ done: true, words: t('is being cancelled') }),
          (error: unknown) => ({ done: false, words: messageOf(error) }),
        );
        results.push({ execution, ...told });
      }
    }),
  );
  return executions.flatMap((execution) => results.find((result) => result.execution === execution) ?? []);
}

async function retryAll(executions: readonly Execution[]): Promise<Result[]> {
  const outcomes = await request('POST /api/executions/retry', {
    body: { ids: executions.map(({ id }) => id) },
    headers: { 'idempotency-key': newId() },
  });
  return executions.flatMap((execution) => {
    const outcome = outcomes.find(({ executionId }) => executionId === execution.id);
    if (!outcome) return [];
    return outcome.outcome === 'retried'
      ? { execution, done: true, words: t('goes on as'), next: outcome.retry }
      : { execution, done: false, words: outcome.message };
  });
}
