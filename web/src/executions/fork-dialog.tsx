import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { type Checkpoint, type Execution, FINISHED_EXECUTION } from '../../../src/contract/executions.ts';
import { ApiError } from '../api/api-error.ts';
import { request } from '../api/request.ts';
import { readFields, type SchemaField } from '../inbox/schema-fields.ts';
import { SchemaForm } from '../inbox/schema-form.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { forkEdits, forkFields } from './fork-edits.ts';
import { type BeginsWith, ForkFiles } from './fork-files.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';

/** Starts a new execution from a checkpoint, with its files, and inputs or one output replaced; and goes to it. */
export function ForkDialog({
  execution,
  checkpoint,
  onClose,
}: {
  execution: Execution;
  checkpoint: Checkpoint;
  onClose: () => void;
}) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [error, setError] = useState<unknown>(null);
  const [files, setFiles] = useState(checkpoint.files);
  const [begins, setBegins] = useState<BeginsWith>(checkpoint.files === 'lost' ? 'newest' : 'checkpoint');
  const [busy, setBusy] = useState(false);
  const over = FINISHED_EXECUTION.includes(checkpoint.status);
  const fields: SchemaField[] = forkFields(execution, typed);

  async function fork(event: FormEvent): Promise<void> {
    event.preventDefault();
    const read = readFields(fields, typed);
    setProblems(read.problems);
    if (Object.keys(read.problems).length > 0 || busy) return;
    setBusy(true);
    setError(null);
    try {
      const next = await request('POST /api/executions/{id}/fork', {
        params: { id: execution.id },
        body: { checkpoint: checkpoint.id, files: begins, ...forkEdits(execution, read.values) },
      });
      onClose();
      await navigate({ to: '/executions/$id', params: { id: next.id } });
    } catch (failure) {
      setError(failure);
      setBusy(false);
      // Nobody knew: it is from before files were kept, or somebody has removed them from the repository.
      if (failure instanceof ApiError && failure.code === 'FILES_NOT_KEPT') {
        setFiles('lost');
        setBegins('newest');
      }
    }
  }

  return (
    <Dialog open onClose={onClose} maxWidth="sm" fullWidth aria-labelledby="fork-title">
      <form onSubmit={(event) => void fork(event)} noValidate>
        <DialogTitle id="fork-title">{rich('Fork from checkpoint {seq}', { seq: checkpoint.seq })}</DialogTitle>
        <DialogContent>
          <p style={{ marginBottom: 12 }}>
            {t(
              'A new execution goes on from there. What was under way then starts anew, what was open is asked again. A node whose output is replaced does not run; what depends on it does.',
            )}
          </p>
          {over && (
            <p style={{ marginBottom: 12 }}>
              {rich(
                '{b} only what follows a replaced output would run. To try another input, fork from one where it was running.',
                { b: <b>{t('At this checkpoint it had ended:')}</b> },
              )}
            </p>
          )}
          <SchemaForm fields={fields} typed={typed} problems={problems} onChange={setTyped} idPrefix="fork" />
          <ForkFiles seq={checkpoint.seq} files={files} value={begins} onChange={setBegins} />
          {error !== null && (
            <div style={{ marginTop: 12 }}>
              <ErrorNote error={error} />
            </div>
          )}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button type="submit" variant="contained" color="primary" disabled={busy}>
            {busy ? t('Starting…') : t('Fork')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
