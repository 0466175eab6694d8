import { Link } from '@tanstack/react-router';
import { useExecutions, useSystem } from '../live/use-topic.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { PHONE, useMedia } from '../ui/use-media.ts';
import { ConnectionDot } from './connection.tsx';
import { modKey } from './mod-key.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import { useKeyOf } from '../ui/chosen-keys.ts';
import styles from './navigation.module.css';

interface Props {
  waiting: number;
  onPalette: () => void;
  onShortcuts: () => void;
}

const PLACES: {
  to: '/' | '/desk' | '/inbox' | '/workflows' | '/executions' | '/usage' | '/settings';
  label: string;
  icon: IconName;
  keys: string;
  /** Not among those that a thumb reaches: six are enough there. */
  onlyWide?: boolean;
}[] = [
  { to: '/', label: t('Overview'), icon: 'overview', keys: 'g o' },
  { to: '/desk', label: t('Desk'), icon: 'desk', keys: 'g d', onlyWide: true },
  { to: '/inbox', label: t('Inbox'), icon: 'inbox', keys: 'g i' },
  { to: '/workflows', label: t('Workflows'), icon: 'workflow', keys: 'g w' },
  { to: '/executions', label: t('Executions'), icon: 'execution', keys: 'g e' },
  { to: '/usage', label: t('Usage'), icon: 'usage', keys: 'g u' },
  { to: '/settings', label: t('Settings'), icon: 'settings', keys: 'g s' },
];

/** Left on a desk, at the bottom of a phone. */
export function Navigation({ waiting, onPalette, onShortcuts }: Props) {
  const keyOf = useKeyOf('Everywhere');
  const phone = useMedia(PHONE);
  const active =
    useExecutions().data?.filter((execution) => execution.status === 'running' || execution.status === 'waiting')
      .length ?? 0;
  const troubles = useSystem().data?.incidents?.length ?? 0;
  const links = PLACES.filter(({ onlyWide }) => !phone || !onlyWide).map(({ to, label, icon, keys }) => (
    <Link
      key={to}
      to={to}
      className={styles['link'] ?? ''}
      activeOptions={{ exact: to === '/', includeSearch: false }}
      title={phone ? label : `${label} (${keyOf(keys)})`}
    >
      <Icon name={icon} size={phone ? 20 : 16} />
      <span className={styles['label']}>{label}</span>
      {to === '/inbox' && waiting > 0 && (
        <span className={styles['waiting']} aria-label={t('{waiting} waiting for you', { waiting })}>
          {waiting}
        </span>
      )}
      {to === '/executions' && active > 0 && !phone && (
        <span className={styles['active']} aria-label={t('{active} active', { active })}>
          {active}
        </span>
      )}
    </Link>
  ));
  if (phone) {
    return (
      <>
        <header className={styles['top']}>
          <Brand />
          <ConnectionDot />
          <button type="button" className={styles['round']} aria-label={t('Search and commands')} onClick={onPalette}>
            <Icon name="search" size={20} />
          </button>
        </header>
        <nav className={styles['bar']} aria-label={t('Main')}>
          {links}
        </nav>
      </>
    );
  }
  return (
    <nav className={styles['side']} aria-label={t('Main')}>
      <Brand />
      <button type="button" className={styles['find']} onClick={onPalette}>
        <Icon name="search" size={15} />
        <span>{t('Search or do')}</span>
        <kbd>{rich('{modKey} K', { modKey })}</kbd>
      </button>
      <div className={styles['links']}>
        {links}
        {/* A place only while something is wrong; on a phone it is found in the settings. */}
        {troubles > 0 && (
          <Link to="/incidents" className={styles['link'] ?? ''} title={t('Incidents')}>
            <Icon name="alert" />
            <span className={styles['label']}>{t('Incidents')}</span>
            <span className={styles['waiting']} aria-label={t('{troubles} open', { troubles })}>
              {troubles}
            </span>
          </Link>
        )}
      </div>
      <footer className={styles['foot']}>
        <ConnectionDot />
        <button
          type="button"
          className={styles['keys']}
          onClick={onShortcuts}
          title={t('Keyboard shortcuts (?)')}
          aria-label={t('Keyboard shortcuts')}
        >
          <Icon name="keyboard" size={17} />
        </button>
      </footer>
    </nav>
  );
}

function Brand() {
  return (
    <Link to="/" className={styles['brand'] ?? ''} aria-label={t('Pointsman, overview')}>
      <img src="/favicon.svg" width={22} height={22} alt="" />
      <span>{t('Pointsman')}</span>
    </Link>
  );
}
