/** An agent step: hands a task to an agent, once; the task's end comes back through finish-task. */
import { NO_USAGE } from '../../contract/tasks.ts';
import type { AgentRecord, TaskRecord, TaskWorkspace } from '../../ports/store/agents.ts';
import type { EffectRecord } from '../../ports/store/executions.ts';
import { taskView } from '../finish-task.ts';
import { homeOf, workspaceAtHome } from '../worktrees/agent-worktree.ts';
import { type EffectContext, type EffectKindRunner, finishEffect } from './effect-runner.ts';
import { worktreeName } from './merge-effect.ts';
import type { StepWorkspace, WorkspaceOf } from './step-workspace.ts';

interface AgentPayload {
  step: { id: string; nodeId: string };
  config: {
    agent: string | { capability: string } | (string | { capability: string })[];
    prompt: string;
    output?: Record<string, unknown>;
    workspace?: 'shared' | 'worktree';
    session?: 'reuse' | 'fresh';
  };
  timeoutMs?: number;
}

export function agentEffect(
  context: EffectContext,
  options: { workspaceOf: WorkspaceOf; cancelTask: (task: TaskRecord) => Promise<void> },
): EffectKindRunner {
  return async (effect, { cancel }) => {
    if (effect.status === 'intended' && !(await handOver(effect, cancel))) return;
    // The task is on its way; what is left for us is to stop it, when a later sweep finds that the execution says so.
    if (!cancel.aborted) return;
    const task = await context.store.tasks.byEffect(effect.executionId, effect.key);
    if (task) await options.cancelTask(task);
    else
      await finishEffect(context, effect, {
        type: 'attempt_cancelled',
        key: effect.key,
        at: context.clock.now().toISOString(),
      });
  };

  async function handOver(effect: EffectRecord, cancel: AbortSignal): Promise<boolean> {
    const { step, config, timeoutMs } = effect.payload as unknown as AgentPayload; // written by commitSuperstep from settle's effect
    const now = context.clock.now().toISOString();
    const fail = (code: string, message: string) =>
      finishEffect(context, effect, { type: 'attempt_failed', key: effect.key, at: now, error: { code, message } });
    if (cancel.aborted) {
      await finishEffect(context, effect, { type: 'attempt_cancelled', key: effect.key, at: now });
      return false;
    }
    const agent = await chooseAgent(config.agent);
    if (!agent) {
      await fail('NO_AGENT_AVAILABLE', `No running agent fits ${describe(config.agent)}. Start it, or add a fallback.`);
      return false;
    }
    const workspace = await options.workspaceOf(
      effect.executionId,
      config.workspace === 'worktree' ? { worktreeName: worktreeName(effect.key) } : undefined,
    );
    if (workspace.outcome === 'failed') {
      await fail('WORKTREE_FAILED', workspace.reason);
      return false;
    }
    const task: TaskRecord = {
      id: context.ids.next(),
      agentId: agent.id,
      executionId: effect.executionId,
      stepId: step.id,
      effectKey: effect.key,
      prompt: config.prompt,
      workspace: await workspaceFor(agent, effect, workspace),
      outputSchema: config.output ?? null,
      timeoutMs: timeoutMs ?? null,
      stopping: null,
      completion: null,
      repair: null,
      delegation: null,
      session: config.session ?? 'reuse',
      status: 'queued',
      receipts: { acceptedAt: now, typedAt: null, submittedAt: null, turnStartedAt: null, finishedAt: null },
      usage: NO_USAGE,
      createdBy: `execution ${effect.executionId}`,
      createdAt: now,
    };
    return context.store.transaction(async (transaction) => {
      if (!(await transaction.executions.startEffect(effect.executionId, effect.key, context.hostId))) return false;
      await transaction.tasks.insert(task);
      await transaction.executions.setStepTask(step.id, task.id);
      transaction.publish({ topic: `agent:${agent.id}`, event: 'task.changed', data: taskView(task) });
      transaction.notify({ channel: 'tasks', key: agent.id });
      return true;
    });
  }

  /** Only a workspace that the workflow names is entered; otherwise the agent works where it lives. */
  async function workspaceFor(
    agent: AgentRecord,
    effect: EffectRecord,
    { path, worktree }: Extract<StepWorkspace, { outcome: 'ready' }>,
  ): Promise<TaskWorkspace | null> {
    if (worktree) return { version: 1, directory: path, worktree: { ...worktree, path } };
    const record = await context.store.executions.get(effect.executionId);
    if (!record?.document['workspace']) return workspaceAtHome(agent);
    return path === homeOf(agent) ? null : { version: 1, directory: path };
  }

  async function chooseAgent(wanted: AgentPayload['config']['agent']): Promise<AgentRecord | null> {
    const agents = (await context.store.agents.list()).filter(
      (agent) => agent.desired === 'running' && agent.status !== 'auth_failed' && !agent.session?.adopted,
    );
    for (const choice of Array.isArray(wanted) ? wanted : [wanted]) {
      const fitting = agents.filter((agent) =>
        typeof choice === 'string'
          ? agent.id === choice || agent.name === choice
          : agent.capabilities.includes(choice.capability),
      );
      const waiting = new Map<string, number>();
      for (const task of await context.store.tasks.open())
        waiting.set(task.agentId, (waiting.get(task.agentId) ?? 0) + 1);
      const [best] = fitting.toSorted(
        (a, b) =>
          Number(a.status === 'rate_limited') - Number(b.status === 'rate_limited') ||
          (waiting.get(a.id) ?? 0) - (waiting.get(b.id) ?? 0) ||
          (a.id < b.id ? -1 : 1),
      );
      if (best) return best;
    }
    return null;
  }
}

function describe(wanted: AgentPayload['config']['agent']): string {
  return (Array.isArray(wanted) ? wanted : [wanted])
    .map((choice) => (typeof choice === 'string' ? `“${choice}”` : `the capability “${choice.capability}”`))
    .join(' or ');
}
