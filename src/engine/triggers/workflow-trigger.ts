/** Starts an execution when one of another workflow has ended. */
import { type Execution, FINISHED_EXECUTION } from '../../contract/executions.ts';
import type { WorkflowTrigger } from '../../contract/workflow-document.ts';
import type { EngineContext } from '../engine-context.ts';
import { nextInTopic, type TopicCursor } from './topic-events.ts';
import type { LookTrigger } from './trigger-kinds.ts';

type WorkflowEnd = Extract<WorkflowTrigger, { workflow: string }>;

export function workflowTrigger({ store }: Pick<EngineContext, 'store'>): LookTrigger {
  return ({ config, cursor }) =>
    nextInTopic(
      store.events,
      { topic: 'executions', cursor: cursor as TopicCursor }, // as beginTrigger has it
      async ({ event, data, at }) => {
        const told = data as Execution;
        if (event !== 'execution.changed' || !isMeant(config as WorkflowEnd, told)) return null;
        const ended = await store.executions.get(told.id);
        if (!ended) return null;
        const { id, workflowId, version, name, status, inputs, outputs, error } = ended;
        const execution = { id, workflowId, version, name, status, inputs, outputs: outputs ?? null, error };
        return { data: { kind: 'workflow', at, execution }, chain: ended.chain + 1 };
      },
    );
}

/** A document that was executed without being saved is no workflow, whatever its name. */
function isMeant({ workflow, on = 'succeeded' }: WorkflowEnd, { workflowId, name, status }: Execution): boolean {
  if (workflowId === null || !FINISHED_EXECUTION.includes(status)) return false;
  return (workflow === workflowId || workflow === name) && (on === 'any' || on === status);
}
