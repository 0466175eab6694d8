import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import type { Problem } from '../../../src/contract/problem.ts';
import { ApiError } from '../api/api-error.ts';
import { newId } from '../api/new-id.ts';
import { definitionsQuery, meQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { modKey } from '../shell/mod-key.ts';
import { Page } from '../shell/page.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { useFieldKeys } from '../ui/keys.ts';
import { Panel } from '../ui/panel.tsx';
import { UnsavedGuard } from '../ui/unsaved-guard.tsx';
import { useAction } from '../ui/use-action.ts';
import { AgentFields } from './agent-fields.tsx';
import { KindPicker } from './kind-picker.tsx';
import { agentProblems, type AgentField, checkedAgent, NEW_AGENT, type TypedAgent } from './new-agent.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './new-agent-page.module.css';

/** An agent that does not exist yet: its kind, where it works, what it is told. */
export function NewAgentPage() {
  const me = useQuery(meQuery).data;
  if (me && !me.permissions.includes('administer'))
    return (
      <Page title={t('Add an agent')} back={{ to: '/', label: t('Overview') }}>
        <Panel>
          <Empty icon="lock" title={t('Only administrators add agents')}>
            {rich('You are signed in as {name}, {role}. Ask an administrator, or for the role.', {
              name: me.name,
              role: me.role,
            })}
          </Empty>
        </Panel>
      </Page>
    );
  return (
    <Page title={t('Add an agent')} back={{ to: '/', label: t('Overview') }}>
      <NewAgentForm />
    </Page>
  );
}

function NewAgentForm() {
  const id = useId();
  const navigate = useNavigate();
  const definitions = useQuery(definitionsQuery).data ?? [];
  const [typed, setTyped] = useState(NEW_AGENT);
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [error, setError] = useState<unknown>(null);
  const { busy, run } = useAction();
  const form = useRef<HTMLFormElement>(null);
  // The same key for the same wish: a repeated click or a lost answer cannot make two.
  const sending = useRef<{ typed: TypedAgent; key: string } | null>(null);
  const found = agentProblems(problems);
  const dirty = (Object.keys(NEW_AGENT) as AgentField[]).some(
    (name) => name !== 'kind' && typed[name] !== NEW_AGENT[name],
  );

  async function create(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (busy) return;
    setError(null);
    const checked = checkedAgent(typed);
    setProblems(checked.problems);
    const { body } = checked;
    if (!body) return;
    if (sending.current?.typed !== typed) sending.current = { typed, key: newId() };
    const { key } = sending.current;
    await run(
      async () => {
        const agent = await request('POST /api/agents', { body, headers: { 'idempotency-key': key } });
        await navigate({ to: '/agents/$id', params: { id: agent.id }, ignoreBlocker: true });
      },
      {
        done: t('{name} is there', { name: body.name }),
        failed: (failure) => {
          // Another try after a refusal is another wish.
          sending.current = null;
          const told = failure instanceof ApiError ? failure.problems : [];
          setProblems(told);
          if (told.length === 0 || agentProblems(told)[''] !== undefined) setError(failure);
          return true;
        },
      },
    );
  }

  const onKeyDown = useFieldKeys<HTMLFormElement>('New agent', {
    'mod+Enter': [t('Add it'), () => form.current?.requestSubmit()],
  });

  // Whoever works by keyboard is taken to what is wrong.
  useEffect(() => {
    if (problems.length > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problems]);

  return (
    <form
      ref={form}
      className={styles['form']}
      aria-label={t('New agent')}
      noValidate
      onSubmit={(event) => void create(event)}
      onKeyDown={onKeyDown}
    >
      <Panel title={t('What runs')}>
        <KindPicker
          value={typed.kind}
          problems={found.kind ?? []}
          onChange={(kind) => setTyped({ ...typed, kind, mode: '' })}
        />
      </Panel>
      <Panel title={t('The agent')}>
        <AgentFields
          id={id}
          typed={typed}
          problems={found}
          definitions={definitions.map(({ name }) => name)}
          onChange={(change) => setTyped({ ...typed, ...change })}
        />
      </Panel>
      {error !== null && <ErrorNote error={error} />}
      <div className={styles['foot']}>
        <span className={styles['note']}>{rich('{modKey} Enter adds it', { modKey })}</span>
        <Button onClick={() => void navigate({ to: '/' })} disabled={busy}>
          {t('Cancel')}
        </Button>
        <Button type="submit" variant="contained" color="primary" disabled={busy}>
          {busy ? t('Adding…') : typed.autostart ? t('Add and start') : t('Add')}
        </Button>
      </div>
      <UnsavedGuard dirty={dirty && !busy} />
    </form>
  );
}
