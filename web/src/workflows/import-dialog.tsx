import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ImportedWorkflow } from '../../../src/contract/workflow-import.ts';
import { request } from '../api/request.ts';
import { ErrorNote } from '../ui/error-note.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { rich } from '../words/rich.ts';
import { plural, t } from '../words/words.ts';
import styles from './import-dialog.module.css';

/** Another tool's workflow: choose or paste it, see what has a counterpart, keep it. Nothing is started. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [found, setFound] = useState<ImportedWorkflow | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const send = async (save: boolean): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const answer = await request('POST /api/workflows/import', {
        body: text,
        query: save ? { save: 'true' } : {},
        // Code is no JSON, and what was pasted may be neither.
        headers: { 'content-type': 'application/yaml' },
      });
      if (answer.workflow) await navigate({ to: '/workflows/$id', params: { id: answer.workflow.id } });
      else setFound(answer);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const give = (next: string): void => {
    setText(next);
    setFound(null);
  };

  return (
    <Dialog open onClose={onClose} maxWidth="md" fullWidth aria-labelledby="import-title">
      <DialogTitle id="import-title">{t('Import a workflow')}</DialogTitle>
      <DialogContent>
        <p>{t('The JSON of n8n, Flowise or LangGraph, or the code that Agent Builder exports. Nothing is started.')}</p>
        <Button component="label">
          {t('Choose a file')}
          <input
            type="file"
            hidden
            accept=".json,.ts,.py,.yaml,.yml"
            aria-label={t('File')}
            onChange={(event) => void event.target.files?.[0]?.text().then(give)}
          />
        </Button>
        <TextField
          label={t('Or paste it')}
          value={text}
          onChange={(event) => give(event.target.value)}
          multiline
          minRows={4}
          maxRows={8}
          fullWidth
          margin="normal"
        />
        {error !== null && <ErrorNote error={error} />}
        {found && <Report found={found} />}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{t('Cancel')}</Button>
        <Button
          variant="contained"
          color="primary"
          disabled={busy || text.trim() === ''}
          onClick={() => void send(found !== null)}
        >
          {found === null ? t('See what it becomes') : found.valid ? t('Save') : t('Save as a draft')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Report({ found: { format, report } }: { found: ImportedWorkflow }) {
  return (
    <section className={styles['report']} aria-label={t('What it becomes')}>
      <p>
        {rich('This is {format}: {count} mapped, {count2} not.', {
          format,
          count: plural(report.mapped.length, 'part'),
          count2: report.unmapped.length,
        })}
      </p>
      {report.unmapped.length > 0 && <h3>{t('Not mapped')}</h3>}
      <ul>
        {report.unmapped.map((entry, index) => (
          <li key={index}>
            <b>
              <VisibleText text={entry.sourceName} />
            </b>{' '}
            <code>{entry.path}</code> <VisibleText text={entry.why} />
          </li>
        ))}
      </ul>
      {report.notes.length > 0 && <h3>{t('Different here')}</h3>}
      <ul>
        {report.notes.map((note) => (
          <li key={note}>
            <VisibleText text={note} />
          </li>
        ))}
      </ul>
      <h3>{t('Mapped')}</h3>
      <ul>
        {report.mapped.map((entry, index) => (
          <li key={index}>
            <VisibleText text={entry.sourceName} /> → {entry.as} {entry.nodeId && <code>{entry.nodeId}</code>}
          </li>
        ))}
      </ul>
    </section>
  );
}
