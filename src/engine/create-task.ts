/** Hands a task to an agent: accepted in one commit, delivered when the agent can take it, or failed loudly. */
import type { CreateTask } from '../contract/tasks.ts';
import { durationMs, NO_USAGE } from '../contract/tasks.ts';
import { PointsmanError } from '../contract/errors.ts';
import type { AgentRecord, TaskRecord } from '../ports/store/agents.ts';
import type { Actor } from './engine-context.ts';
import type { EffectContext } from './effects/effect-runner.ts';
import { finishTask, taskView } from './finish-task.ts';

export async function createTask(
  context: EffectContext,
  request: { agent: AgentRecord; task: CreateTask; by: Actor },
): Promise<TaskRecord> {
  const { agent, task, by } = request;
  if (agent.desired === 'stopped') throw new PointsmanError('AGENT_NOT_RUNNING');
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
  if (task.workspace === 'worktree')
    throw new PointsmanError('FEATURE_UNAVAILABLE', {
      detail: 'A worktree for a single task is not available yet; a workflow step can have one.',
      problems: [{ path: '/workspace', code: 'FEATURE_UNAVAILABLE', message: 'Use shared.', severity: 'error' }],
    });
  const now = context.clock.now().toISOString();
  const record: TaskRecord = {
    id: context.ids.next(),
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
