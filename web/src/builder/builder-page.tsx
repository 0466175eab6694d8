import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { meQuery, workflowQuery } from '../api/queries.ts';
import { Page } from '../shell/page.tsx';
import { Loading } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Builder } from './builder.tsx';
import { NewWorkflow } from './new-workflow.tsx';
import { t } from '../words/words.ts';

/** A workflow to be changed; without an id, a new one. */
export function BuilderPage() {
  const { id } = useParams({ strict: false });
  const { from, execute } = useSearch({ strict: false });
  const me = useQuery(meQuery).data;
  // Read once: what others save meanwhile is told, not put under what is being written.
  const read = useQuery({ ...workflowQuery(id ?? ''), enabled: id !== undefined, staleTime: Infinity });
  const readOnly = !(me?.permissions.includes('operate') ?? false);
  if (id === undefined) return <NewWorkflow from={from} />;
  if (!read.data)
    return (
      <Page title={t('Workflow')} back={{ to: '/workflows', label: t('Workflows') }}>
        {read.error ? (
          <ErrorNote error={read.error} onRetry={() => void read.refetch()} />
        ) : (
          <Loading rows={9} label={t('Loading the workflow')} />
        )}
      </Page>
    );
  return <Builder workflow={read.data} beginning={read.data.document} readOnly={readOnly} execute={execute === true} />;
}
