import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { Agent } from '../../../src/contract/agents.ts';
import type { Task } from '../../../src/contract/tasks.ts';
import { newId } from '../api/new-id.ts';
import { request } from '../api/request.ts';
import { modKey } from '../shell/mod-key.ts';
import { Icon } from '../ui/icon.tsx';
import { toast } from '../ui/toasts.ts';
import { BULK, type BulkName, forEachAgent, type Outcome } from './bulk.ts';
import { SentTask } from './sent-task.tsx';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import styles from './bulk.module.css';

const LOSES: Partial<Record<BulkName, string>> = {
  stop: t('Their sessions end. A task that is under way is lost; queued ones fail.'),
  restart: t('Their sessions begin anew, in the same conversation where they can. A task that is under way is lost.'),
};

/** One action on many agents: asked where something is lost, then each one's outcome by name. */
export function BulkDialog({
  name,
  agents,
  onClose,
}: {
  name: BulkName;
  agents: readonly Agent[];
  onClose: () => void;
}) {
  const action = BULK[name];
  // Who was chosen when it was opened, however they change meanwhile.
  const [fitting] = useState(() => agents.filter(action.fits));
  const [unfit] = useState(() => agents.filter((agent) => !action.fits(agent)));
  const [prompt, setPrompt] = useState('');
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome<Task | null>> | null>(null);
  const key = useRef(newId());
  const begun = useRef(false);

  async function run(some: readonly Agent[]): Promise<void> {
    setOutcomes((now) => new Map([...(now ?? []), ...some.map(({ id }) => [id, { status: 'waiting' }] as const)]));
    let failures = 0;
    await forEachAgent(
      some,
      (agent) => act(name, agent, { prompt, key: key.current }),
      (id, outcome) => {
        if (outcome.status === 'failed') failures += 1;
        setOutcomes((now) => new Map(now).set(id, outcome));
      },
    );
    if (failures > 0 || name === 'send') return;
    const [only] = some;
    toast(
      some.length === 1 && only
        ? `${only.name} ${action.done}`
        : t('{count}: each {done}', { count: plural(some.length, 'agent'), done: action.done }),
    );
    onClose();
  }

  useEffect(() => {
    if (action.asks || begun.current) return;
    begun.current = true;
    void run(fitting);
  });

  const failed = fitting.filter(({ id }) => outcomes?.get(id)?.status === 'failed');
  const busy = [...(outcomes?.values() ?? [])].some(({ status }) => status === 'waiting');
  const ready = outcomes === null && (name !== 'send' || prompt.trim() !== '');
  return (
    <Dialog open onClose={busy ? undefined : onClose} maxWidth="sm" fullWidth aria-labelledby="bulk-title">
      <DialogTitle id="bulk-title">
        {name === 'send'
          ? t('Send a task to {count}', { count: plural(fitting.length, 'agent') })
          : `${action.verb} ${plural(fitting.length, 'agent')}${outcomes ? '' : '?'}`}
      </DialogTitle>
      <DialogContent>
        {name === 'send' && (
          <textarea
            autoFocus
            className={styles['prompt']}
            rows={4}
            value={prompt}
            readOnly={outcomes !== null}
            aria-label={t('Task')}
            placeholder={t('What should each of them do? A shell agent takes one command line.')}
            onChange={(event) => setPrompt(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && ready) void run(fitting);
            }}
          />
        )}
        {!outcomes && LOSES[name] && <p className={styles['loses']}>{LOSES[name]}</p>}
        <ul className={styles['list']} aria-label={t('Each agent')}>
          {fitting.map((agent) => (
            <li key={agent.id}>
              <Link to="/agents/$id" params={{ id: agent.id }}>
                {agent.name}
              </Link>
              <Told outcome={outcomes?.get(agent.id)} done={action.done} />
            </li>
          ))}
          {unfit.map((agent) => (
            <li key={agent.id} data-unfit="true">
              <span>{agent.name}</span>
              <span>{rich('left out: {unfit}', { unfit: action.unfit })}</span>
            </li>
          ))}
        </ul>
      </DialogContent>
      <DialogActions>
        {outcomes === null && name === 'send' && (
          <span className={styles['hint']}>{rich('{modKey} Enter sends it', { modKey })}</span>
        )}
        <Button onClick={onClose} autoFocus={name !== 'send'} disabled={busy}>
          {outcomes ? t('Close') : action.asks && name !== 'send' ? t('Leave it') : t('Cancel')}
        </Button>
        {outcomes === null && (
          <Button
            variant="contained"
            color={name === 'stop' ? 'error' : 'primary'}
            disabled={!ready}
            startIcon={<Icon name={action.icon} />}
            onClick={() => void run(fitting)}
          >
            {name === 'send' ? t('Send') : action.verb}
          </Button>
        )}
        {failed.length > 0 && !busy && (
          <Button
            variant="contained"
            color="primary"
            startIcon={<Icon name="restart" />}
            onClick={() => void run(failed)}
          >
            {rich('Try {count} again', { count: plural(failed.length, 'failure') })}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}

function Told({ outcome, done }: { outcome: Outcome<Task | null> | undefined; done: string }) {
  if (!outcome) return null;
  switch (outcome.status) {
    case 'waiting':
      return <span>…</span>;
    case 'failed':
      return (
        <span className={styles['failed']} role="alert">
          <Icon name="cross" size={14} /> {outcome.reason}
        </span>
      );
    default:
      return outcome.value ? (
        <SentTask sent={outcome.value} />
      ) : (
        <span className={styles['done']}>
          <Icon name="check" size={14} /> {done}
        </span>
      );
  }
}

async function act(
  name: BulkName,
  agent: Agent,
  { prompt, key }: { prompt: string; key: string },
): Promise<Task | null> {
  const params = { id: agent.id };
  if (name === 'send')
    return request('POST /api/agents/{id}/tasks', {
      params,
      body: { prompt },
      // Another try is the same task: it is never handed over twice.
      headers: { 'idempotency-key': `${key} ${agent.id}` },
    });
  await request(`POST /api/agents/{id}/${name}`, { params });
  return null;
}
