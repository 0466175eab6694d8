import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useState } from 'react';
import type { Decision, InboxItem } from '../../../src/contract/inbox.ts';
import { messageOf } from '../api/api-error.ts';
import { request } from '../api/request.ts';
import { Icon } from '../ui/icon.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { INBOX_LOOK } from '../ui/tone.ts';
import { VisibleText } from '../ui/visible-text.tsx';
import { DECISION } from './decision-words.ts';
import { PayloadView } from './payload-view.tsx';
import { toggled } from './toggled.ts';
import { plural, t } from '../words/words.ts';
import styles from './bulk-dialog.module.css';

type Result = { outcome: 'sending' } | { outcome: 'done' } | { outcome: 'failed'; reason: string };

interface Props {
  /** As they were when the dialog was opened: each answer is for exactly what is shown here. */
  items: readonly InboxItem[];
  decision: Decision;
  onAnswered: (item: InboxItem) => void;
  onClose: () => void;
}

/** One answer for many items, after each of them was shown; what became of each is told. */
export function BulkDialog({ items, decision, onAnswered, onClose }: Props) {
  const [shown] = useState(items);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [results, setResults] = useState<Readonly<Record<string, Result>>>({});
  const words = DECISION[decision];
  const chosen = shown.filter(({ id }) => !left.has(id));
  const sent = Object.keys(results).length > 0;
  const busy = Object.values(results).some(({ outcome }) => outcome === 'sending');
  const failed = Object.values(results).filter(({ outcome }) => outcome === 'failed').length;

  /** One after the other, oldest first: what is refused is told and the rest goes on. */
  async function answerAll(): Promise<void> {
    for (const item of chosen) {
      const tell = (result: Result) => setResults((before) => ({ ...before, [item.id]: result }));
      tell({ outcome: 'sending' });
      try {
        const body = { decision, hash: item.hash };
        onAnswered(await request('POST /api/inbox/{id}/resolve', { params: { id: item.id }, body }));
        tell({ outcome: 'done' });
      } catch (error) {
        tell({ outcome: 'failed', reason: messageOf(error) });
      }
    }
  }

  return (
    <Dialog open onClose={busy ? undefined : onClose} maxWidth="md" fullWidth aria-labelledby="bulk-title">
      <DialogTitle id="bulk-title">
        {sent && !busy
          ? failed === 0
            ? `${words.done}: ${plural(chosen.length, 'item')}`
            : t('{done}: {count} of {count2}', {
                done: words.done,
                count: chosen.length - failed,
                count2: chosen.length,
              })
          : `${words.label} ${plural(chosen.length, 'item')}?`}
      </DialogTitle>
      <DialogContent>
        {!sent && (
          <p className={styles['about']}>
            {t('Read each of them: every answer is bound to what is shown here, and refused where that has changed.')}
          </p>
        )}
        <ol className={styles['items']}>
          {shown.map((item) => (
            <li key={item.id} data-left={left.has(item.id)}>
              <header>
                {!sent && (
                  <input
                    type="checkbox"
                    checked={!left.has(item.id)}
                    aria-label={t('Include: {title}', { title: item.title })}
                    onChange={() => setLeft(toggled(left, item.id))}
                  />
                )}
                <div>
                  <StatusBadge look={INBOX_LOOK[item.type]} plain />
                  <h3>
                    <VisibleText text={item.title} />
                  </h3>
                </div>
                <Verdict result={results[item.id]} done={words.done} />
              </header>
              {!sent && !left.has(item.id) && <PayloadView payload={item.payload} />}
            </li>
          ))}
        </ol>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose} disabled={busy} autoFocus>
          {sent ? t('Close') : t('Leave them')}
        </Button>
        {(!sent || busy) && (
          <Button
            variant="contained"
            color={words.weight === 'no' ? 'error' : 'primary'}
            disabled={busy || chosen.length === 0}
            startIcon={<Icon name={words.icon} />}
            onClick={() => void answerAll()}
          >
            {busy ? t('Sending…') : `${words.label} ${chosen.length}`}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}

function Verdict({ result, done }: { result: Result | undefined; done: string }) {
  if (!result) return null;
  return (
    <p className={styles['verdict']} data-outcome={result.outcome} role="status">
      {result.outcome === 'sending' ? t('Sending…') : result.outcome === 'done' ? done : result.reason}
    </p>
  );
}
