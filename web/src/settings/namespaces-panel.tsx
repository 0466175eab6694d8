import Button from '@mui/material/Button';
import { Link } from '@tanstack/react-router';
import { request } from '../api/request.ts';
import { Age } from '../ui/age.tsx';
import { Icon } from '../ui/icon.tsx';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import { ListPanel } from './list-panel.tsx';
import list from './list-panel.module.css';

/** Every namespace that has values, and a way to one that has none yet. */
export function NamespacesPanel({ onNamespace }: { onNamespace: (namespace: string) => void }) {
  return (
    <ListPanel
      title={t('Namespaces')}
      about={t('Agents and workflows share values here. A namespace is there from its first value to its last.')}
      queryKey={['state']}
      load={(signal) => request('GET /api/state', { query: { limit: 200 }, signal })}
      keyOf={({ namespace }) => namespace}
      empty={t('Nothing is shared yet.')}
      row={({ namespace, entries, updatedAt }) => (
        <div>
          <Link to="/settings/administration" search={{ tab: 'state', namespace }}>
            <b>{namespace}</b>
          </Link>
          <span>
            {rich('{entries}, changed {updatedAt}', {
              entries: plural(entries, 'value'),
              updatedAt: <Age since={updatedAt} ago />,
            })}
          </span>
        </div>
      )}
    >
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
          maxLength={200}
          placeholder={t('Namespace, such as team')}
          aria-label={t('Namespace')}
          autoComplete="off"
        />
        <Button type="submit" startIcon={<Icon name="search" />}>
          {t('Show')}
        </Button>
      </form>
    </ListPanel>
  );
}
