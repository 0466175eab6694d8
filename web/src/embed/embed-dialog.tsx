import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import { type FormEvent, useState } from 'react';
import type { CreateEmbed, Embed } from '../../../src/contract/embeds.ts';
import { ApiError } from '../api/api-error.ts';
import { request } from '../api/request.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { rich } from '../words/rich.ts';
import { dateWords } from '../ui/time-words.ts';
import { t } from '../words/words.ts';
import styles from './embed-dialog.module.css';

type What = { show: 'overview' } | { show: 'agent' | 'execution'; id: string };

const SPANS = [
  ['PT15M', t('15 minutes')],
  ['PT1H', t('1 hour')],
  ['PT8H', t('8 hours')],
  ['P1D', t('1 day')],
] as const;

/** A button, and the dialog that makes an address for an iframe. */
export function EmbedButton({ what }: { what: What }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button startIcon={<Icon name="external" />} onClick={() => setOpen(true)}>
        {t('Embed')}
      </Button>
      {open && <EmbedDialog what={what} onClose={() => setOpen(false)} />}
    </>
  );
}

function EmbedDialog({ what, onClose }: { what: What; onClose: () => void }) {
  const [parents, setParents] = useState('');
  const [span, setSpan] = useState<string>('PT1H');
  const [made, setMade] = useState<Embed | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const bad = error instanceof ApiError ? error.problems?.find(({ path }) => path.startsWith('/parents')) : undefined;

  async function make(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      const body = { ...what, parents: parents.split(/[\s,]+/).filter(Boolean), expiresIn: span } as CreateEmbed;
      setMade(await request('POST /api/embeds', { body }));
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  const snippet = made ? `<iframe src="${made.url}" title="Pointsman" width="100%" height="600"></iframe>` : '';
  return (
    <Dialog open onClose={onClose} maxWidth="sm" fullWidth aria-labelledby="embed-title">
      <form onSubmit={(event) => void make(event)} noValidate>
        <DialogTitle id="embed-title">{t('Show this in another page')}</DialogTitle>
        <DialogContent>
          <p className={styles['lead']}>
            {t(
              'Read-only, without signing in, and only in the pages you name. Whoever opens such a page sees it until it expires or is revoked in the settings; it ends at once with your account.',
            )}
          </p>
          {made ? (
            <div className={styles['made']}>
              <code>{snippet}</code>
              <CopyButton text={snippet} />
              <span>
                {rich('Works until {value}. It is not shown again.', {
                  value: dateWords(made.expiresAt),
                })}
              </span>
            </div>
          ) : (
            <div className={styles['fields']}>
              <TextField
                label={t('Pages that may hold it')}
                placeholder="http://localhost:8501"
                value={parents}
                onChange={(event) => setParents(event.target.value)}
                error={bad !== undefined}
                helperText={bad?.message ?? t('Origins as browsers write them, with spaces between')}
                autoFocus
                fullWidth
              />
              <TextField
                select
                label={t('For')}
                value={span}
                onChange={(event) => setSpan(event.target.value)}
                slotProps={{ select: { native: true } }}
              >
                {SPANS.map(([value, word]) => (
                  <option key={value} value={value}>
                    {word}
                  </option>
                ))}
              </TextField>
              {error !== null && bad === undefined && <ErrorNote error={error} />}
            </div>
          )}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{made ? t('Done') : t('Cancel')}</Button>
          {!made && (
            <Button type="submit" variant="contained" color="primary" disabled={busy || parents.trim() === ''}>
              {t('Make the address')}
            </Button>
          )}
        </DialogActions>
      </form>
    </Dialog>
  );
}
