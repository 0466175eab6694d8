import Button from '@mui/material/Button';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Icon } from '../ui/icon.tsx';
import { useAction } from '../ui/use-action.ts';
import { ListPanel } from './list-panel.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import list from './list-panel.module.css';

const KEY = ['secrets'];

/** Values by name. What is typed here goes one way: nobody reads it back. */
export function SecretsPanel() {
  const client = useQueryClient();
  const [removing, setRemoving] = useState<string | null>(null);
  const { busy, run } = useAction();

  async function put(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const name = String(data.get('name')).trim();
    await run(
      async () => {
        await request('PUT /api/secrets/{name}', { params: { name }, body: { value: String(data.get('value')) } });
        form.reset();
        await client.invalidateQueries({ queryKey: KEY });
      },
      { done: t('{name} is stored', { name }) },
    );
  }

  return (
    <ListPanel
      title={t('Secrets')}
      about={
        <>
          {rich(
            'Agents and workflows use them as {code}. A name that exists gets the new value; agents have it from their next start.',
            { code: <code>secret:NAME</code> },
          )}
        </>
      }
      queryKey={KEY}
      load={(signal) => request('GET /api/secrets', { query: { limit: 200 }, signal })}
      keyOf={({ name }) => name}
      empty={t('No secret is stored.')}
      row={({ name, createdBy, updatedAt }) => (
        <>
          <div>
            <b>{name}</b>
            <span>
              {rich('by {createdBy}, changed {updatedAt}', { createdBy, updatedAt: <Age since={updatedAt} ago /> })}
            </span>
          </div>
          <Button color="error" startIcon={<Icon name="trash" />} onClick={() => setRemoving(name)}>
            {t('Remove')}
          </Button>
        </>
      )}
    >
      <form className={list['new']} onSubmit={(event) => void put(event)}>
        <input
          name="name"
          required
          pattern="[A-Za-z_][A-Za-z0-9_]{0,63}"
          title={t('Letters, digits and _, not beginning with a digit')}
          placeholder="NAME"
          aria-label={t('Name of the secret')}
          autoComplete="off"
        />
        <input
          name="value"
          type="password"
          required
          placeholder={t('Value')}
          aria-label={t('Value of the secret')}
          autoComplete="off"
        />
        <Button type="submit" disabled={busy} startIcon={<Icon name="plus" />}>
          {t('Store')}
        </Button>
      </form>
      {removing !== null && (
        <Confirm
          title={t('Remove {removing}?', { removing })}
          action={t('Remove')}
          onClose={() => setRemoving(null)}
          onConfirm={() =>
            void run(
              async () => {
                await request('DELETE /api/secrets/{name}', { params: { name: removing } });
                await client.invalidateQueries({ queryKey: KEY });
              },
              { done: t('{removing} is removed', { removing }) },
            )
          }
        >
          {t('Agents that use it do not start any more, and steps that use it fail.')}
        </Confirm>
      )}
    </ListPanel>
  );
}
