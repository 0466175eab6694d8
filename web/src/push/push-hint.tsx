import Button from '@mui/material/Button';
import { useState } from 'react';
import { Icon } from '../ui/icon.tsx';
import { toast } from '../ui/toasts.ts';
import { useAction } from '../ui/use-action.ts';
import { usePush } from './this-browser.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './push-hint.module.css';

const KEY = 'pointsman.push-hint';

/** On a phone, once: to be told instead of looking. Said again nowhere after it was put away. */
export function PushHint() {
  const [away, setAway] = useState(wasPutAway);
  const { state, turnOn } = usePush();
  const { busy, run } = useAction();
  if (away || state?.status !== 'off') return null;
  const put = (to: boolean) => {
    remember(to);
    setAway(to);
  };
  return (
    <aside className={styles['hint']} aria-label={t('Notifications')}>
      <Icon name="bell" size={18} />
      <p>{rich('{b} when something waits for you.', { b: <b>{t('Get told here')}</b> })}</p>
      <Button
        variant="contained"
        color="primary"
        disabled={busy}
        onClick={() => void run(turnOn, { done: t('This phone is notified from now on') })}
      >
        {t('Turn on')}
      </Button>
      <button
        type="button"
        aria-label={t('Not now')}
        onClick={() => {
          put(true);
          toast(t('You find it again in the settings'), {
            tone: 'info',
            action: { label: t('Undo'), run: () => put(false) },
          });
        }}
      >
        <Icon name="cross" size={16} />
      </button>
    </aside>
  );
}

function wasPutAway(): boolean {
  try {
    return localStorage.getItem(KEY) === 'away';
  } catch {
    return false; // storage is switched off
  }
}

function remember(away: boolean): void {
  try {
    if (away) localStorage.setItem(KEY, 'away');
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is switched off: it comes again with the next visit.
  }
}
