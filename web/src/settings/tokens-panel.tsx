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
      title="API tokens"
      news={
        made ? (
          <ShownOnce
            secret={made.token}
            lead={
              <>
                <b>{made.name}</b>: copy it now, it is not shown again.
              </>
            }
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
              {token.role} · made <Age since={token.createdAt} ago /> ·{' '}
              {token.lastUsedAt ? (
                <>
                  used <Age since={token.lastUsedAt} ago />
                </>
              ) : (
                'never used'
              )}
              {token.expiresAt && ` · expires ${new Date(token.expiresAt).toLocaleDateString()}`}
            </span>
          </div>
          <Button color="error" startIcon={<Icon name="trash" />} onClick={() => setRevoking(token)}>
            Revoke
          </Button>
        </>
      )}
    >
      <form className={list['new']} onSubmit={(event) => void create(event)}>
        <input
          name="name"
          required
          maxLength={120}
          placeholder="Name of a new token"
          aria-label="Name of a new token"
          autoComplete="off"
        />
        <select name="role" aria-label="Role" defaultValue="operator">
          {ROLES.map((role) => (
            <option key={role}>{role}</option>
          ))}
        </select>
        <Button type="submit" disabled={busy} startIcon={<Icon name="plus" />}>
          Create
        </Button>
      </form>
      {revoking && (
        <Confirm
          title={`Revoke ${revoking.name}?`}
          action="Revoke"
          onClose={() => setRevoking(null)}
          onConfirm={() =>
            void run(
              async () => {
                await request('DELETE /api/tokens/{id}', { params: { id: revoking.id } });
                await again();
              },
              { done: `${revoking.name} is revoked` },
            )
          }
        >
          Whatever uses it stops working at once.
        </Confirm>
      )}
    </ListPanel>
  );
}
