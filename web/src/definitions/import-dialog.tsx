import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useQueryClient } from '@tanstack/react-query';
import { type ChangeEvent, useRef, useState } from 'react';
import type { ImportedAgentDefinitions } from '../../../src/contract/agent-definitions.ts';
import { ApiError } from '../api/api-error.ts';
import { request } from '../api/request.ts';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { type ChosenFiles, readChosen } from './chosen-files.ts';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import styles from './import-dialog.module.css';

/** Takes over a directory such as `.claude/agents` from the person's own machine: all of its definitions, or none. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const field = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<ChosenFiles | null>(null);
  const [imported, setImported] = useState<ImportedAgentDefinitions | null>(null);
  const [replace, setReplace] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const wrong = error instanceof ApiError ? error.problems.filter(({ path }) => path.startsWith('/files/')) : [];
  const taken = error instanceof ApiError && error.code === 'DEFINITION_EXISTS';

  async function choose(event: ChangeEvent<HTMLInputElement>): Promise<void> {
    const files = [...(event.target.files ?? [])];
    event.target.value = ''; // the same directory may be chosen again, after a file was corrected
    setError(null);
    setImported(null);
    setReplace(false);
    setChosen(await readChosen(files));
  }

  async function take(): Promise<void> {
    if (!chosen || busy) return;
    setBusy(true);
    setError(null);
    try {
      setImported(
        await request('POST /api/definitions', {
          body: { files: chosen.files, ...(replace ? { replace: true } : {}) },
        }),
      );
      await client.invalidateQueries({ queryKey: ['definitions'] });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog open onClose={onClose} maxWidth="sm" fullWidth aria-labelledby="import-title">
      <DialogTitle id="import-title">{t('Import a directory')}</DialogTitle>
      <DialogContent>
        <p className={styles['about']}>
          {rich(
            'Markdown files with front matter, in the format of Claude Code, such as {code}. All of them are taken over, or none when one is not valid.',
            { code: <code>.claude/agents</code> },
          )}
        </p>
        <input
          ref={field}
          type="file"
          className="sr-only"
          aria-label={t('Directory with definitions')}
          tabIndex={-1}
          multiple
          // Not in React's types, but in every browser.
          {...{ webkitdirectory: '' }}
          onChange={(event) => void choose(event)}
        />
        <Button startIcon={<Icon name="file" />} onClick={() => field.current?.click()}>
          {chosen ? t('Choose another directory') : t('Choose a directory')}
        </Button>
        {chosen && (
          <ul className={styles['files']} aria-label={t('Files')}>
            {chosen.files.map(({ file }, index) => (
              <li key={file}>
                <Icon name={imported ? 'check' : 'file'} size={14} />
                <span>
                  {file}
                  {wrong
                    .filter(({ path }) => path.startsWith(`/files/${index}/`))
                    .map((problem, at) => (
                      <em key={at}>
                        {problem.line !== undefined && t('Line {line}: ', { line: problem.line })}
                        {problem.message.replace(`${file}: `, '')}
                      </em>
                    ))}
                </span>
                {imported && <b>{imported[index]?.outcome}</b>}
              </li>
            ))}
            {chosen.leftOut.map((file) => (
              <li key={file} data-out="true">
                <Icon name="dash" size={14} />
                <span>{file}</span>
                <b>{t('left out: no front matter')}</b>
              </li>
            ))}
            {chosen.files.length === 0 && <li>{t('There is no definition in this directory.')}</li>}
          </ul>
        )}
        {error !== null && (
          <div className={styles['error']}>
            {wrong.length > 0 ? (
              <p className={styles['refused']} role="alert">
                {t('Nothing was taken over. Correct what stands at the files, and choose the directory again.')}
              </p>
            ) : (
              <ErrorNote error={error} />
            )}
            {taken && (
              <label>
                <input type="checkbox" checked={replace} onChange={(event) => setReplace(event.target.checked)} />
                {t('Overwrite the definitions that exist')}
              </label>
            )}
          </div>
        )}
        {imported && (
          <p className={styles['done']} role="status">
            {rich('{count} taken over, {count2} unchanged.', {
              count: plural(imported.filter(({ outcome }) => outcome !== 'unchanged').length, 'definition'),
              count2: imported.filter(({ outcome }) => outcome === 'unchanged').length,
            })}
          </p>
        )}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{imported ? t('Done') : t('Cancel')}</Button>
        {!imported && (
          <Button
            variant="contained"
            color="primary"
            disabled={busy || !chosen || chosen.files.length === 0 || (taken && !replace)}
            onClick={() => void take()}
          >
            {busy
              ? t('Importing…')
              : chosen
                ? t('Import {count}', { count: plural(chosen.files.length, 'file') })
                : t('Import')}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}
