import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { type FormEvent, useState } from 'react';
import type { Workflow } from '../../../src/contract/workflows.ts';
import { ApiError } from '../api/api-error.ts';
import { ErrorNote } from '../ui/error-note.tsx';
import type { Doc } from './document.ts';
import { saveWorkflow } from './save-workflow.ts';
import type { Validation } from './use-validation.ts';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import fieldStyles from './fields.module.css';
import styles from './save-dialog.module.css';

interface Props {
  document: Doc;
  /** What the changes began from; null for a workflow that was never saved. */
  base: { id: string; version: number } | null;
  validation: Validation;
  /** It is executed when it is saved. */
  toExecute: boolean;
  onSaved: (workflow: Workflow) => void;
  /** The other's version is taken, and what was done here given up. */
  onLoadTheirs: () => void;
  onClose: () => void;
}

/** A new version with a word about why; a draft while it has errors. */
export function SaveDialog({ document, base, validation, toExecute, onSaved, onLoadTheirs, onClose }: Props) {
  const [note, setNote] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const errors = validation.problems.filter(({ severity }) => severity === 'error').length;
  const draft = errors > 0;
  const conflict = error instanceof ApiError && error.status === 412;

  async function save(over: boolean): Promise<void> {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      onSaved(await saveWorkflow({ document, base, draft, note: note.trim(), over }));
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  }

  return (
    <Dialog open onClose={onClose} maxWidth="sm" fullWidth aria-labelledby="save-title">
      <form
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          void save(false);
        }}
      >
        <DialogTitle id="save-title">
          {draft
            ? t('Save as a draft')
            : base
              ? t('Save version {version}', { version: base.version + 1 })
              : t('Save the workflow')}
        </DialogTitle>
        <DialogContent>
          <div className={styles['body']}>
            {draft && (
              <p>
                {rich('It has {errors}. A draft is kept as it is, but nobody can execute it{value}.', {
                  errors: plural(errors, 'error'),
                  value: base ? t('; the live version stays what it is') : '',
                })}
              </p>
            )}
            {!draft && toExecute && <p>{t('The changes are saved first, then you choose the inputs.')}</p>}
            <div className={fieldStyles['field']}>
              <label htmlFor="save-note">
                {t('What changed')} <span>{t('optional')}</span>
              </label>
              <input
                id="save-note"
                autoFocus
                maxLength={500}
                value={note}
                autoComplete="off"
                onChange={(event) => setNote(event.target.value)}
              />
            </div>
            {conflict ? (
              <div className={styles['conflict']} role="alert">
                <p>
                  {rich(
                    '{b} Yours began from version {version}. You can put yours on top as the newest one (theirs stays in the list of versions), or load theirs and give up what you changed here.',
                    { b: <b>{t('Somebody saved another version meanwhile.')}</b>, version: base?.version },
                  )}
                </p>
                <div>
                  <Button onClick={() => void save(true)} disabled={busy}>
                    {t('Save mine on top')}
                  </Button>
                  <Button onClick={onLoadTheirs} disabled={busy} color="error">
                    {t('Load theirs')}
                  </Button>
                </div>
              </div>
            ) : (
              error !== null && <ErrorNote error={error} />
            )}
          </div>
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t('Go on editing')}</Button>
          {!conflict && (
            <Button
              type="submit"
              variant="contained"
              color="primary"
              disabled={busy || !validation.settled || (toExecute && draft)}
            >
              {busy ? t('Saving…') : !validation.settled ? t('Checking…') : draft ? t('Save draft') : t('Save')}
            </Button>
          )}
        </DialogActions>
      </form>
    </Dialog>
  );
}
