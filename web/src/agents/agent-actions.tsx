import Button from '@mui/material/Button';
import type { Agent } from '../../../src/contract/agents.ts';
import { request } from '../api/request.ts';
import { Icon } from '../ui/icon.tsx';
import { useAction } from '../ui/use-action.ts';
import { t } from '../words/words.ts';

/** What can be done to an agent in its present status. */
export function AgentActions({ agent }: { agent: Agent }) {
  const { busy, run } = useAction();
  const params = { id: agent.id };
  const down = agent.status === 'stopped' || agent.status === 'crashed';
  return (
    <>
      {!down &&
        !agent.adopted &&
        (agent.status === 'working' || agent.status === 'blocked' || agent.currentTask !== undefined) && (
          <Button
            disabled={busy}
            startIcon={<Icon name="pause" />}
            onClick={() =>
              void run(() => request('POST /api/agents/{id}/interrupt', { params }), {
                done: t('{name}: its task is interrupted', { name: agent.name }),
              })
            }
          >
            {t('Interrupt')}
          </Button>
        )}
      {!down && (
        <Button
          disabled={busy}
          startIcon={<Icon name="restart" />}
          onClick={() =>
            void run(() => request('POST /api/agents/{id}/restart', { params }), {
              done: t('{name} restarts', { name: agent.name }),
            })
          }
        >
          {t('Restart')}
        </Button>
      )}
      {agent.status !== 'stopped' && (
        <Button
          disabled={busy}
          startIcon={<Icon name="stop" />}
          onClick={() =>
            void run(() => request('POST /api/agents/{id}/stop', { params }), {
              done: t('{name} stops', { name: agent.name }),
              undo: { label: t('Start again'), run: () => request('POST /api/agents/{id}/start', { params }) },
            })
          }
        >
          {t('Stop')}
        </Button>
      )}
      {down && (
        <Button
          disabled={busy}
          variant="contained"
          color="primary"
          startIcon={<Icon name="play" />}
          onClick={() =>
            void run(() => request('POST /api/agents/{id}/start', { params }), {
              done: t('{name} starts', { name: agent.name }),
            })
          }
        >
          {t('Start')}
        </Button>
      )}
    </>
  );
}
