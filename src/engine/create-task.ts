/** Hands a task to an agent: accepted in one commit, delivered when the agent can take it, or failed loudly. */
import type { CreateTask } from '../contract/tasks.ts';
import { durationMs, NO_USAGE } from '../contract/tasks.ts';
import { PointsmanError } from '../contract/errors.ts';
import type { AgentRecord, TaskDelegation, TaskRecord, TaskWorkspace } from '../ports/store/agents.ts';
import { usedUpToday } from './budgets/day-budget.ts';
import type { Actor } from './engine-context.ts';
import type { EffectContext } from './effects/effect-runner.ts';
import { finishTask, taskView } from './finish-task.ts';
import { homeOf, settleIn, workspaceAtHome } from './worktrees/agent-worktree.ts';

export async function createTask(
  context: EffectContext,
  request: { agent: AgentRecord; task: CreateTask; by: Actor; delegation?: TaskDelegation },
): Promise<TaskRecord> {
  const { agent, task, by } = request;
  if (agent.desired === 'stopped') throw new PointsmanError('AGENT_NOT_RUNNING');
  const stopped = (await usedUpToday(context, context.store, agent)).some(({ decided }) => decided?.stopped);
  if (stopped)
    throw new PointsmanError('BUDGET_EXCEEDED', {
      detail: 'Somebody stopped this agent for today: its budget is used up.',
    });
  if (agent.session?.adopted) throw new PointsmanError('AGENT_ADOPTED');
  if (agent.kind === 'shell' && task.prompt.includes('\n')) {
    throw new PointsmanError('SHELL_PROMPT_MULTILINE', {
      problems: [
        {
          path: '/prompt',
          code: 'SHELL_PROMPT_MULTILINE',
          message: 'A shell agent takes one command line.',
          severity: 'error',
        },
      ],
    });
  }
  const id = context.ids.next();
  const workspace = task.workspace === 'worktree' ? await ownWorktree(context, agent, id) : workspaceAtHome(agent);
  const now = context.clock.now().toISOString();
  const record: TaskRecord = {
    id,
    agentId: agent.id,
    prompt: task.prompt,
    status: 'queued',
    receipts: { acceptedAt: now, typedAt: null, submittedAt: null, turnStartedAt: null, finishedAt: null },
    usage: NO_USAGE,
    createdAt: now,
    effectKey: null,
    outputSchema: task.outputSchema ?? null,
    timeoutMs: task.timeout ? durationMs(task.timeout) : null,
    stopping: null,
    completion: null,
    repair: null,
    delegation: request.delegation ?? null,
    session: 'reuse',
    workspace,
    createdBy: by.name,
  };
  await context.store.transaction(async (transaction) => {
    await transaction.tasks.insert(record);
    await transaction.identity.audit({
      actor: by.name,
      action: 'task.create',
      subject: record.id,
      detail: { agentId: agent.id },
    });
    transaction.publish({ topic: `agent:${agent.id}`, event: 'task.changed', data: taskView(record) });
    transaction.notify({ channel: 'tasks', key: agent.id });
  });
  return record;
}

/** A worktree of the task alone, cut from where its agent lives; it is made when the task begins. */
async function ownWorktree(context: EffectContext, agent: AgentRecord, taskId: string): Promise<TaskWorkspace> {
  const source = homeOf(await settleIn(context, agent));
  const unfit = await context.workspaces.unfitForWorktree(source);
  if (unfit)
    throw new PointsmanError('WORKSPACE_NOT_A_REPOSITORY', {
      detail: unfit,
      problems: [{ path: '/workspace', code: 'WORKSPACE_NOT_A_REPOSITORY', message: unfit, severity: 'error' }],
    });
  return { version: 1, directory: null, worktree: { of: 'task', source, name: `tasks/${taskId}` } };
}

/** Stops a task wherever it is: one that waits ends at once, one that runs is interrupted by its host. */
export async function cancelTask(context: EffectContext, task: TaskRecord): Promise<TaskRecord> {
  if (task.receipts.finishedAt)
    throw new PointsmanError('TASK_FINISHED', { detail: `The task has ended: ${task.status}.` });
  if (task.status === 'queued') {
    await finishTask(context, task, { status: 'cancelled' });
  } else {
    await context.store.transaction(async (transaction) => {
      await transaction.tasks.update(task.id, { stopping: 'cancelled' });
      transaction.notify({ channel: 'tasks', key: task.agentId });
    });
  }
  return (await context.store.tasks.get(task.id)) ?? task;
}
