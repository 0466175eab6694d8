import { Outlet, useNavigate, useRouter } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useInbox } from '../live/use-topic.ts';
import { registerServiceWorker, tidyNotifications } from '../push/service-worker.ts';
import { focusNewPage, keepFocus } from '../ui/kept-focus.ts';
import { useKeys } from '../ui/keys.ts';
import { toggleTheme } from '../ui/theme-mode.ts';
import { setWaitingCount } from './document-title.ts';
import { ConnectionBar } from './connection.tsx';
import { OpeningFinder } from './opening-finder.tsx';
import { Navigation } from './navigation.tsx';
import { t } from '../words/words.ts';
import styles from './app-shell.module.css';

const CommandPalette = lazy(() =>
  import('./command-palette.tsx').then((module) => ({ default: module.CommandPalette })),
);
const ShortcutsSheet = lazy(() =>
  import('./shortcuts-sheet.tsx').then((module) => ({ default: module.ShortcutsSheet })),
);

/** Navigation around every page, and what works on all of them. */
export function AppShell() {
  const navigate = useNavigate();
  const [sheet, setSheet] = useState<'palette' | 'shortcuts' | null>(null);
  const [typed, setTyped] = useState('');
  const show = (next: typeof sheet): void => {
    setTyped('');
    setSheet(next);
  };
  const open = useInbox().data?.open;
  const waiting = open?.length ?? 0;
  useEffect(() => setWaitingCount(waiting), [waiting]);
  useEffect(() => registerServiceWorker((address) => void navigate({ href: address })), [navigate]);
  useEffect(() => {
    if (open) void tidyNotifications(open.length);
  }, [open]);
  const router = useRouter();
  useEffect(() => keepFocus(), []);
  useEffect(() => {
    let shown = router.latestLocation.pathname;
    return router.subscribe('onRendered', ({ toLocation }) => {
      if (toLocation.pathname === shown) return;
      shown = toLocation.pathname;
      focusNewPage();
    });
  }, [router]);
  useKeys('Everywhere', {
    'mod+k': [t('Search and commands'), () => show(sheet === 'palette' ? null : 'palette')],
    '?': [t('This sheet'), () => show('shortcuts')],
    'g o': [t('Overview'), () => void navigate({ to: '/' })],
    'g t': [t('Wall of terminals'), () => void navigate({ to: '/wall' })],
    'g d': [t('Desk'), () => void navigate({ to: '/desk' })],
    'g i': [t('Inbox'), () => void navigate({ to: '/inbox' })],
    'g w': [t('Workflows'), () => void navigate({ to: '/workflows' })],
    'g e': [t('Executions'), () => void navigate({ to: '/executions' })],
    'g u': [t('Usage'), () => void navigate({ to: '/usage' })],
    'g s': [t('Settings'), () => void navigate({ to: '/settings' })],
    't t': [t('Light or dark'), () => toggleTheme()],
  });
  return (
    <div className={styles['shell']}>
      <a href="#main" className={styles['skip']}>
        {t('Skip to the page')}
      </a>
      <Navigation waiting={waiting} onPalette={() => show('palette')} onShortcuts={() => show('shortcuts')} />
      <main id="main" className={styles['main']} tabIndex={-1}>
        <ConnectionBar />
        <Outlet />
      </main>
      <Suspense fallback={<OpeningFinder label={t('Search and commands')} onType={setTyped} />}>
        {sheet === 'palette' && (
          <CommandPalette typed={typed} onClose={() => show(null)} onShortcuts={() => show('shortcuts')} />
        )}
      </Suspense>
      <Suspense fallback={null}>{sheet === 'shortcuts' && <ShortcutsSheet onClose={() => show(null)} />}</Suspense>
    </div>
  );
}
