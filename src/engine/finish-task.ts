/** Ends a task once: its row, its agent's receipt and, when an execution waits for it, the mail — in one commit. */
import type { Task, TaskStatus } from '../contract/tasks.ts';
import type { FilesThen } from '../domain/settle/execution-state.ts';
import type { TaskRecord, TaskWorktree } from '../ports/store/agents.ts';
import type { StoreTransaction } from '../ports/store/store.ts';
import { withdrawToolQuestions } from './agent-tools/tool-questions.ts';
import type { EngineContext } from './engine-context.ts';
import type { Mailroom } from './mailroom.ts';
import { leftFiles } from './worktrees/execution-files.ts';
import { workDone, type WorkDone } from './worktrees/task-workspace.ts';

export interface TaskEnd {
  status: Extract<TaskStatus, 'succeeded' | 'failed' | 'cancelled' | 'timed_out' | 'delivery_unknown'>;
  result?: Task['result'];
  error?: { code: string; message: string };
  at?: string;
  /** Only when its status is one of these; it may have moved on since it was read. */
  from?: readonly TaskStatus[];
  /** The command may or may not have had its effect: the step becomes `unknown`, not `failed`. */
  uncertain?: boolean;
}

/** False when it had an end already. */
export async function finishTask(
  context: EngineContext & { mailroom: Mailroom },
  task: TaskRecord,
  found: TaskEnd,
): Promise<boolean> {
  const end = declared(task, found) ?? found;
  const at = end.at ?? context.clock.now().toISOString();
  const { executionId, effectKey } = task;
  const work = await workDone(context, task);
  const left = await filesLeft(context, task, work);
  const write = async (transaction: StoreTransaction): Promise<boolean> => {
    const changes = {
      status: end.status,
      ...(end.result ? { result: end.result } : {}),
      ...(end.error ? { error: end.error } : {}),
      ...(work ? { workspace: work.workspace } : {}),
      receipts: { finishedAt: at },
    };
    const updated = await transaction.tasks.update(task.id, changes, end.from);
    if (!updated) return false;
    await withdrawToolQuestions(transaction, task);
    if (executionId && effectKey) await transaction.executions.finishEffect(executionId, effectKey);
    if (executionId && end.result)
      await logAnswer(transaction, { executionId, stepId: task.stepId, text: end.result.text, at });
    transaction.publish({ topic: `agent:${task.agentId}`, event: 'task.changed', data: taskView(updated) });
    return true;
  };
  const ended =
    executionId && effectKey
      ? await context.mailroom.post(executionId, [{ ...stepEvent(effectKey, { end, task, work, at }), ...left }], write)
      : await context.store.transaction(write);
  if (ended) context.meter?.taskEnded(end.status);
  return ended;
}

/** Of a step in the worktree of its execution: its end was just looked at. */
async function filesLeft(
  context: EngineContext,
  { executionId }: TaskRecord,
  work: WorkDone | null,
): Promise<{ files?: FilesThen }> {
  const worktree = work?.workspace.worktree;
  if (!executionId || !worktree) return {};
  const { of, path, end: commit } = worktree;
  return leftFiles(context, executionId, { of, path, ...(commit === undefined ? {} : { commit }) });
}

/** What the agent itself said of its task counts more than how its turn went; only a person's word counts more than that. */
function declared({ completion }: TaskRecord, { status, at, from }: TaskEnd): TaskEnd | null {
  if (!completion || status === 'cancelled') return null;
  const { result } = completion;
  const end: TaskEnd =
    completion.status === 'failed'
      ? { status: 'failed', result, error: completion.error }
      : { status: 'succeeded', result };
  return { ...end, ...(at ? { at } : {}), ...(from ? { from } : {}) };
}

/** Lines of an agent's answer that the execution's log shows; the step keeps all of it. */
const LOGGED_LINES = 500;

async function logAnswer(
  transaction: StoreTransaction,
  { executionId, stepId, text, at }: { executionId: string; stepId: string | undefined; text: string; at: string },
): Promise<void> {
  const step = stepId ? await transaction.executions.step(stepId) : null;
  const all = text === '' ? [] : text.split('\n');
  const lines = [
    ...all.slice(0, LOGGED_LINES),
    ...(all.length > LOGGED_LINES ? [`(${all.length - LOGGED_LINES} more lines in the step's output)`] : []),
  ];
  const stored = await transaction.executions.appendLogs(
    executionId,
    lines.map((line) => ({
      at,
      ...(step ? { stepId: step.id, nodeId: step.nodeId } : {}),
      stream: 'stdout' as const,
      text: line,
    })),
  );
  if (stored.length > 0)
    transaction.publish({
      topic: `execution:${executionId}`,
      event: 'log.appended',
      data: { lines: stored.slice(-200), total: stored.length },
    });
}

function stepEvent(
  key: string,
  { end, task, work, at }: { end: TaskEnd; task: TaskRecord; work: WorkDone | null; at: string },
): object {
  const { result } = end;
  const output =
    result || work
      ? {
          text: result?.text ?? '',
          ...(result && 'data' in result ? { data: result.data } : {}),
          ...(result?.exitCode === undefined ? {} : { exitCode: result.exitCode }),
          usage: task.usage,
          ...(work ? { branch: work.branch } : {}),
          ...(work?.diff === undefined ? {} : { diff: work.diff }),
        }
      : undefined;
  const failed = (code: string, message: string) => ({
    type: 'attempt_failed',
    key,
    at,
    error: { code, message },
    ...(output ? { output } : {}),
  });
  switch (end.status) {
    case 'succeeded':
      return { type: 'attempt_succeeded', key, at, output };
    case 'cancelled':
      return { type: 'attempt_cancelled', key, at, ...(output ? { output } : {}) };
    case 'timed_out':
      return failed('TIMEOUT', end.error?.message ?? 'The task took longer than its timeout.');
    case 'delivery_unknown':
      return {
        type: 'attempt_unknown',
        key,
        at,
        reason: end.error?.message ?? 'Whether the prompt reached the agent is not known.',
      };
    case 'failed':
      if (end.uncertain)
        return {
          type: 'attempt_unknown',
          key,
          at,
          reason: end.error?.message ?? 'The agent was lost in the middle of its task.',
        };
      return failed(end.error?.code ?? 'COMMAND_FAILED', end.error?.message ?? 'The task failed.');
  }
}

export function taskView(task: TaskRecord): Task {
  const {
    effectKey: _effectKey,
    outputSchema: _outputSchema,
    timeoutMs: _timeoutMs,
    stopping: _stopping,
    createdBy: _createdBy,
    completion: _completion,
    repair: _repair,
    delegation: _delegation,
    session: _session,
    workspace,
    ...view
  } = task;
  return { ...view, ...(workspace?.worktree ? worktreeView(workspace.worktree) : {}) };
}

function worktreeView({ path, branch, merged, discarded }: TaskWorktree): Pick<Task, 'workspace'> {
  if (!path || !branch) return {};
  return { workspace: { path, branch, state: discarded ? 'discarded' : merged ? 'merged' : 'open' } };
}
