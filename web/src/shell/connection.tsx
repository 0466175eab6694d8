import { liveLink } from '../live/live.ts';
import { useLinkState } from '../live/use-topic.ts';
import { Icon } from '../ui/icon.tsx';
import { useNow } from '../ui/now.ts';
import { clockWords } from '../ui/time-words.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './connection.module.css';

const TELL_AFTER_MS = 2_000; // a blink of the network is nobody's business

/** Live, connecting, or how old what you see is. */
export function ConnectionDot() {
  const link = useLinkState();
  const word =
    link.status === 'live'
      ? t('Live')
      : link.status === 'closed'
        ? t('Signed out')
        : link.staleSince === null
          ? t('Connecting')
          : t('Reconnecting');
  return (
    <span
      className={styles['dot']}
      data-status={link.status}
      role="status"
      title={
        link.status === 'connecting' && link.staleSince !== null
          ? t('Stale since {toISOString}', { toISOString: clockWords(new Date(link.staleSince).toISOString()) })
          : undefined
      }
    >
      <i aria-hidden="true" />
      {word}
    </span>
  );
}

/** Across the page once the connection has been away long enough to matter. */
export function ConnectionBar() {
  const link = useLinkState();
  const since = link.status === 'connecting' ? link.staleSince : null;
  return since === null ? null : <StaleBar since={since} />;
}

function StaleBar({ since }: { since: number }) {
  const now = useNow();
  if (now - since < TELL_AFTER_MS) return null;
  return (
    <div className={styles['bar']} role="alert">
      <Icon name="signalOff" />
      <span>
        {rich('Reconnecting. What you see is from {toISOString}.', {
          toISOString: clockWords(new Date(since).toISOString()),
        })}
      </span>
      <button type="button" onClick={() => liveLink.reconnectNow()}>
        {t('Try now')}
      </button>
    </div>
  );
}
