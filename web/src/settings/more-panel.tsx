import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { definitionsQuery } from '../api/queries.ts';
import { useSystem } from '../live/use-topic.ts';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { plural } from '../ui/time-words.ts';
import styles from './more-panel.module.css';

/** The settings that have a page of their own. */
export function MorePanel() {
  const definitions = useQuery(definitionsQuery).data;
  const broken = definitions?.filter(({ problems }) => problems.length > 0).length ?? 0;
  const incidents = useSystem().data?.incidents?.length ?? 0;
  return (
    <Panel title="More" flush>
      <ul className={styles['list']}>
        <li>
          <Link to="/settings/definitions" search={{}}>
            <Icon name="file" />
            <span>
              <b>Agent definitions</b>
              <small>
                {definitions ? plural(definitions.length, 'file') : 'What agents are told'}
                {broken > 0 && <em>, {broken} not valid</em>}
              </small>
            </span>
            <Icon name="chevronRight" />
          </Link>
        </li>
        <li>
          <Link to="/settings/administration" search={{}}>
            <Icon name="settings" />
            <span>
              <b>Administration</b>
              <small>People, secrets, channels, shared state, hosts, configuration, retention and the audit</small>
            </span>
            <Icon name="chevronRight" />
          </Link>
        </li>
        <li>
          <Link to="/usage" search={{}}>
            <Icon name="usage" />
            <span>
              <b>Usage and budgets</b>
              <small>Tokens and cost by day, and what limits them</small>
            </span>
            <Icon name="chevronRight" />
          </Link>
        </li>
        <li>
          <Link to="/incidents">
            <Icon name="alert" />
            <span>
              <b>Incidents</b>
              <small>{incidents > 0 ? <em>{incidents} open</em> : 'What went wrong, and how it ended'}</small>
            </span>
            <Icon name="chevronRight" />
          </Link>
        </li>
      </ul>
    </Panel>
  );
}
