import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { meQuery } from '../api/queries.ts';
import { Page } from '../shell/page.tsx';
import { Empty } from '../ui/empty.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { AuditPanel } from './audit-panel.tsx';
import { ChannelsPanel } from './channels-panel.tsx';
import { MachinesPanel } from './machines-panel.tsx';
import { NamespacesPanel } from './namespaces-panel.tsx';
import { PeoplePanel } from './people-panel.tsx';
import { RetentionPanel } from './retention-panel.tsx';
import { SecretsPanel } from './secrets-panel.tsx';
import { StatePanel } from './state-panel.tsx';
import { t } from '../words/words.ts';
import styles from './administration-page.module.css';

const TABS = [
  { value: 'people', label: t('People') },
  { value: 'secrets', label: t('Secrets') },
  { value: 'channels', label: t('Channels') },
  { value: 'state', label: t('Shared state') },
  { value: 'machines', label: t('Hosts and configuration') },
  { value: 'retention', label: t('Retention') },
  { value: 'audit', label: t('Audit') },
];

/** What an administrator keeps in order; shared state is for everybody. */
export function AdministrationPage() {
  const { tab = 'people', namespace = '' } = useSearch({ from: '/app/settings/administration' });
  const navigate = useNavigate();
  const me = useQuery(meQuery).data;
  const administers = me?.permissions.includes('administer') ?? false;
  const shown = administers ? tab : 'state';
  const go = (search: { tab: string; namespace?: string }): void =>
    void navigate({ to: '/settings/administration', search, replace: true });
  return (
    <Page title={t('Administration')} back={{ to: '/settings', label: t('Settings') }}>
      <Tabs
        label={t('Administration')}
        value={shown}
        onChange={(value) => go({ tab: value })}
        tabs={administers ? TABS : TABS.filter(({ value }) => value === 'state')}
      />
      <div className={styles['panels']}>
        {me &&
          (shown === 'people' ? (
            <PeoplePanel />
          ) : shown === 'secrets' ? (
            <SecretsPanel />
          ) : shown === 'channels' ? (
            <ChannelsPanel />
          ) : shown === 'state' ? (
            namespace === '' ? (
              <NamespacesPanel onNamespace={(next) => go({ tab: 'state', namespace: next })} />
            ) : (
              <StatePanel key={namespace} namespace={namespace} mayWrite={me.permissions.includes('operate')} />
            )
          ) : shown === 'machines' ? (
            <MachinesPanel />
          ) : shown === 'retention' ? (
            <RetentionPanel />
          ) : shown === 'audit' ? (
            <AuditPanel />
          ) : (
            <Empty icon="question" title={t('There is no such part')} />
          ))}
      </div>
    </Page>
  );
}
