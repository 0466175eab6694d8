import Button from '@mui/material/Button';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../api/api-error.ts';
import { request, type ResponseOf } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Icon } from '../ui/icon.tsx';
import { JsonTree } from '../ui/json-tree.tsx';
import { toast } from '../ui/toasts.ts';
import { useAction } from '../ui/use-action.ts';
import { ListPanel } from './list-panel.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import list from './list-panel.module.css';

type NamedStateEntry = ResponseOf<'GET /api/state/{namespace}'>[number];

/** What agents and workflows share in a namespace; a value that somebody changed meanwhile is not written over. */
export function StatePanel({ namespace, mayWrite }: { namespace: string; mayWrite: boolean }) {
  const client = useQueryClient();
  const [editing, setEditing] = useState<NamedStateEntry | null>(null);
  const [removing, setRemoving] = useState<NamedStateEntry | null>(null);
  const { busy, run } = useAction();
  const again = () => client.invalidateQueries({ queryKey: ['state'] });
  const changed = (error: unknown): boolean => {
    if (!(error instanceof ApiError) || error.status !== 412) return false;
    toast(t('Somebody changed this value meanwhile. Look at it again first.'), { tone: 'bad' });
    void again();
    return true;
  };

  async function put(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const name = editing?.key ?? String(data.get('key')).trim();
    let value: unknown;
    try {
      value = JSON.parse(String(data.get('value')));
    } catch {
      return toast(t('The value is not JSON. Text stands in "double quotes".'), { tone: 'bad' });
    }
    await run(
      async () => {
        await request('PUT /api/state/{namespace}/{key}', {
          params: { namespace, key: name },
          body: { value },
          ...(editing ? { headers: { 'if-match': `"${editing.version}"` } } : {}),
        });
        form.reset();
        setEditing(null);
        await again();
      },
      { done: t('{name} is stored', { name }), failed: changed },
    );
  }

  return (
    <>
      <ListPanel
        title={t('Shared state of {namespace}', { namespace })}
        about={t('Agents and workflows read and write these values.')}
        queryKey={['state', namespace]}
        load={(signal) =>
          request('GET /api/state/{namespace}', { params: { namespace }, query: { limit: 200 }, signal })
        }
        keyOf={(entry) => entry.key}
        empty={t('Nothing is stored under this name.')}
        actions={
          <Link to="/settings/administration" search={{ tab: 'state' }}>
            {t('All namespaces')}
          </Link>
        }
        row={(entry) => (
          <>
            <div>
              <b>{entry.key}</b>
              <JsonTree value={entry.value} open={1} />
              <span>
                {rich('version {version}, changed {updatedAt}', {
                  version: entry.version,
                  updatedAt: <Age since={entry.updatedAt} ago />,
                })}
              </span>
            </div>
            {mayWrite && (
              <>
                <Button onClick={() => setEditing(entry)}>{t('Edit')}</Button>
                <Button color="error" startIcon={<Icon name="trash" />} onClick={() => setRemoving(entry)}>
                  {t('Remove')}
                </Button>
              </>
            )}
          </>
        )}
      >
        {mayWrite && (
          <form key={editing?.key ?? ''} className={list['new']} onSubmit={(event) => void put(event)}>
            <input
              name="key"
              required
              maxLength={200}
              placeholder={t('Key')}
              aria-label={t('Key')}
              autoComplete="off"
              defaultValue={editing?.key}
              readOnly={editing !== null}
            />
            <input
              name="value"
              required
              placeholder={t('Value as JSON')}
              aria-label={t('Value as JSON')}
              autoComplete="off"
              defaultValue={editing ? JSON.stringify(editing.value) : ''}
            />
            <Button type="submit" disabled={busy} startIcon={<Icon name={editing ? 'check' : 'plus'} />}>
              {t('Store')}
            </Button>
            {editing && <Button onClick={() => setEditing(null)}>{t('Cancel')}</Button>}
          </form>
        )}
      </ListPanel>
      {removing && (
        <Confirm
          title={t('Remove {key}?', { key: removing.key })}
          action={t('Remove')}
          onClose={() => setRemoving(null)}
          onConfirm={() =>
            void run(
              async () => {
                await request('DELETE /api/state/{namespace}/{key}', {
                  params: { namespace, key: removing.key },
                  headers: { 'if-match': `"${removing.version}"` },
                });
                await again();
              },
              { done: t('{key} is removed', { key: removing.key }), failed: changed },
            )
          }
        >
          {t('Whoever reads it finds nothing from now on.')}
        </Confirm>
      )}
    </>
  );
}
