import { Link } from '@tanstack/react-router';
import type { Execution } from '../../../src/contract/executions.ts';
import { Age } from '../ui/age.tsx';
import { moneyWords } from '../ui/time-words.ts';
import { Took } from './took.tsx';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';

/** Where an execution comes from and what it took, on one line. */
export function ExecutionFacts({ execution }: { execution: Execution }) {
  return (
    <>
      {execution.workflowId ? (
        <Link to="/workflows/$id" params={{ id: execution.workflowId }}>
          {rich('workflow version {version}', { version: execution.version })}
        </Link>
      ) : (
        <span>{t('inline document')}</span>
      )}
      {execution.parentExecutionId && (
        <Link
          to="/executions/$id"
          params={{ id: execution.parentExecutionId }}
          search={execution.parentStepId ? { step: execution.parentStepId } : {}}
        >
          {rich('started by {slice}', { slice: execution.parentExecutionId.slice(-6) })}
        </Link>
      )}
      {execution.origin && (
        <Link to="/executions/$id" params={{ id: execution.origin.executionId }}>
          {rich('{kind} of {slice}', { kind: execution.origin.kind, slice: execution.origin.executionId.slice(-6) })}
        </Link>
      )}
      {execution.origin && (
        <Link
          to="/executions/$id/compare/$other"
          params={{ id: execution.origin.executionId, other: execution.id }}
          title={t('Side by side with the execution it goes on from')}
        >
          {t('compare with the one before')}
        </Link>
      )}
      {execution.origin?.kind === 'fork' && execution.origin.files && (
        <span title={t('The commit with the files of the checkpoint, which it began with')}>
          {rich('files of {slice}', { slice: <code>{execution.origin.files.slice(0, 7)}</code> })}
        </span>
      )}
      <span>
        {rich('started {startedAt} {by}', {
          startedAt: <Age since={execution.startedAt ?? execution.createdAt} ago />,
          by: starter(execution),
        })}
      </span>
      <span>
        <Took execution={execution} />
      </span>
      {execution.usage.cost > 0 && <span>{moneyWords(execution.usage.cost)}</span>}
      <code title={t('The id of this execution')}>{execution.id}</code>
    </>
  );
}

function starter({ parentExecutionId, trigger, createdBy }: Execution): string {
  if (parentExecutionId) return '';
  if (!trigger) return t('by {createdBy}', { createdBy });
  return {
    cron: t('by its schedule'),
    webhook: t('by its webhook'),
    workflow: t('by the end of another workflow'),
    agent: t('by the status of an agent'),
    file: t('by changed files'),
    git: t('by new commits'),
  }[trigger.kind];
}
