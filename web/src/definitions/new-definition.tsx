import Button from '@mui/material/Button';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../api/api-error.ts';
import { definitionQuery, definitionsQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { ErrorNote } from '../ui/error-note.tsx';
import { Panel } from '../ui/panel.tsx';
import { UnsavedGuard } from '../ui/unsaved-guard.tsx';
import { useAction } from '../ui/use-action.ts';
import { FIT_NAME, newDefinitionText, NOTHING_TYPED, problemsByField } from './definition-fields.ts';
import { DefinitionForm } from './definition-form.tsx';
import { t } from '../words/words.ts';
import styles from './definition-editor.module.css';

/** A file that does not exist yet. */
export function NewDefinition() {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [typed, setTyped] = useState(NOTHING_TYPED);
  const [error, setError] = useState<unknown>(null);
  const { busy, run } = useAction();
  const dirty = Object.values(typed).some((text) => text !== '');
  const name = typed.name.trim();

  async function create(): Promise<void> {
    if (busy) return;
    setError(null);
    await run(
      async () => {
        if (name === '') throw refusal(t('Give it a name.'));
        if (!FIT_NAME.test(name))
          throw refusal(
            t('A name begins with a letter or digit, and holds letters, digits, spaces and . _ -, at most 60.'),
          );
        const known = await client.fetchQuery({ ...definitionsQuery, staleTime: 0 });
        // Writing to a name that is taken would be a change of that one.
        if (known.some((each) => each.name === name))
          throw refusal(t('There is a definition “{name}” already.', { name }));
        const made = await request('PUT /api/definitions/{name}', {
          params: { name },
          body: { text: newDefinitionText(typed) },
        });
        client.setQueryData(definitionQuery(name).queryKey, made);
        void client.invalidateQueries({ queryKey: ['definitions'] });
        await navigate({ to: '/settings/definitions', search: { name }, replace: true, ignoreBlocker: true });
      },
      {
        done: t('{name} is there', { name }),
        failed: (failure) => {
          setError(failure);
          return true;
        },
      },
    );
  }

  const problems = error instanceof ApiError ? error.problems : [];
  return (
    <Panel title={t('New definition')}>
      <form
        className={styles['body']}
        aria-label={t('New definition')}
        style={{ padding: 0 }}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          void create();
        }}
      >
        {error !== null && (problems.length === 0 || problemsByField(problems)[''] !== undefined) && (
          <ErrorNote error={error} />
        )}
        <DefinitionForm typed={typed} onChange={setTyped} problems={problems} named readOnly={false} />
        <div className={styles['foot']}>
          <span className={styles['note']}>{t('One file serves any number of agents')}</span>
          <Button
            onClick={() => void navigate({ to: '/settings/definitions', search: {}, replace: true })}
            disabled={busy}
          >
            {t('Cancel')}
          </Button>
          <Button type="submit" variant="contained" color="primary" disabled={busy}>
            {busy ? t('Creating…') : t('Create')}
          </Button>
        </div>
      </form>
      <UnsavedGuard dirty={dirty} />
    </Panel>
  );
}

function refusal(message: string): ApiError {
  return new ApiError({
    status: 422,
    code: 'INVALID_REQUEST',
    title: 'This name does not work',
    detail: message,
    problems: [{ path: '/name', code: 'INVALID_VALUE', message, severity: 'error' }],
  });
}
