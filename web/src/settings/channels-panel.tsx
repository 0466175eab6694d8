import Button from '@mui/material/Button';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Channel, PutChannel } from '../../../src/contract/channels.ts';
import { request } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Icon } from '../ui/icon.tsx';
import { useAction } from '../ui/use-action.ts';
import { ListPanel } from './list-panel.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import list from './list-panel.module.css';

const KEY = ['channels'];

/** Where `notify` steps send messages. */
export function ChannelsPanel() {
  const client = useQueryClient();
  const [kind, setKind] = useState<Channel['kind']>('webhook');
  const [removing, setRemoving] = useState<string | null>(null);
  const { busy, run } = useAction();

  async function put(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const text = (field: string): string => String(data.get(field) ?? '').trim();
    const name = text('name');
    const body: PutChannel =
      kind === 'slack' ? { kind, url: text('url') } : { kind, url: text('url'), secret: text('secret') };
    await run(
      async () => {
        await request('PUT /api/channels/{name}', { params: { name }, body });
        form.reset();
        await client.invalidateQueries({ queryKey: KEY });
      },
      { done: t('{name} is stored', { name }) },
    );
  }

  return (
    <ListPanel
      title={t('Channels')}
      about={t('Where notify steps of workflows send messages. Addresses that are credentials are stored as secrets.')}
      queryKey={KEY}
      load={(signal) => request('GET /api/channels', { query: { limit: 200 }, signal })}
      keyOf={({ name }) => name}
      empty={t('No channel is named.')}
      row={({ name, kind: itsKind, url, updatedAt }) => (
        <>
          <div>
            <b>{name}</b>
            <span>
              {rich('{itsKind} · {url} · changed {updatedAt}', {
                itsKind,
                url,
                updatedAt: <Age since={updatedAt} ago />,
              })}
            </span>
          </div>
          <Button
            disabled={busy}
            startIcon={<Icon name="send" />}
            onClick={() =>
              void run(
                async () => {
                  await request('POST /api/channels/{name}/test', { params: { name } });
                },
                { done: t('{name} has taken a message', { name }) },
              )
            }
          >
            {t('Test')}
          </Button>
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
          maxLength={64}
          placeholder={t('Name')}
          aria-label={t('Name of the channel')}
          autoComplete="off"
        />
        <select
          aria-label={t('Kind of the channel')}
          value={kind}
          onChange={(event) => setKind(event.target.value === 'slack' ? 'slack' : 'webhook')}
        >
          <option value="webhook">{t('Webhook')}</option>
          <option value="slack">{t('Slack')}</option>
        </select>
        <input
          name="url"
          required
          maxLength={2048}
          placeholder={kind === 'slack' ? t('secret:NAME of the address') : t('https://… or secret:NAME')}
          aria-label={t('Address of the channel')}
          autoComplete="off"
        />
        {kind === 'webhook' && (
          <input
            name="secret"
            required
            maxLength={64}
            placeholder={t('Secret that signs')}
            aria-label={t('Name of the secret that signs')}
            autoComplete="off"
          />
        )}
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
                await request('DELETE /api/channels/{name}', { params: { name: removing } });
                await client.invalidateQueries({ queryKey: KEY });
              },
              { done: t('{removing} is removed', { removing }) },
            )
          }
        >
          {t('Steps that send to it fail from now on.')}
        </Confirm>
      )}
    </ListPanel>
  );
}
