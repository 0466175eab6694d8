import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { meQuery, workflowQuery } from '../api/queries.ts';
import { Page } from '../shell/page.tsx';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { t } from '../words/words.ts';
import { Builder } from './builder.tsx';
import type { Doc } from './document.ts';
import { NewWorkflow, useExample } from './new-workflow.tsx';

/** What is edited, by its address. */
interface Edited {
  id: string | undefined;
  from: string | undefined;
  /** A new one: from a file of the person's. */
  read: Doc | null;
  /** The id that a new one was saved under, before its address says so. */
  savedAs: string | null;
  /** Another number is another builder. */
  key: number;
}

/** A workflow to be changed; without an id, a new one, which goes on in the same builder when it is saved. */
export function BuilderPage() {
  const { id } = useParams({ strict: false });
  const { from } = useSearch({ strict: false });
  const me = useQuery(meQuery).data;
  // Read once: what others save meanwhile is told, not put under what is being written.
  const saved = useQuery({ ...workflowQuery(id ?? ''), enabled: id !== undefined, staleTime: Infinity });
  const example = useExample(id === undefined ? from : undefined);
  const [edited, setEdited] = useState<Edited>({ id, from, read: null, savedAs: null, key: 0 });
  if (edited.id !== id || edited.from !== from) {
    const same = id !== undefined && edited.savedAs === id;
    setEdited({ id, from, read: null, savedAs: null, key: same ? edited.key : edited.key + 1 });
  }

  const beginning = edited.read ?? example;
  if (id === undefined && beginning === null)
    return <NewWorkflow from={from} onRead={(read) => setEdited({ ...edited, read })} />;
  if (id !== undefined && !saved.data)
    return (
      <Page title={t('Workflow')} back={{ to: '/workflows', label: t('Workflows') }}>
        {saved.error ? (
          <ErrorNote error={saved.error} onRetry={() => void saved.refetch()} />
        ) : (
          <Loading rows={9} label={t('Loading the workflow')} />
        )}
      </Page>
    );
  return (
    <Builder
      key={edited.key}
      workflow={saved.data ?? null}
      beginning={saved.data?.document ?? beginning ?? {}}
      readOnly={!(me?.permissions.includes('operate') ?? false)}
      onFirstSave={(savedAs) => setEdited({ ...edited, savedAs })}
    />
  );
}
