/** What a topic looks like now: the beginning of every subscription. */
import type { TaskProgress } from '../../contract/tasks.ts';
import { isId } from '../../contract/written-ids.ts';
import { agentView } from '../../engine/agents/agent-view.ts';
import { taskView } from '../../engine/finish-task.ts';
import { inboxView } from '../../engine/inbox-view.ts';
import { incidentSummary } from '../../engine/incidents/note-incident.ts';
import { workflowView } from '../../engine/save-workflow.ts';
import { executionView } from '../../ports/store/executions.ts';
import type { Services } from '../services.ts';
import type { SnapshotOf } from './updates-gateway.ts';

const NEWEST = 50;
const PROGRESS_LOOKED_AT = 200;

/** Null for a thing that does not exist; the subscription holds until it does. */
export function snapshots({
  store,
  agents,
  version,
  startedAt,
}: Pick<Services, 'store' | 'agents' | 'version' | 'startedAt'>): SnapshotOf {
  const currentTask = (agentId: string) => agents.live(agentId)?.currentTaskId ?? null;
  /** The last word of each task that said how far it is. */
  const progressOf = async (topic: string) => {
    const told = await store.events.newest(topic, 'task.progress', PROGRESS_LOOKED_AT);
    // Each later one replaces the one before.
    return [...new Map(told.map(({ data }) => [(data as TaskProgress).taskId, data as TaskProgress])).values()];
  };
  return async (topic) => {
    const [kind, id = ''] = topic.split(/:(.*)/s, 2);
    switch (kind) {
      case 'agents':
        return (await store.agents.list()).map((agent) => agentView(agent, currentTask(agent.id)));
      case 'agent': {
        const agent = isId(id) ? await store.agents.get(id) : null;
        return agent
          ? {
              agent: agentView(agent, currentTask(id)),
              tasks: (await store.tasks.list(id, { limit: 20 })).map(taskView),
              progress: await progressOf(topic),
            }
          : null;
      }
      case 'workflows':
        return (await store.workflows.list({ limit: 200 })).map(({ workflow, newest }) =>
          workflowView(workflow, newest),
        );
      case 'executions':
        return (await store.executions.list({}, { limit: NEWEST })).map((record) => executionView(record, []));
      case 'execution': {
        const record = isId(id) ? await store.executions.get(id) : null;
        return record
          ? { ...executionView(record, await store.executions.steps(id)), progress: await progressOf(topic) }
          : null;
      }
      case 'inbox':
        return (await store.inbox.list({ state: 'open' }, { limit: 200 })).map(inboxView);
      case 'state':
        return store.sharedState.list(id, { limit: 200 });
      default:
        return {
          version,
          startedAt,
          incidents: (await store.incidents.list({ open: true }, { limit: 200 })).map(incidentSummary),
        };
    }
  };
}
