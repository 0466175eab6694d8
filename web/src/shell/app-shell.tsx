import { Outlet, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useInbox } from '../live/use-topic.ts';
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
  const [open, setOpen] = useState<'palette' | 'shortcuts' | null>(null);
  const waiting = useInbox().data?.open.length ?? 0;
  useEffect(() => setWaitingCount(waiting), [waiting]);
  useKeys({
    'mod+k': () => setOpen((was) => (was === 'palette' ? null : 'palette')),
    '?': () => setOpen('shortcuts'),
    'g o': () => void navigate({ to: '/' }),
    'g i': () => void navigate({ to: '/inbox' }),
    'g w': () => void navigate({ to: '/workflows' }),
    'g e': () => void navigate({ to: '/executions' }),
    'g s': () => void navigate({ to: '/settings' }),
    't t': () => toggleTheme(),
  });
  return (
    <div className={styles['shell']}>
      <a href="#main" className={styles['skip']}>
        Skip to the page
      </a>
      <Navigation waiting={waiting} onPalette={() => setOpen('palette')} onShortcuts={() => setOpen('shortcuts')} />
      <main id="main" className={styles['main']} tabIndex={-1}>
        <ConnectionBar />
        <Outlet />
      </main>
      <Suspense fallback={null}>
        {open === 'palette' && (
          <CommandPalette onClose={() => setOpen(null)} onShortcuts={() => setOpen('shortcuts')} />
        )}
        {open === 'shortcuts' && <ShortcutsSheet onClose={() => setOpen(null)} />}
      </Suspense>
    </div>
  );
}
