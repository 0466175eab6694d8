import Button from '@mui/material/Button';
import { useState } from 'react';
import { type Execution, FINISHED_EXECUTION } from '../../../src/contract/executions.ts';
import { request } from '../api/request.ts';
import { Confirm } from '../ui/confirm.tsx';
import { Icon } from '../ui/icon.tsx';
import { useOffers } from '../ui/page-actions.ts';
import { useAction } from '../ui/use-action.ts';
import { RunAgain } from './run-again.tsx';
import { useRetry } from './use-retry.ts';
import { t } from '../words/words.ts';

/** Pause, resume and cancel; retry and run again once it has ended. */
export function ExecutionActions({ execution }: { execution: Execution }) {
  return FINISHED_EXECUTION.includes(execution.status) ? (
    <>
      {execution.workflowId && <RunAgain key={execution.id} execution={execution} workflowId={execution.workflowId} />}
      {execution.status !== 'succeeded' && <Retry execution={execution} />}
    </>
  ) : (
    <WhileItRuns execution={execution} />
  );
}

function Retry({ execution }: { execution: Execution }) {
  const { busy, retry } = useRetry(execution.id);
  const words = execution.status === 'failed' ? t('Retry what failed') : t('Retry the rest');
  useOffers([[words, busy ? null : () => retry()]]);
  return (
    <Button
      variant="contained"
      color="primary"
      disabled={busy}
      startIcon={<Icon name="restart" />}
      title={t('A new execution runs again what did not succeed, and keeps the rest')}
      onClick={() => retry()}
    >
      {words}
    </Button>
  );
}

function WhileItRuns({ execution }: { execution: Execution }) {
  const { busy, run } = useAction();
  const [asking, setAsking] = useState(false);
  const params = { id: execution.id };
  const paused = execution.status === 'paused';
  const pause = () =>
    void run(() => request('POST /api/executions/{id}/pause', { params }), {
      done: t('Nothing new starts; what runs is finished'),
    });
  const resume = () =>
    void run(() => request('POST /api/executions/{id}/resume', { params }), { done: t('It goes on') });
  useOffers([
    [t('Pause the execution'), busy || paused ? null : pause],
    [t('Resume the execution'), paused && !busy ? resume : null],
    [t('Cancel the execution'), busy ? null : () => setAsking(true)],
  ]);
  return (
    <>
      {paused ? (
        <Button variant="contained" color="primary" disabled={busy} startIcon={<Icon name="play" />} onClick={resume}>
          {t('Resume')}
        </Button>
      ) : (
        <Button disabled={busy} startIcon={<Icon name="pause" />} onClick={pause}>
          {t('Pause')}
        </Button>
      )}
      <Button disabled={busy} color="error" startIcon={<Icon name="cross" />} onClick={() => setAsking(true)}>
        {t('Cancel')}
      </Button>
      {asking && (
        <Confirm
          title={t('Cancel this execution?')}
          action={t('Cancel the execution')}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            void run(() => request('POST /api/executions/{id}/cancel', { params }), {
              done: t('It is being cancelled'),
            })
          }
        >
          {t('Running steps are stopped and nothing new starts. Worktrees are kept.')}
        </Confirm>
      )}
    </>
  );
}
