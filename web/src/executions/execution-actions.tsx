import Button from '@mui/material/Button';
import { useState } from 'react';
import type { Execution } from '../../../src/contract/executions.ts';
import { request } from '../api/request.ts';
import { Confirm } from '../ui/confirm.tsx';
import { Icon } from '../ui/icon.tsx';
import { useAction } from '../ui/use-action.ts';
import { useRetry } from './use-retry.ts';

/** Pause, resume and cancel, or retry once it has ended. */
export function ExecutionActions({ execution }: { execution: Execution }) {
  const { busy, run } = useAction();
  const [asking, setAsking] = useState(false);
  const params = { id: execution.id };
  const { busy: retrying, retry } = useRetry(execution.id);
  if (execution.status === 'succeeded') return null;
  if (execution.status === 'failed' || execution.status === 'cancelled') {
    return (
      <Button
        variant="contained"
        color="primary"
        disabled={retrying}
        startIcon={<Icon name="restart" />}
        title="A new execution runs again what did not succeed, and keeps the rest"
        onClick={() => retry()}
      >
        {execution.status === 'failed' ? 'Retry what failed' : 'Retry the rest'}
      </Button>
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
            void run(() => request('POST /api/executions/{id}/resume', { params }), { done: 'It goes on' })
          }
        >
          Resume
        </Button>
      ) : (
        <Button
          disabled={busy}
          startIcon={<Icon name="pause" />}
          onClick={() =>
            void run(() => request('POST /api/executions/{id}/pause', { params }), {
              done: 'Nothing new starts; what runs is finished',
            })
          }
        >
          Pause
        </Button>
      )}
      <Button disabled={busy} color="error" startIcon={<Icon name="cross" />} onClick={() => setAsking(true)}>
        Cancel
      </Button>
      {asking && (
        <Confirm
          title="Cancel this execution?"
          action="Cancel the execution"
          onClose={() => setAsking(false)}
          onConfirm={() =>
            void run(() => request('POST /api/executions/{id}/cancel', { params }), { done: 'It is being cancelled' })
          }
        >
          Running steps are stopped and nothing new starts. Worktrees are kept.
        </Confirm>
      )}
    </>
  );
}
