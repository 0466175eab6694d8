import { Link } from '@tanstack/react-router';
import type { ExecutionStatus } from '../../../src/contract/executions.ts';
import { ActiveExecutionRow } from '../executions/active-execution-row.tsx';
import { ExecutionRow } from '../executions/execution-row.tsx';
import { useExecutions } from '../live/use-topic.ts';
import { Empty, Loading } from '../ui/empty.tsx';
import { Panel } from '../ui/panel.tsx';
import { t } from '../words/words.ts';

const RECENT = 4;
const FOLLOWED = 6; // each followed execution is a topic of its own

export const ACTIVE_EXECUTION: readonly ExecutionStatus[] = ['running', 'waiting', 'queued', 'paused'];

/** What is under way, and the last that ended when nothing is. */
export function RunningExecutions() {
  const active = useExecutions().data?.filter(({ status }) => ACTIVE_EXECUTION.includes(status)).length;
  return (
    <Panel title={t('Executions')} count={active} flush actions={<Link to="/executions">{t('All executions')}</Link>}>
      <ExecutionLines />
    </Panel>
  );
}

/** The same without a frame. */
export function ExecutionLines() {
  const executions = useExecutions().data;
  if (!executions) return <Loading rows={3} />;
  if (executions.length === 0)
    return (
      <Empty
        icon="execution"
        title={t('Nothing has been executed yet')}
        action={<Link to="/workflows">{t('Choose a workflow')}</Link>}
      >
        {t('An execution is one durable run of a workflow. It survives restarts and waits for you when it must.')}
      </Empty>
    );
  const active = executions.filter(({ status }) => ACTIVE_EXECUTION.includes(status));
  const ended = executions.filter((execution) => !active.includes(execution)).slice(0, RECENT);
  return (
    <>
      {active.map((execution, index) =>
        index < FOLLOWED ? (
          <ActiveExecutionRow key={execution.id} execution={execution} />
        ) : (
          <ExecutionRow key={execution.id} execution={execution} />
        ),
      )}
      {ended.map((execution) => (
        <ExecutionRow key={execution.id} execution={execution} />
      ))}
    </>
  );
}
