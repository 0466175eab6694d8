import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { definitionsQuery } from '../api/queries.ts';
import { useSystem } from '../live/use-topic.ts';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import styles from './more-panel.module.css';

/** The settings that have a page of their own. */
export function MorePanel() {
  const definitions = useQuery(definitionsQuery).data;
  const broken = definitions?.filter(({ problems }) => problems.length > 0).length ?? 0;
  const incidents = useSystem().data?.incidents?.length ?? 0;
  return (
    <Panel title={t('More')} flush>
      <ul className={styles['list']}>
        <li>
          <Link to="/settings/definitions" search={{}}>
            <Icon name="file" />
            <span>
              <b>{t('Agent definitions')}</b>
              <small>
                {definitions ? plural(definitions.length, 'file') : t('What agents are told')}
                {broken > 0 && <em>{rich(', {broken} not valid', { broken })}</em>}
              </small>
            </span>
            <Icon name="chevronRight" />
          </Link>
        </li>
        <li>
          <Link to="/settings/administration" search={{}}>
            <Icon name="settings" />
            <span>
              <b>{t('Administration')}</b>
              <small>
                {t('People, secrets, channels, shared state, hosts, configuration, retention and the audit')}
              </small>
            </span>
            <Icon name="chevronRight" />
          </Link>
        </li>
        <li>
          <Link to="/usage" search={{}}>
            <Icon name="usage" />
            <span>
              <b>{t('Usage and budgets')}</b>
              <small>{t('Tokens and cost by day, and what limits them')}</small>
            </span>
            <Icon name="chevronRight" />
          </Link>
        </li>
        <li>
          <Link to="/incidents">
            <Icon name="alert" />
            <span>
              <b>{t('Incidents')}</b>
              <small>
                {incidents > 0 ? (
                  <em>{rich('{incidents} open', { incidents })}</em>
                ) : (
                  t('What went wrong, and how it ended')
                )}
              </small>
            </span>
            <Icon name="chevronRight" />
          </Link>
        </li>
      </ul>
    </Panel>
  );
}
