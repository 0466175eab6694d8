import { useQuery } from '@tanstack/react-query';
import { request } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Panel } from '../ui/panel.tsx';
import { plural } from '../ui/time-words.ts';
import { ListPanel } from './list-panel.tsx';
import styles from './machines-panel.module.css';

/** The machines of this installation, and the configuration in force on this one. */
export function MachinesPanel() {
  const settings = useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => request('GET /api/settings', { signal }),
  });
  return (
    <>
      <ListPanel
        title="Hosts"
        about="Processes that serve, advance executions or run agents, by the machine they are on."
        queryKey={['hosts']}
        load={(signal) => request('GET /api/hosts', { signal })}
        keyOf={({ id }) => id}
        empty="No host has reported."
        row={({ name, roles, agents, startedAt, lastSeenAt }) => (
          <div>
            <b>{name}</b>
            <span>
              {roles.join(', ')} · {plural(agents, 'agent')} · started <Age since={startedAt} ago /> · seen{' '}
              <Age since={lastSeenAt} ago />
            </span>
          </div>
        )}
      />
      <Panel title="Configuration" flush>
        {settings.error ? (
          <ErrorNote error={settings.error} onRetry={() => void settings.refetch()} />
        ) : !settings.data ? (
          <Loading rows={6} />
        ) : (
          <table className={styles['table']}>
            <thead>
              <tr>
                <th scope="col">Setting</th>
                <th scope="col">Value</th>
                <th scope="col">What it means</th>
              </tr>
            </thead>
            <tbody>
              {settings.data.map(({ name, variable, value, default: usual, meaning }) => (
                <tr key={name}>
                  <th scope="row">
                    {name}
                    <small>{variable}</small>
                  </th>
                  <td>
                    <code>{words(value)}</code>
                    {words(value) !== words(usual) && <small>usually {words(usual)}</small>}
                  </td>
                  <td>{meaning}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Panel>
    </>
  );
}

function words(value: unknown): string {
  if (value === null) return 'unset';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
