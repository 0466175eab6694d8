import { Link } from '@tanstack/react-router';
import type { Execution } from '../../../src/contract/executions.ts';
import { Age } from '../ui/age.tsx';
import { Elapsed } from './elapsed.tsx';

/** Where an execution comes from and what it took, on one line. */
export function ExecutionFacts({ execution }: { execution: Execution }) {
  return (
    <>
      {execution.workflowId ? (
        <Link to="/workflows/$id" params={{ id: execution.workflowId }}>
          workflow version {execution.version}
        </Link>
      ) : (
        <span>inline document</span>
      )}
      {execution.parentExecutionId && (
        <Link
          to="/executions/$id"
          params={{ id: execution.parentExecutionId }}
          search={execution.parentStepId ? { step: execution.parentStepId } : {}}
        >
          started by {execution.parentExecutionId.slice(-6)}
        </Link>
      )}
      {execution.origin && (
        <Link to="/executions/$id" params={{ id: execution.origin.executionId }}>
          {execution.origin.kind} of {execution.origin.executionId.slice(-6)}
        </Link>
      )}
      {execution.origin && (
        <Link
          to="/executions/$id/compare/$other"
          params={{ id: execution.origin.executionId, other: execution.id }}
          title="Side by side with the execution it goes on from"
        >
          compare with the one before
        </Link>
      )}
      {execution.origin?.kind === 'fork' && execution.origin.files && (
        <span title="The commit with the files of the checkpoint, which it began with">
          files of <code>{execution.origin.files.slice(0, 7)}</code>
        </span>
      )}
      <span>
        started <Age since={execution.startedAt ?? execution.createdAt} ago />
      </span>
      <span>
        took <Elapsed startedAt={execution.startedAt} finishedAt={execution.finishedAt} />
      </span>
      {execution.usage.cost > 0 && <span>${execution.usage.cost.toFixed(2)}</span>}
      <code title="The id of this execution">{execution.id}</code>
    </>
  );
}
