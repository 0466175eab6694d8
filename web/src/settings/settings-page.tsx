import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { doctorQuery, meQuery } from '../api/queries.ts';
import { useSystem } from '../live/use-topic.ts';
import { NotificationsPanel } from '../push/notifications-panel.tsx';
import { Page } from '../shell/page.tsx';
import { signOut } from '../shell/sign-out.ts';
import { Age } from '../ui/age.tsx';
import { type Density, setDensity, useDensity } from '../ui/density.ts';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { setThemeMode, type ThemeMode, useThemeMode } from '../ui/theme-mode.ts';
import type { Look } from '../ui/tone.ts';
import { EmbedsPanel } from './embeds-panel.tsx';
import { MorePanel } from './more-panel.tsx';
import { RulesPanel } from './rules-panel.tsx';
import { TokensPanel } from './tokens-panel.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './settings-page.module.css';

const CHECK_LOOK: Record<'ok' | 'warning' | 'failed', Look> = {
  ok: { word: 'OK', icon: 'check', tone: 'ok' },
  warning: { word: t('Warning'), icon: 'alert', tone: 'warn' },
  failed: { word: t('Failed'), icon: 'cross', tone: 'bad' },
};
const MODES: ThemeMode[] = ['system', 'light', 'dark'];
const DENSITIES: Density[] = ['comfortable', 'compact'];

export function SettingsPage() {
  const me = useQuery(meQuery);
  const doctor = useQuery(doctorQuery);
  const system = useSystem().data;
  const mode = useThemeMode();
  const density = useDensity();
  const admin = me.data?.permissions.includes('administer') ?? false;
  const operates = me.data?.permissions.includes('operate') ?? false;
  return (
    <Page
      title={t('Settings')}
      actions={
        <Button href="/api/docs" target="_blank" rel="noopener" startIcon={<Icon name="external" />}>
          {t('API reference')}
        </Button>
      }
    >
      <div className={styles['columns']}>
        <div className={styles['column']}>
          <Panel title={t('You')}>
            {me.data && (
              <dl className={styles['facts']}>
                <dt>{t('Name')}</dt>
                <dd>{me.data.name}</dd>
                <dt>{t('Role')}</dt>
                <dd>{me.data.role}</dd>
                <dt>{t('May')}</dt>
                <dd>{me.data.permissions.join(', ')}</dd>
              </dl>
            )}
            <Button startIcon={<Icon name="user" />} onClick={() => void signOut()}>
              {t('Sign out')}
            </Button>
          </Panel>
          <Panel title={t('Appearance')}>
            <div className={styles['modes']} role="radiogroup" aria-label={t('Theme')}>
              {MODES.map((each) => (
                <button
                  key={each}
                  type="button"
                  role="radio"
                  aria-checked={mode === each}
                  onClick={() => setThemeMode(each)}
                >
                  <Icon name={each === 'light' ? 'sun' : each === 'dark' ? 'moon' : 'settings'} />
                  {each === 'system' ? t('System') : each === 'light' ? t('Light') : t('Dark')}
                </button>
              ))}
            </div>
            <div className={styles['densities']} role="radiogroup" aria-label={t('Density of lists')}>
              {DENSITIES.map((each) => (
                <button
                  key={each}
                  type="button"
                  role="radio"
                  aria-checked={density === each}
                  onClick={() => setDensity(each)}
                >
                  {each === 'compact' ? t('Compact') : t('Comfortable')}
                </button>
              ))}
            </div>
          </Panel>
          <NotificationsPanel />
          <MorePanel />
        </div>
        <div className={styles['column']}>
          <Panel
            title={t('This installation')}
            flush
            actions={
              <Button
                startIcon={<Icon name="restart" />}
                disabled={doctor.isFetching}
                onClick={() => void doctor.refetch()}
              >
                {t('Check again')}
              </Button>
            }
          >
            {system?.version && (
              <p className={styles['version']}>
                {rich('Pointsman {version}', { version: system.version })}
                {system.startedAt && (
                  <>{rich(', up for {startedAt}', { startedAt: <Age since={system.startedAt} /> })}</>
                )}
              </p>
            )}
            {doctor.error ? (
              <ErrorNote error={doctor.error} onRetry={() => void doctor.refetch()} />
            ) : !doctor.data ? (
              // As high as the checks are, so that what is below them stays below them.
              <Loading rows={30} label={t('Checking')} />
            ) : (
              <ul className={styles['checks']}>
                {doctor.data.map((check) => (
                  <li key={check.check}>
                    <span className={styles['verdict']}>
                      <StatusBadge look={CHECK_LOOK[check.status]} />
                    </span>
                    <div>
                      <b>{check.check}</b>
                      <p>{check.detail}</p>
                      {check.next && <p className={styles['next']}>{check.next}</p>}
                    </div>
                  </li>
                ))}
              </ul>
            )}
          </Panel>
          <RulesPanel admin={admin} />
          {admin && <TokensPanel />}
          {operates && <EmbedsPanel admin={admin} />}
        </div>
      </div>
    </Page>
  );
}
