import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Agent } from '../../../src/contract/agents.ts';
import { request } from '../api/request.ts';
import { readFields, schemaFields } from '../inbox/schema-fields.ts';
import { SchemaForm } from '../inbox/schema-form.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { useAction } from '../ui/use-action.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';

const FIELDS = schemaFields(
  {
    usdPerDay: { type: 'number', title: t('US dollars a day') },
    tokensPerDay: { type: 'integer', title: t('Tokens a day'), description: t('Read and written together') },
  },
  [],
);

/** What an agent may use on each day. What is left empty is not limited. */
export function BudgetDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const client = useQueryClient();
  const [typed, setTyped] = useState<Record<string, string>>({
    usdPerDay: agent.budget?.usdPerDay === undefined ? '' : String(agent.budget.usdPerDay),
    tokensPerDay: agent.budget?.tokensPerDay === undefined ? '' : String(agent.budget.tokensPerDay),
  });
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [error, setError] = useState<unknown>(null);
  const { busy, run } = useAction();

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const read = readFields(FIELDS, typed);
    setProblems(read.problems);
    if (Object.keys(read.problems).length > 0 || busy) return;
    setError(null);
    const budget = Object.fromEntries(Object.entries(read.values).filter(([, value]) => typeof value === 'number'));
    await run(
      async () => {
        await request('PATCH /api/agents/{id}', {
          params: { id: agent.id },
          body: { budget: Object.keys(budget).length > 0 ? budget : null },
        });
        await client.invalidateQueries({ queryKey: ['usage'] });
        onClose();
      },
      {
        done:
          Object.keys(budget).length > 0
            ? t('{name} has this budget from now on', { name: agent.name })
            : t('{name} is not limited', { name: agent.name }),
        failed: (failure) => {
          setError(failure);
          return true;
        },
      },
    );
  }

  return (
    <Dialog open onClose={onClose} maxWidth="xs" fullWidth aria-labelledby="budget-title">
      <form onSubmit={(event) => void save(event)} noValidate>
        <DialogTitle id="budget-title">{rich('Budget of {name}', { name: agent.name })}</DialogTitle>
        <DialogContent>
          <p style={{ marginBottom: 12, color: 'var(--muted)' }}>
            {t(
              'For each day in UTC. When it is used up, the task under way goes on to its end, others wait, and the inbox asks. It counts at once; leave a field empty for no limit.',
            )}
          </p>
          <SchemaForm fields={FIELDS} typed={typed} problems={problems} onChange={setTyped} idPrefix="budget" />
          {error !== null && (
            <div style={{ marginTop: 12 }}>
              <ErrorNote error={error} />
            </div>
          )}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button type="submit" variant="contained" color="primary" disabled={busy}>
            {busy ? t('Saving…') : t('Save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
