import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useMemo, useRef, useState } from 'react';
import type { Execution } from '../../../src/contract/executions.ts';
import type { Workflow } from '../../../src/contract/workflows.ts';
import { ApiError } from '../api/api-error.ts';
import { newId } from '../api/new-id.ts';
import { request } from '../api/request.ts';
import { readFields, schemaFields, typedFor } from '../inbox/schema-fields.ts';
import { SchemaForm } from '../inbox/schema-form.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';

/** Starts an execution with inputs the document asks for, and goes to it. */
export function ExecuteDialog({
  workflow,
  version,
  inputs = {},
  onClose,
}: {
  workflow: Workflow;
  /** The live one without. */
  version?: number;
  /** To begin with; what of them the document asks for. */
  inputs?: Execution['inputs'];
  onClose: () => void;
}) {
  const fields = useMemo(() => schemaFields(workflow.document['inputs'], 'without-default'), [workflow.document]);
  const navigate = useNavigate();
  const [typed, setTyped] = useState(() => typedFor(fields, inputs));
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const key = useRef(newId());

  async function start(event: FormEvent): Promise<void> {
    event.preventDefault();
    const read = readFields(fields, typed);
    setProblems(read.problems);
    if (Object.keys(read.problems).length > 0 || busy) return;
    setBusy(true);
    setError(null);
    try {
      const execution = await request('POST /api/workflows/{id}/execute', {
        params: { id: workflow.id },
        body: { inputs: read.values, ...(version === undefined ? {} : { version }) },
        headers: { 'idempotency-key': key.current },
      });
      await navigate({ to: '/executions/$id', params: { id: execution.id } });
    } catch (failure) {
      // Another try after a correction is another request.
      key.current = newId();
      if (failure instanceof ApiError)
        setProblems(
          Object.fromEntries(
            failure.problems.map((problem) => [problem.path.split('/').at(-1) ?? '', problem.message]),
          ),
        );
      setError(failure);
      setBusy(false);
    }
  }

  return (
    <Dialog open onClose={onClose} maxWidth="sm" fullWidth aria-labelledby="execute-title">
      <form onSubmit={(event) => void start(event)} noValidate>
        <DialogTitle id="execute-title">{rich('Execute {name}', { name: workflow.name })}</DialogTitle>
        <DialogContent>
          {fields.length === 0 ? (
            <p>{t('This workflow takes no inputs.')}</p>
          ) : (
            <SchemaForm fields={fields} typed={typed} problems={problems} onChange={setTyped} idPrefix="input" />
          )}
          {error !== null && (
            <div style={{ marginTop: 12 }}>
              <ErrorNote error={error} />
            </div>
          )}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button type="submit" variant="contained" color="primary" disabled={busy} autoFocus={fields.length === 0}>
            {busy
              ? t('Starting…')
              : t('Execute version {version}', { version: version ?? workflow.liveVersion ?? workflow.version })}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
