import Button from '@mui/material/Button';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import type { Agent } from '../../../src/contract/agents.ts';
import { definitionsQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { ErrorNote } from '../ui/error-note.tsx';
import { UnsavedGuard } from '../ui/unsaved-guard.tsx';
import { useAction } from '../ui/use-action.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import styles from './instructions-panel.module.css';

const OWN = '';

/** Words of its own, or a definition instead: an agent has one of them. */
export function InstructionsForm({ agent, onDone }: { agent: Agent; onDone: (saved: boolean) => void }) {
  const id = useId();
  const definitions = useQuery(definitionsQuery);
  const [source, setSource] = useState(agent.definition ?? OWN);
  const [words, setWords] = useState(agent.instructions ?? '');
  const [error, setError] = useState<unknown>(null);
  const { busy, run } = useAction();
  const dirty = source !== (agent.definition ?? OWN) || (source === OWN && words !== (agent.instructions ?? ''));
  const chosen = definitions.data?.find(({ name }) => name === source);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (busy) return;
    if (!dirty) return onDone(false);
    setError(null);
    await run(
      async () => {
        const body =
          source === OWN
            ? { instructions: words, ...(agent.definition ? { definition: null } : {}) }
            : { definition: source };
        await request('PATCH /api/agents/{id}', { params: { id: agent.id }, body });
        onDone(true);
      },
      {
        failed: (failure) => {
          setError(failure);
          return true;
        },
      },
    );
  }

  return (
    <form className={styles['form']} aria-label={t('Instructions')} onSubmit={(event) => void save(event)}>
      <div className={styles['field']}>
        <label htmlFor={`${id}-source`}>{t('They come from')}</label>
        <select id={`${id}-source`} value={source} onChange={(event) => setSource(event.target.value)}>
          <option value={OWN}>{t('the agent itself')}</option>
          {agent.definition && !definitions.data?.some(({ name }) => name === agent.definition) && (
            <option value={agent.definition}>{agent.definition}</option>
          )}
          {definitions.data?.map(({ name, file }) => (
            <option key={file} value={name}>
              {rich('the definition {name}', { name })}
            </option>
          ))}
        </select>
      </div>
      {source === OWN ? (
        <div className={styles['field']}>
          <label htmlFor={`${id}-words`}>{t('Its own words')}</label>
          <textarea
            id={`${id}-words`}
            rows={10}
            maxLength={200_000}
            value={words}
            spellCheck={false}
            onChange={(event) => setWords(event.target.value)}
          />
          {agent.definition && (
            <p className={styles['note']}>
              {rich(
                'It leaves the definition {definition}; model, tools and permission mode of that no longer count.',
                { definition: agent.definition },
              )}
            </p>
          )}
        </div>
      ) : (
        <p className={styles['note']}>
          {chosen?.description ?? t('What this definition says takes the place of words of its own.')}
          {source !== agent.definition && agent.instructions && !agent.definition && t(' Its own words are dropped.')}
        </p>
      )}
      {error !== null && <ErrorNote error={error} />}
      <div className={styles['buttons']}>
        <Button onClick={() => onDone(false)} disabled={busy}>
          {t('Cancel')}
        </Button>
        <Button type="submit" variant="contained" color="primary" disabled={busy || !dirty}>
          {busy ? t('Saving…') : t('Save')}
        </Button>
      </div>
      <UnsavedGuard dirty={dirty && !busy} />
    </form>
  );
}
