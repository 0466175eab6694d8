import Button from '@mui/material/Button';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Role } from '../../../src/contract/identity.ts';
import { meQuery } from '../api/queries.ts';
import { request, type ResponseOf } from '../api/request.ts';
import { Confirm } from '../ui/confirm.tsx';
import { Icon } from '../ui/icon.tsx';
import { useAction } from '../ui/use-action.ts';
import { ListPanel } from './list-panel.tsx';
import { rich } from '../words/rich.ts';
import { dayWords } from '../ui/time-words.ts';
import { t } from '../words/words.ts';
import list from './list-panel.module.css';

const ROLES = ['viewer', 'operator', 'admin'] as const satisfies readonly Role[];
const KEY = ['users'];
type User = ResponseOf<'GET /api/users'>[number];

/** Who may sign in, as what; switched off rather than removed, because what they did stays theirs. */
export function PeoplePanel() {
  const client = useQueryClient();
  const me = useQuery(meQuery).data;
  const [leaving, setLeaving] = useState<User | null>(null);
  const { busy, run } = useAction();
  const change = (user: User, body: { role?: Role; disabled?: boolean }, done: string) =>
    run(
      async () => {
        await request('PATCH /api/users/{id}', { params: { id: user.id }, body });
        await client.invalidateQueries({ queryKey: KEY });
      },
      { done },
    );

  async function create(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const name = String(data.get('name')).trim();
    await run(
      async () => {
        const role = ROLES.find((each) => each === data.get('role')) ?? 'viewer';
        await request('POST /api/users', { body: { name, role, password: String(data.get('password')) } });
        form.reset();
        await client.invalidateQueries({ queryKey: KEY });
      },
      { done: t('{name} may sign in', { name }) },
    );
  }

  return (
    <ListPanel
      title={t('People')}
      about={t(
        'Viewers read, operators also prompt, type and answer, admins do everything. A change ends their sessions.',
      )}
      queryKey={KEY}
      load={(signal) => request('GET /api/users', { query: { limit: 200 }, signal })}
      keyOf={({ id }) => id}
      empty={t('Nobody may sign in yet.')}
      row={(user) => (
        <>
          <div>
            <b>{user.name}</b>
            <span>
              {rich('since {value}', { value: dayWords(user.createdAt) })}
              {!user.hasPassword && t(' · signs in by link')}
              {user.disabled && t(' · switched off')}
            </span>
          </div>
          <select
            aria-label={t('Role of {name}', { name: user.name })}
            value={user.role}
            disabled={busy || user.id === me?.id}
            onChange={(event) => {
              const role = ROLES.find((each) => each === event.target.value);
              if (role) void change(user, { role }, t('{name} is {role} now', { name: user.name, role }));
            }}
          >
            {ROLES.map((role) => (
              <option key={role}>{role}</option>
            ))}
          </select>
          {user.disabled ? (
            <Button
              onClick={() => void change(user, { disabled: false }, t('{name} may sign in again', { name: user.name }))}
            >
              {t('Switch on')}
            </Button>
          ) : (
            <Button color="error" disabled={user.id === me?.id} onClick={() => setLeaving(user)}>
              {t('Switch off')}
            </Button>
          )}
        </>
      )}
    >
      <form className={list['new']} onSubmit={(event) => void create(event)}>
        <input name="name" required maxLength={120} placeholder={t('Name')} aria-label={t('Name of a new person')} />
        <input
          name="password"
          type="password"
          required
          minLength={10}
          maxLength={1000}
          placeholder={t('Password, 10 or more characters')}
          aria-label={t('Password of a new person')}
          autoComplete="new-password"
        />
        <select name="role" aria-label={t('Role of a new person')} defaultValue="operator">
          {ROLES.map((role) => (
            <option key={role}>{role}</option>
          ))}
        </select>
        <Button type="submit" disabled={busy} startIcon={<Icon name="plus" />}>
          {t('Add')}
        </Button>
      </form>
      {leaving && (
        <Confirm
          title={t('Switch off {name}?', { name: leaving.name })}
          action={t('Switch off')}
          onClose={() => setLeaving(null)}
          onConfirm={() =>
            void change(leaving, { disabled: true }, t('{name} is switched off', { name: leaving.name }))
          }
        >
          {t('Their sessions and the views they embedded end at once. What they did stays in the audit.')}
        </Confirm>
      )}
    </ListPanel>
  );
}
