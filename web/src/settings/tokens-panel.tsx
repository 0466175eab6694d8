import Button from '@mui/material/Button';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Role, Token } from '../../../src/contract/identity.ts';
import { request } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { toast } from '../ui/toasts.ts';
import { useAction } from '../ui/use-action.ts';
import styles from './tokens-panel.module.css';

const ROLES: Role[] = ['viewer', 'operator', 'admin'];

/** API tokens: made, shown once, revoked. The secret lives only in this component until it is dismissed. */
export function TokensPanel() {
  const client = useQueryClient();
  const tokens = useQuery({
    queryKey: ['tokens'],
    queryFn: ({ signal }) => request('GET /api/tokens', { query: { limit: 200 }, signal }),
  });
  const [made, setMade] = useState<{ name: string; token: string } | null>(null);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const { busy, run } = useAction();
  const again = () => client.invalidateQueries({ queryKey: ['tokens'] });

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
    <Panel title="API tokens" count={tokens.data?.length} flush>
      {made && (
        <div className={styles['made']} role="status">
          <p>
            <b>{made.name}</b>: copy it now, it is not shown again.
          </p>
          <code>{made.token}</code>
          <div>
            <Button
              startIcon={<Icon name="copy" />}
              onClick={() =>
                void navigator.clipboard.writeText(made.token).then(
                  () => toast('Copied'),
                  () => toast('The browser did not allow copying; select the text', { tone: 'bad' }),
                )
              }
            >
              Copy
            </Button>
            <Button onClick={() => setMade(null)}>Done</Button>
          </div>
        </div>
      )}
      {tokens.error ? (
        <ErrorNote error={tokens.error} onRetry={() => void tokens.refetch()} />
      ) : !tokens.data ? (
        <Loading rows={3} />
      ) : (
        <ul className={styles['list']}>
          {tokens.data.map((token) => (
            <li key={token.id}>
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
            </li>
          ))}
        </ul>
      )}
      <form className={styles['new']} onSubmit={(event) => void create(event)}>
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
    </Panel>
  );
}
