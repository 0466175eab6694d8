import { useState } from 'react';
import type { LogFilter } from '../../../src/contract/executions.ts';
import { copyText } from '../ui/copy-text.ts';
import { Icon } from '../ui/icon.tsx';
import { toast } from '../ui/toasts.ts';
import { t } from '../words/words.ts';
import { useKeyOf } from '../ui/chosen-keys.ts';
import styles from './log-view.module.css';

interface Props {
  executionId: string;
  by: Pick<LogFilter, 'node' | 'step'>;
  total: number;
  line: number | null;
  wrap: boolean;
  follow: boolean;
  onWrap: () => void;
  onFollow: () => void;
}

const MOST_COPIED = 20_000; // lines: more than anybody pastes, and a few megabytes

/** What can be done with a log as a whole: wrapped, copied, saved, followed; and the link to the chosen line. */
export function LogTools({ executionId, by, total, line, wrap, follow, onWrap, onFollow }: Props) {
  const keyOf = useKeyOf('Log');
  const [busy, setBusy] = useState(false);
  const address = `/api/executions/${executionId}/logs.txt?${new URLSearchParams(by)}`;
  async function copy(): Promise<void> {
    setBusy(true);
    try {
      const response = await fetch(address, { credentials: 'same-origin' });
      if (!response.ok) throw new Error(String(response.status));
      await copyText(await response.text());
      toast(t('The log is copied'));
    } catch {
      toast(t('The log could not be copied; download it instead'), { tone: 'bad' });
    } finally {
      setBusy(false);
    }
  }
  return (
    <span className={styles['tools']}>
      {line !== null && (
        <button
          type="button"
          title={t('Copy the link to this line')}
          aria-label={t('Copy the link to this line')}
          onClick={() =>
            void copyText(globalThis.location.href).then(
              () => toast(t('The link to this line is copied')),
              () => toast(t('The browser did not allow copying; the address is that of the line'), { tone: 'bad' }),
            )
          }
        >
          <Icon name="link" size={15} />
        </button>
      )}
      <button
        type="button"
        aria-pressed={wrap}
        title={t('Wrap long lines ({key})', { key: keyOf('w') })}
        aria-label={t('Wrap long lines')}
        onClick={onWrap}
      >
        <Icon name="wrap" size={15} />
      </button>
      <button
        type="button"
        disabled={busy || total === 0 || total > MOST_COPIED}
        title={total > MOST_COPIED ? t('Too long to be copied: download it') : t('Copy the log')}
        aria-label={t('Copy the log')}
        onClick={() => void copy()}
      >
        <Icon name="copy" size={15} />
      </button>
      <a href={address} download title={t('Download the log')} aria-label={t('Download the log')}>
        <Icon name="download" size={15} />
      </a>
      <button
        type="button"
        className={styles['follow']}
        aria-pressed={follow}
        onClick={onFollow}
        title={t('Keep the newest line in sight ({key})', { key: keyOf('f') })}
      >
        <Icon name={follow ? 'pause' : 'play'} size={13} />
        {follow ? t('Following') : t('Follow')}
      </button>
    </span>
  );
}
