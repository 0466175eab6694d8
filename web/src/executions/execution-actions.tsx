import Button from '@mui/material/Button';
import { useState } from 'react';
import type { Execution } from '../../../src/contract/executions.ts';
import { request } from '../api/request.ts';
import { Confirm } from '../ui/confirm.tsx';
import { Icon } from '../ui/icon.tsx';
import { useAction } from '../ui/use-action.ts';
import { RunAgain } from './run-again.tsx';
import { useRetry } from './use-retry.ts';
import { t } from '../words/words.ts';

/** Pause, resume and cancel; retry and run again once it has ended. */
export function ExecutionActions({ execution }: { execution: Execution }) {
  const { busy, run } = useAction();
  const [asking, setAsking] = useState(false);
  const params = { id: execution.id };
  const { busy: retrying, retry } = useRetry(execution.id);
  const again = execution.workflowId && (
    <RunAgain key={execution.id} execution={execution} workflowId={execution.workflowId} />
  );
  if (execution.status === 'succeeded') return again;
  if (execution.status === 'failed' || execution.status === 'cancelled') {
    return (
      <>
        {again}
        <Button
          variant="contained"
          color="primary"
          disabled={retrying}
          startIcon={<Icon name="restart" />}
          title={t('A new execution runs again what did not succeed, and keeps the rest')}
          onClick={() => retry()}
        >
          {execution.status === 'failed' ? t('Retry what failed') : t('Retry the rest')}
        </Button>
      </>
    );
  }
  return (
    <>
      {execution.status === 'paused' ? (
        <Button
          variant="contained"
          color="primary"
          disabled={busy}
          startIcon={<Icon name="play" />}
          onClick={() =>
            void run(() => request('POST /api/executions/{id}/resume', { params }), { done: t('It goes on') })
          }
        >
          {t('Resume')}
        </Button>
      ) : (
        <Button
          disabled={busy}
          startIcon={<Icon name="pause" />}
          onClick={() =>
            void run(() => request('POST /api/executions/{id}/pause', { params }), {
              done: t('Nothing new starts; what runs is finished'),
            })
          }
        >
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
