import Button from '@mui/material/Button';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Role, Token } from '../../../src/contract/identity.ts';
import { request } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Icon } from '../ui/icon.tsx';
import { ShownOnce } from '../ui/shown-once.tsx';
import { useAction } from '../ui/use-action.ts';
import { ListPanel } from './list-panel.tsx';
import { rich } from '../words/rich.ts';
import { dayWords } from '../ui/time-words.ts';
import { t } from '../words/words.ts';
import list from './list-panel.module.css';

const KEY = ['tokens'];
const ROLES: Role[] = ['viewer', 'operator', 'admin'];

/** API tokens: made, shown once, revoked. The secret lives only in this component until it is dismissed. */
export function TokensPanel() {
  const client = useQueryClient();
  const [made, setMade] = useState<{ name: string; token: string } | null>(null);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const { busy, run } = useAction();
  const again = () => client.invalidateQueries({ queryKey: KEY });

  async function create(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const name = String(data.get('name') ?? '').trim();
    const role = ROLES.find((each) => each === data.get('role')) ?? 'viewer';
    await run(async () => {
      const created = await request('POST /api/tokens', { body: { name, role } });
      setMade({ name: created.name, token: created.token });
      form.reset();
      await again();
    });
  }

  return (
    <ListPanel
      title={t('API tokens')}
      news={
        made ? (
          <ShownOnce
            secret={made.token}
            lead={<>{rich('{name}: copy it now, it is not shown again.', { name: <b>{made.name}</b> })}</>}
            onDone={() => setMade(null)}
          />
        ) : undefined
      }
      queryKey={KEY}
      load={(signal) => request('GET /api/tokens', { query: { limit: 200 }, signal })}
      keyOf={({ id }) => id}
      row={(token) => (
        <>
          <div>
            <b>{token.name}</b>
            <span>
              {rich('{role} · made {createdAt} ·', {
                role: token.role,
                createdAt: <Age since={token.createdAt} ago />,
              })}{' '}
              {token.lastUsedAt ? (
                <>{rich('used {lastUsedAt}', { lastUsedAt: <Age since={token.lastUsedAt} ago /> })}</>
              ) : (
                t('never used')
              )}
              {token.expiresAt && t(' · expires {value}', { value: dayWords(token.expiresAt) })}
            </span>
          </div>
          <Button color="error" startIcon={<Icon name="trash" />} onClick={() => setRevoking(token)}>
            {t('Revoke')}
          </Button>
        </>
      )}
    >
      <form className={list['new']} onSubmit={(event) => void create(event)}>
        <input
          name="name"
          required
          maxLength={120}
          placeholder={t('Name of a new token')}
          aria-label={t('Name of a new token')}
          autoComplete="off"
        />
        <select name="role" aria-label={t('Role')} defaultValue="operator">
          {ROLES.map((role) => (
            <option key={role}>{role}</option>
          ))}
        </select>
        <Button type="submit" disabled={busy} startIcon={<Icon name="plus" />}>
          {t('Create')}
        </Button>
      </form>
      {revoking && (
        <Confirm
          title={t('Revoke {name}?', { name: revoking.name })}
          action={t('Revoke')}
          onClose={() => setRevoking(null)}
          onConfirm={() =>
            void run(
              async () => {
                await request('DELETE /api/tokens/{id}', { params: { id: revoking.id } });
                await again();
              },
              { done: t('{name} is revoked', { name: revoking.name }) },
            )
          }
        >
          {t('Whatever uses it stops working at once.')}
        </Confirm>
      )}
    </ListPanel>
  );
}
