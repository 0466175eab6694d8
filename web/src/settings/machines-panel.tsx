import { useQuery } from '@tanstack/react-query';
import { settingsQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Panel } from '../ui/panel.tsx';
import { ListPanel } from './list-panel.tsx';
import { sourceWords } from './setting-source.tsx';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import styles from './machines-panel.module.css';

/** The machines of this installation, and the configuration in force on this one. */
export function MachinesPanel() {
  const settings = useQuery(settingsQuery);
  return (
    <>
      <ListPanel
        title={t('Hosts')}
        about={t('Processes that serve, advance executions or run agents, by the machine they are on.')}
        queryKey={['hosts']}
        load={(signal) => request('GET /api/hosts', { signal })}
        keyOf={({ id }) => id}
        empty={t('No host has reported.')}
        row={({ name, roles, agents, startedAt, lastSeenAt }) => (
          <div>
            <b>{name}</b>
            <span>
              {rich('{roles} · {agents} · started {startedAt} · seen {lastSeenAt}', {
                roles: roles.join(', '),
                agents: plural(agents, 'agent'),
                startedAt: <Age since={startedAt} ago />,
                lastSeenAt: <Age since={lastSeenAt} ago />,
              })}
            </span>
          </div>
        )}
      />
      <Panel title={t('Configuration')} flush>
        {settings.error ? (
          <ErrorNote error={settings.error} onRetry={() => void settings.refetch()} />
        ) : !settings.data ? (
          <Loading rows={6} />
        ) : (
          <>
            <p className={styles['note']}>
              {rich(
                'Read when the server starts. To change a setting, write it in {file} and start the server again; a variable comes before the file, and a flag before both.',
                { file: <code>{settings.data[0]?.file}</code> },
              )}
            </p>
            <table className={styles['table']}>
              <thead>
                <tr>
                  <th scope="col">{t('Setting')}</th>
                  <th scope="col">{t('Value')}</th>
                  <th scope="col">{t('What it means')}</th>
                </tr>
              </thead>
              <tbody>
                {settings.data.map((setting) => (
                  <tr key={setting.name}>
                    <th scope="row">
                      {setting.name}
                      <small>{setting.variable}</small>
                    </th>
                    <td>
                      <code>{words(setting.value)}</code>
                      {setting.source !== 'default' && (
                        <small>
                          {rich('{setting}; usually {words}', {
                            setting: sourceWords(setting),
                            words: words(setting.default),
                          })}
                        </small>
                      )}
                    </td>
                    <td>{setting.meaning}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </>
        )}
      </Panel>
    </>
  );
}

function words(value: unknown): string {
  if (value !== null && typeof value === 'object' && Object.keys(value).length === 0) return 'none';
  if (value === null) return 'unset';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
