import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { type FormEvent, useState } from 'react';
import type { IncidentSummary } from '../../../src/contract/incidents.ts';
import { request } from '../api/request.ts';
import { ErrorNote } from '../ui/error-note.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './incidents-page.module.css';

/** Says that an incident is over, with what it was: the note stays with it. */
export function ResolveDialog({ incident, onClose }: { incident: IncidentSummary; onClose: () => void }) {
  const [note, setNote] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  async function resolve(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await request('POST /api/incidents/{id}/resolve', { params: { id: incident.id }, body: { note: note.trim() } });
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  }

  return (
    <Dialog open onClose={onClose} maxWidth="xs" fullWidth aria-labelledby="resolve-title">
      <form onSubmit={(event) => void resolve(event)}>
        <DialogTitle id="resolve-title">{rich('Resolve “{title}”', { title: incident.title })}</DialogTitle>
        <DialogContent>
          <textarea
            className={styles['note']}
            aria-label={t('What it was, or what was done')}
            placeholder={t('What it was, or what was done')}
            value={note}
            maxLength={10_000}
            required
            autoFocus
            onChange={(event) => setNote(event.target.value)}
          />
          {error !== null && <ErrorNote error={error} />}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button type="submit" variant="contained" disabled={busy || note.trim() === ''}>
            {t('Resolve')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
