import Button from '@mui/material/Button';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useRef, useState } from 'react';
import type { AgentDefinitionFile } from '../../../src/contract/agent-definitions.ts';
import type { Problem } from '../../../src/contract/problem.ts';
import { ApiError } from '../api/api-error.ts';
import { definitionQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { Confirm } from '../ui/confirm.tsx';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { useKeys } from '../ui/keys.ts';
import { Panel } from '../ui/panel.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { toast } from '../ui/toasts.ts';
import { UnsavedGuard } from '../ui/unsaved-guard.tsx';
import { useAction } from '../ui/use-action.ts';
import { changedFields, problemsByField, typedFields } from './definition-fields.ts';
import { DefinitionForm } from './definition-form.tsx';
import { DefinitionUse } from './definition-use.tsx';
import { LineEditor } from './line-editor.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './definition-editor.module.css';

interface Props {
  name: string;
  /** `fields` or `file`. */
  view: string | undefined;
  mayWrite: boolean;
  mayRemove: boolean;
}

/** One definition: its fields, or its file as it is. */
export function DefinitionEditor(props: Props) {
  const file = useQuery(definitionQuery(props.name));
  if (file.error && !file.data)
    return (
      <Panel title={props.name}>
        <ErrorNote error={file.error} onRetry={() => void file.refetch()} />
      </Panel>
    );
  if (!file.data)
    return (
      <Panel title={props.name} flush>
        <Loading rows={9} label={t('Loading the definition')} />
      </Panel>
    );
  return <Editor {...props} file={file.data} />;
}

function Editor({ name, view, mayWrite, mayRemove, file }: Props & { file: AgentDefinitionFile }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  /** What the person began from; newer words come in while nothing was typed. */
  const [base, setBase] = useState(file);
  const [fields, setFields] = useState(() => typedFields(file));
  const [text, setText] = useState(file.text);
  const [error, setError] = useState<unknown>(null);
  const [removing, setRemoving] = useState(false);
  const { busy, run } = useAction();
  const area = useRef<HTMLTextAreaElement>(null);
  const broken = base.problems.length > 0;
  const shown = broken || view === 'file' ? 'file' : 'fields';
  const changes = changedFields(typedFields(base), fields);
  const dirty = shown === 'file' ? text !== base.text : Object.keys(changes).length > 0;

  function begin(from: AgentDefinitionFile): void {
    setBase(from);
    setFields(typedFields(from));
    setText(from.text);
    setError(null);
  }
  if (file.version !== base.version && !dirty) begin(file);
  // What the file says is the same, what others say of it may not be.
  else if (file !== base && file.version === base.version) setBase(file);

  async function save(): Promise<void> {
    if (!dirty || busy) return;
    setError(null);
    await run(
      async () => {
        const given = { params: { name }, headers: { 'if-match': `"${base.version}"` } };
        const saved =
          shown === 'file'
            ? await request('PUT /api/definitions/{name}', { ...given, body: { text } })
            : await request('PATCH /api/definitions/{name}', { ...given, body: changes });
        client.setQueryData(definitionQuery(name).queryKey, saved);
        begin(saved);
        void client.invalidateQueries({ queryKey: ['definitions'] });
        toast(saved.agents.length > 0 ? t('Saved. Its agents get it at their next start') : t('Saved'));
      },
      {
        failed: (failure) => {
          setError(failure);
          return true;
        },
      },
    );
  }

  async function remove(): Promise<void> {
    await run(
      async () => {
        await request('DELETE /api/definitions/{name}', { params: { name } });
        await navigate({ to: '/settings/definitions', search: {}, replace: true, ignoreBlocker: true });
        client.removeQueries({ queryKey: definitionQuery(name).queryKey });
        await client.invalidateQueries({ queryKey: ['definitions'] });
      },
      { done: t('{name} is removed', { name }) },
    );
  }

  useKeys('Agent definition', { 'mod+s': [t('Save'), () => void save()] });
  const refused = error instanceof ApiError ? error.problems : [];
  const problems: readonly Problem[] = refused.length > 0 ? refused : base.problems;
  return (
    <Panel
      title={name}
      flush
      actions={
        mayRemove && (
          <Button
            color="error"
            startIcon={<Icon name="trash" />}
            disabled={busy || base.agents.length > 0}
            title={base.agents.length > 0 ? t('Agents use it: give them another definition first') : undefined}
            onClick={() => setRemoving(true)}
          >
            {t('Delete')}
          </Button>
        )
      }
    >
      {!broken && (
        <Tabs
          label={t('How it is edited')}
          value={shown}
          onChange={(next) =>
            void navigate({
              to: '/settings/definitions',
              search: { name, ...(next === 'file' ? { view: next } : {}) },
              replace: true,
            })
          }
          tabs={[
            { value: 'fields', label: t('Fields') },
            { value: 'file', label: t('File') },
          ]}
        />
      )}
      <form
        className={styles['body']}
        aria-label={t('Definition {name}', { name })}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          void save();
        }}
      >
        <DefinitionUse file={base} />
        {error !== null &&
          (shown === 'file'
            ? refused.length === 0
            : problemsByField(refused)[''] !== undefined || refused.length === 0) && <ErrorNote error={error} />}
        {file.version !== base.version && (
          <p className={styles['meanwhile']} role="status">
            <span>{t('The file was changed meanwhile, so yours cannot be saved over it. Copy what you need.')}</span>
            <Button onClick={() => begin(file)}>{t('Load the file')}</Button>
          </p>
        )}
        {shown === 'file' ? (
          <LineEditor
            label={t('File {file}', { file: base.file })}
            value={text}
            onChange={setText}
            readOnly={!mayWrite}
            problems={problems}
            field={area}
          />
        ) : (
          <DefinitionForm typed={fields} onChange={setFields} problems={refused} named={false} readOnly={!mayWrite} />
        )}
        <div className={styles['foot']}>
          {mayWrite ? (
            <>
              <span className={styles['note']}>
                {dirty
                  ? t('Not saved yet')
                  : shown === 'file'
                    ? t('The file as it is on the disk')
                    : t('Fields that are not shown here stay as they are in the file')}
              </span>
              <Button disabled={!dirty || busy} onClick={() => begin(file)}>
                {t('Undo')}
              </Button>
              <Button type="submit" variant="contained" color="primary" disabled={!dirty || busy}>
                {busy ? t('Saving…') : t('Save')}
              </Button>
            </>
          ) : (
            <span className={styles['note']}>{t('You may read this. Changing it needs the role operator.')}</span>
          )}
        </div>
      </form>
      <UnsavedGuard dirty={dirty} />
      {removing && (
        <Confirm
          title={t('Delete {name}?', { name })}
          action={t('Delete')}
          onClose={() => setRemoving(false)}
          onConfirm={() => void remove()}
        >
          {rich('Its file {file} is removed from the folder of definitions. No agent uses it.', { file: base.file })}
        </Confirm>
      )}
    </Panel>
  );
}
