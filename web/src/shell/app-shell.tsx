import { Outlet, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useInbox } from '../live/use-topic.ts';
import { registerServiceWorker, tidyNotifications } from '../push/service-worker.ts';
import { useKeys } from '../ui/keys.ts';
import { toggleTheme } from '../ui/theme-mode.ts';
import { setWaitingCount } from './document-title.ts';
import { ConnectionBar } from './connection.tsx';
import { Navigation } from './navigation.tsx';
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
  const open = useInbox().data?.open;
  const waiting = open?.length ?? 0;
  useEffect(() => setWaitingCount(waiting), [waiting]);
  useEffect(() => registerServiceWorker((address) => void navigate({ href: address })), [navigate]);
  useEffect(() => {
    if (open) void tidyNotifications(open.length);
  }, [open]);
  useKeys({
    'mod+k': () => setSheet((was) => (was === 'palette' ? null : 'palette')),
    '?': () => setSheet('shortcuts'),
    'g o': () => void navigate({ to: '/' }),
    'g t': () => void navigate({ to: '/wall' }),
    'g i': () => void navigate({ to: '/inbox' }),
    'g w': () => void navigate({ to: '/workflows' }),
    'g e': () => void navigate({ to: '/executions' }),
    'g u': () => void navigate({ to: '/usage' }),
    'g s': () => void navigate({ to: '/settings' }),
    't t': () => toggleTheme(),
  });
  return (
    <div className={styles['shell']}>
      <a href="#main" className={styles['skip']}>
        Skip to the page
      </a>
      <Navigation waiting={waiting} onPalette={() => setSheet('palette')} onShortcuts={() => setSheet('shortcuts')} />
      <main id="main" className={styles['main']} tabIndex={-1}>
        <ConnectionBar />
        <Outlet />
      </main>
      <Suspense fallback={null}>
        {sheet === 'palette' && (
          <CommandPalette onClose={() => setSheet(null)} onShortcuts={() => setSheet('shortcuts')} />
        )}
        {sheet === 'shortcuts' && <ShortcutsSheet onClose={() => setSheet(null)} />}
      </Suspense>
    </div>
  );
}
