import Button from '@mui/material/Button';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../api/api-error.ts';
import { request, type ResponseOf } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Icon } from '../ui/icon.tsx';
import { JsonTree } from '../ui/json-tree.tsx';
import { Panel } from '../ui/panel.tsx';
import { toast } from '../ui/toasts.ts';
import { useAction } from '../ui/use-action.ts';
import { ListPanel } from './list-panel.tsx';
import list from './list-panel.module.css';

type NamedStateEntry = ResponseOf<'GET /api/state/{namespace}'>[number];

/** What agents and workflows share, by namespace; a value that somebody changed meanwhile is not written over. */
export function StatePanel({
  namespace,
  mayWrite,
  onNamespace,
}: {
  namespace: string;
  mayWrite: boolean;
  onNamespace: (namespace: string) => void;
}) {
  const client = useQueryClient();
  const [editing, setEditing] = useState<NamedStateEntry | null>(null);
  const [removing, setRemoving] = useState<NamedStateEntry | null>(null);
  const { busy, run } = useAction();
  const key = ['state', namespace];
  const again = () => client.invalidateQueries({ queryKey: key });
  const changed = (error: unknown): boolean => {
    if (!(error instanceof ApiError) || error.status !== 412) return false;
    toast('Somebody changed this value meanwhile. Look at it again first.', { tone: 'bad' });
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
      return toast('The value is not JSON. Text stands in "double quotes".', { tone: 'bad' });
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
      { done: `${name} is stored`, failed: changed },
    );
  }

  return (
    <>
      <Panel title="Namespace" flush>
        <form
          className={list['new']}
          onSubmit={(event) => {
            event.preventDefault();
            onNamespace(String(new FormData(event.currentTarget).get('namespace')).trim());
          }}
        >
          <input
            name="namespace"
            required
            key={namespace}
            defaultValue={namespace}
            maxLength={200}
            placeholder="Namespace, such as team"
            aria-label="Namespace"
            autoComplete="off"
          />
          <Button type="submit" startIcon={<Icon name="search" />}>
            Show
          </Button>
        </form>
      </Panel>
      {namespace !== '' && (
        <ListPanel
          title={`Shared state of ${namespace}`}
          about="Agents and workflows read and write these values."
          queryKey={key}
          load={(signal) =>
            request('GET /api/state/{namespace}', { params: { namespace }, query: { limit: 200 }, signal })
          }
          keyOf={(entry) => entry.key}
          empty="Nothing is stored under this name."
          row={(entry) => (
            <>
              <div>
                <b>{entry.key}</b>
                <JsonTree value={entry.value} open={1} />
                <span>
                  version {entry.version}, changed <Age since={entry.updatedAt} ago />
                </span>
              </div>
              {mayWrite && (
                <>
                  <Button onClick={() => setEditing(entry)}>Edit</Button>
                  <Button color="error" startIcon={<Icon name="trash" />} onClick={() => setRemoving(entry)}>
                    Remove
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
                placeholder="Key"
                aria-label="Key"
                autoComplete="off"
                defaultValue={editing?.key}
                readOnly={editing !== null}
              />
              <input
                name="value"
                required
                placeholder="Value as JSON"
                aria-label="Value as JSON"
                autoComplete="off"
                defaultValue={editing ? JSON.stringify(editing.value) : ''}
              />
              <Button type="submit" disabled={busy} startIcon={<Icon name={editing ? 'check' : 'plus'} />}>
                Store
              </Button>
              {editing && <Button onClick={() => setEditing(null)}>Cancel</Button>}
            </form>
          )}
        </ListPanel>
      )}
      {removing && (
        <Confirm
          title={`Remove ${removing.key}?`}
          action="Remove"
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
              { done: `${removing.key} is removed`, failed: changed },
            )
          }
        >
          Whoever reads it finds nothing from now on.
        </Confirm>
      )}
    </>
  );
}
