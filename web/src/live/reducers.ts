/** What each topic's events do to its data; pure. Unknown events change nothing, so a newer server does no harm. */
import type { Agent } from '../../../src/contract/agents.ts';
import type { Execution, Step } from '../../../src/contract/executions.ts';
import type { InboxItem } from '../../../src/contract/inbox.ts';
import type { IncidentSummary } from '../../../src/contract/incidents.ts';
import type { Task, TaskProgress } from '../../../src/contract/tasks.ts';
import type { Workflow } from '../../../src/contract/workflows.ts';
import type { Reducer } from './frames.ts';

// The casts below trust our own server: it validates frames against the same contract before it sends them.

export const agentsReducer: Reducer<readonly Agent[]> = {
  fromSnapshot: (data) => data as Agent[],
  apply(agents, event, payload) {
    switch (event) {
      case 'agent.created':
      case 'agent.changed':
        return upsert(agents, payload as Agent, 'last');
      case 'agent.deleted':
        return agents.filter((agent) => agent.id !== (payload as { id: string }).id);
      case 'agents.measured': {
        const measured = new Map((payload as Pick<Agent, 'id' | 'cpu' | 'memory'>[]).map((entry) => [entry.id, entry]));
        return agents.map((agent) => {
          const entry = measured.get(agent.id);
          return entry && (entry.cpu !== agent.cpu || entry.memory !== agent.memory) ? { ...agent, ...entry } : agent;
        });
      }
      default:
        return agents;
    }
  },
};

export interface AgentView {
  agent: Agent;
  tasks: readonly Task[];
  /** The last word of each task that said how far it is. */
  progress: readonly TaskProgress[];
}

/** Null when there is none, or none any more. */
export const agentReducer: Reducer<AgentView | null> = {
  fromSnapshot: (data) => data as AgentView | null,
  apply(view, event, payload) {
    if (view === null) return null;
    switch (event) {
      case 'agent.deleted':
        return null;
      case 'agent.changed':
        return { ...view, agent: payload as Agent };
      case 'task.changed':
        return { ...view, tasks: upsert(view.tasks, payload as Task, 'first') };
      case 'task.progress':
        return { ...view, progress: lastWords(view.progress, payload as TaskProgress) };
      case 'seat.changed':
        return { ...view, agent: { ...view.agent, seat: seatOf(payload) } };
      default:
        return view;
    }
  },
};

export const workflowsReducer: Reducer<readonly Workflow[]> = {
  fromSnapshot: (data) => data as Workflow[],
  apply(workflows, event, payload) {
    switch (event) {
      case 'workflow.created':
      case 'workflow.changed':
        return upsert(workflows, payload as Workflow, 'first');
      case 'workflow.deleted':
        return workflows.filter((workflow) => workflow.id !== (payload as { id: string }).id);
      default:
        return workflows;
    }
  },
};

export const executionsReducer: Reducer<readonly Execution[]> = {
  fromSnapshot: (data) => data as Execution[],
  apply(executions, event, payload) {
    switch (event) {
      case 'execution.created':
      case 'execution.changed':
        return upsert(executions, payload as Execution, 'first');
      case 'executions.deleted':
        return without(executions, (payload as { ids: string[] }).ids);
      default:
        return executions;
    }
  },
};

export interface ExecutionView extends Execution {
  progress: readonly TaskProgress[];
}

/** Null when there is none, or none any more. */
export const executionReducer: Reducer<ExecutionView | null> = {
  fromSnapshot: (data) => data as ExecutionView | null,
  apply(execution, event, payload) {
    if (execution === null) return null;
    switch (event) {
      case 'execution.changed':
        return { ...execution, ...(payload as Execution), steps: execution.steps };
      case 'task.progress':
        return { ...execution, progress: lastWords(execution.progress, payload as TaskProgress) };
      case 'step.changed':
        return { ...execution, steps: [...upsert(execution.steps, payload as Step, 'last')] };
      default:
        return execution;
    }
  },
};

export interface InboxView {
  /** Oldest first. */
  open: readonly InboxItem[];
  /** Closed while we watched, newest first: to say who answered what. */
  closed: readonly InboxItem[];
}

export const inboxReducer: Reducer<InboxView> = {
  fromSnapshot: (data) => ({ open: oldestFirst(data as InboxItem[]), closed: [] }),
  apply(view, event, payload) {
    const item = payload as InboxItem;
    switch (event) {
      case 'inbox.opened':
        return { ...view, open: oldestFirst(upsert(view.open, item, 'last')) };
      case 'inbox.closed':
        return {
          open: view.open.filter((open) => open.id !== item.id),
          closed: [item, ...view.closed.filter((closed) => closed.id !== item.id)].slice(0, 50),
        };
      default:
        return view;
    }
  },
};

export interface SystemView {
  version?: string;
  startedAt?: string;
  /** Those that are not over, newest first. */
  incidents?: readonly IncidentSummary[];
}

export const systemReducer: Reducer<SystemView> = {
  fromSnapshot: (data) => data as SystemView,
  apply(view, event, payload) {
    if (event !== 'incident.changed') return view;
    const incident = payload as IncidentSummary;
    const open = view.incidents ?? [];
    if (incident.closedAt) return { ...view, incidents: open.filter(({ id }) => id !== incident.id) };
    return { ...view, incidents: upsert(open, incident, 'first') };
  },
};

function upsert<T extends { id: string }>(list: readonly T[], entry: T, place: 'first' | 'last'): readonly T[] {
  const at = list.findIndex((other) => other.id === entry.id);
  if (at === -1) return place === 'first' ? [entry, ...list] : [...list, entry];
  return list.with(at, entry);
}

/** The same list when none of them was in it. */
export function without<T extends { id: string }>(list: readonly T[], ids: readonly string[]): readonly T[] {
  const gone = new Set(ids);
  return list.some(({ id }) => gone.has(id)) ? list.filter(({ id }) => !gone.has(id)) : list;
}

function lastWords(told: readonly TaskProgress[], word: TaskProgress): readonly TaskProgress[] {
  return [...told.filter(({ taskId }) => taskId !== word.taskId), word];
}

function oldestFirst(items: readonly InboxItem[]): InboxItem[] {
  return items.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id));
}

function seatOf(payload: unknown): Agent['seat'] {
  const seat = payload as { by?: string | null; since?: string } | null;
  return seat?.by ? { by: seat.by, since: seat.since ?? new Date().toISOString() } : null;
}
