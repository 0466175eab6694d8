import Button from '@mui/material/Button';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { AgentDefinitionEntry } from '../../../src/contract/agent-definitions.ts';
import { definitionsQuery, meQuery } from '../api/queries.ts';
import { Page } from '../shell/page.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { PHONE, useMedia } from '../ui/use-media.ts';
import { DefinitionEditor } from './definition-editor.tsx';
import { NewDefinition } from './new-definition.tsx';
import { plural, t } from '../words/words.ts';
import styles from './definitions-page.module.css';

const ImportDialog = lazy(() => import('./import-dialog.tsx').then((module) => ({ default: module.ImportDialog })));

/** The files that say what agents are told: all of them, and one to read and change. */
export function DefinitionsPage() {
  const search = useSearch({ from: '/app/settings/definitions' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const phone = useMedia(PHONE);
  const me = useQuery(meQuery).data;
  const definitions = useQuery(definitionsQuery);
  const [importing, setImporting] = useState(false);
  const operates = me?.permissions.includes('operate') ?? false;
  const administers = me?.permissions.includes('administer') ?? false;
  const begin = () => void navigate({ to: '/settings/definitions', search: { create: true } });
  const one =
    search.create && operates ? (
      <NewDefinition />
    ) : search.name !== undefined ? (
      <DefinitionEditor
        key={search.name}
        name={search.name}
        view={search.view}
        mayWrite={operates}
        mayRemove={administers}
      />
    ) : null;
  const create = operates && (
    <Button variant="contained" color="primary" startIcon={<Icon name="plus" />} onClick={begin}>
      {t('New definition')}
    </Button>
  );
  const take = administers && (
    <Button startIcon={<Icon name="download" />} onClick={() => setImporting(true)}>
      {t('Import a directory')}
    </Button>
  );
  return (
    <Page
      title={phone && one ? (search.name ?? t('New definition')) : t('Agent definitions')}
      back={
        phone && one
          ? { to: '/settings/definitions', label: t('Definitions') }
          : { to: '/settings', label: t('Settings') }
      }
      actions={
        !(phone && one) && (
          <>
            <Button
              startIcon={<Icon name="restart" />}
              disabled={definitions.isFetching}
              onClick={() => void client.invalidateQueries({ queryKey: ['definitions'] })}
            >
              {t('Read again')}
            </Button>
            {take}
            {create}
          </>
        )
      }
      meta={
        !(phone && one) && (
          <span>
            {t(
              'Markdown files with front matter that say what agents are told. One serves any number of agents; they get a change at their next start.',
            )}
          </span>
        )
      }
    >
      <div className={styles['columns']}>
        {!(phone && one) && (
          <Panel title={t('Definitions')} count={definitions.data?.length} flush>
            {definitions.error ? (
              <ErrorNote error={definitions.error} onRetry={() => void definitions.refetch()} />
            ) : !definitions.data ? (
              <Loading rows={6} label={t('Loading the definitions')} />
            ) : definitions.data.length === 0 ? (
              <Empty
                icon="file"
                title={t('No definitions yet')}
                action={
                  <>
                    {take}
                    {create}
                  </>
                }
              >
                {t('Write one here, or take over the agents that you have for Claude Code.')}
              </Empty>
            ) : (
              <DefinitionList definitions={definitions.data} selected={search.name} />
            )}
          </Panel>
        )}
        {one ??
          (!phone && definitions.data !== undefined && definitions.data.length > 0 && (
            <Panel flush>
              <Empty icon="file" title={t('Choose a definition')}>
                {t('To read what it says, and to change it.')}
              </Empty>
            </Panel>
          ))}
      </div>
      {importing && (
        <Suspense fallback={null}>
          <ImportDialog onClose={() => setImporting(false)} />
        </Suspense>
      )}
    </Page>
  );
}

function DefinitionList({
  definitions,
  selected,
}: {
  definitions: readonly AgentDefinitionEntry[];
  selected: string | undefined;
}) {
  return (
    <ul className={styles['list']}>
      {definitions.map((each) => (
        <li key={each.file}>
          <Link
            to="/settings/definitions"
            search={{ name: each.name }}
            className={styles['entry'] ?? ''}
            activeOptions={{ exact: true }}
            data-selected={each.name === selected}
          >
            <span className={styles['line']}>
              <b>{each.name}</b>
              {each.problems.length > 0 && <StatusBadge look={{ word: t('Not valid'), icon: 'alert', tone: 'bad' }} />}
            </span>
            <span className={styles['says']}>{each.description ?? t('Nothing of it was ever in force.')}</span>
            {each.problems[0] && (
              <span className={styles['problem']}>
                {each.problems[0].line !== undefined && t('Line {line}: ', { line: each.problems[0].line })}
                {each.problems[0].message}
                {each.description !== undefined && t(' What it said before counts.')}
              </span>
            )}
            <span className={styles['facts']}>
              <code>{each.file}</code>
              <span title={each.agents.join(', ')}>
                {each.agents.length === 0
                  ? t('not used')
                  : each.agents.length === 1
                    ? t('used by {agents}', { agents: each.agents[0] })
                    : t('used by {count}', { count: plural(each.agents.length, 'agent') })}
              </span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
