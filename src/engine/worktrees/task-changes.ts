/** What a task changed in its worktree: shown, merged into the workspace it was cut from, or thrown away. */
import { PointsmanError } from '../../contract/errors.ts';
import type { MergeOutcome, TaskDiff } from '../../contract/task-changes.ts';
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import { FINISHED_EXECUTION } from '../../contract/executions.ts';
import type { TaskRecord, TaskWorktree } from '../../ports/store/agents.ts';
import type { Actor, EngineContext } from '../engine-context.ts';
import { taskView } from '../finish-task.ts';
import { keptOf } from './task-workspace.ts';

/** Bytes of the unified diff in one answer; hunks as JSON make about three times that. */
const DIFF_LIMIT_BYTES = 1024 * 1024;
const SUBJECT_LENGTH = 72; // what `git log --oneline` shows without wrapping

/** Also of a task that runs: what it changed until now. */
export async function taskDiff(context: EngineContext, task: TaskRecord): Promise<TaskDiff> {
  const { worktree, base, branch } = changesOf(task);
  const there = await context.workspaces.existing(worktree.name);
  // Nobody else works in a worktree of its own: what lies there now is what would be merged.
  const present = there !== null && (isItsOwn(worktree) || !worktree.end);
  const diff = await context.workspaces.diff({
    path: there?.path ?? worktree.source,
    from: base,
    ...(present || !worktree.end ? {} : { to: worktree.end }),
    limitBytes: DIFF_LIMIT_BYTES,
  });
  return { base, branch, ...diff };
}

/** Commits what is uncommitted on the branch, then merges it. Repeated after a crash it goes on where it was. */
export async function mergeTask(context: EngineContext, task: TaskRecord, by: Actor): Promise<MergeOutcome> {
  const { worktree, base, branch } = changesOf(task);
  await refuseWhileUsed(context, task, worktree);
  const { workspaces } = context;
  const there = await workspaces.existing(worktree.name);
  const agent = await context.store.agents.get(task.agentId);
  if (there) await workspaces.commitAll(there.path, subject(task.prompt), agent ? { author: agent.name } : {});
  // An agent may have switched to another branch there: its work is what lies there.
  const commit = there ? await workspaces.snapshot(there.path) : undefined;
  const merged = await workspaces.merge({ into: worktree.source, branch, ...(commit ? { commit } : {}) });
  if (merged.outcome === 'in_the_way')
    throw new PointsmanError('WORKSPACE_HAS_CHANGES', {
      detail: `Uncommitted work in ${worktree.source} would be overwritten: ${merged.files.join(', ')}.`,
    });
  if (merged.outcome === 'merged')
    await settle(context, { task, by, action: 'merge', fate: { merged: merged.commit } });
  // The workflow, a person, or we before a crash did it; the row must say so too.
  else if (merged.outcome === 'nothing_to_merge' && !worktree.merged && commit && commit !== base)
    await settle(context, { task, by, action: 'merge', fate: { merged: commit } });
  return merged;
}

/** Removes worktree and branch, whatever they hold; repeating it ends what was interrupted. */
export async function discardTask(context: EngineContext, task: TaskRecord, by: Actor): Promise<TaskRecord> {
  const worktree = worktreeOf(task);
  await refuseWhileUsed(context, task, worktree);
  await refuseWhileOwned(context, task, worktree);
  const sharers = await context.store.tasks.inWorktree(worktree.name);
  await context.workspaces.discard({
    repository: worktree.source,
    name: worktree.name,
    kept: sharers.map(({ id }) => keptOf(id)),
  });
  await settle(context, { task, by, action: 'discard', fate: { discarded: true } });
  return (await context.store.tasks.get(task.id)) ?? task;
}

function changesOf(task: TaskRecord): { worktree: TaskWorktree; base: string; branch: string } {
  const worktree = worktreeOf(task);
  if (worktree.discarded) throw new PointsmanError('CHANGES_DISCARDED');
  const { base, branch } = worktree;
  if (!base || !branch) throw new PointsmanError('TASK_NOT_BEGUN');
  return { worktree, base, branch };
}

function worktreeOf(task: TaskRecord): TaskWorktree {
  const worktree = task.workspace?.worktree;
  if (!worktree) throw new PointsmanError('TASK_NOT_ISOLATED');
  return worktree;
}

function isItsOwn({ of }: TaskWorktree): boolean {
  return of === 'task' || of === 'step';
}

async function refuseWhileUsed({ store }: EngineContext, task: TaskRecord, { name }: TaskWorktree): Promise<void> {
  if (!task.receipts.finishedAt) throw new PointsmanError('TASK_RUNNING', { detail: `The task is ${task.status}.` });
  const other = (await store.tasks.inWorktree(name)).find(
    ({ status, receipts }) => !receipts.finishedAt && status !== 'queued',
  );
  if (other)
    throw new PointsmanError('WORKTREE_IN_USE', { detail: `Another task, ${other.id}, works in the same worktree.` });
}

/** A worktree that somebody goes on working in is not taken from under them. */
async function refuseWhileOwned({ store }: EngineContext, task: TaskRecord, worktree: TaskWorktree): Promise<void> {
  if (worktree.of === 'agent') {
    const agent = await store.agents.get(task.agentId);
    if (agent?.desired === 'running')
      throw new PointsmanError('WORKTREE_IN_USE', {
        detail: `The agent ${agent.name} lives in this worktree; stop it first. Then the changes of all its tasks go.`,
      });
  }
  const execution = task.executionId ? await store.executions.get(task.executionId) : null;
  if (!execution || FINISHED_EXECUTION.includes(execution.status)) return;
  const document = execution.document as unknown as WorkflowDocument; // validated when it was started
  const waited = worktree.of === 'step' && document.workspace?.merge === 'sequential';
  if (waited || worktree.of === 'execution')
    throw new PointsmanError('WORKTREE_IN_USE', {
      detail: `The execution ${execution.id} still needs this worktree; wait for its end, or cancel it.`,
    });
}

/** Everyone who worked in it shares its fate. */
async function settle(
  { store }: EngineContext,
  {
    task,
    by,
    action,
    fate,
  }: { task: TaskRecord; by: Actor; action: 'merge' | 'discard'; fate: Pick<TaskWorktree, 'merged' | 'discarded'> },
): Promise<void> {
  await store.transaction(async (transaction) => {
    for (const sharer of await transaction.tasks.inWorktree(worktreeOf(task).name)) {
      const before = worktreeOf(sharer);
      if (before.discarded || !sharer.receipts.finishedAt) continue;
      const after = await transaction.tasks.changeWorktree(sharer.id, { ...before, ...fate });
      if (after) transaction.publish({ topic: `agent:${after.agentId}`, event: 'task.changed', data: taskView(after) });
    }
    await transaction.identity.audit({
      actor: by.name,
      action: `task.${action}`,
      subject: task.id,
      detail: { branch: worktreeOf(task).branch ?? null },
    });
  });
}

/** The first line of what was asked, as the subject of a commit. */
function subject(prompt: string): string {
  const line = prompt.split('\n').find((each) => each.trim() !== '') ?? 'Work of an agent';
  return line.length > SUBJECT_LENGTH ? `${line.slice(0, SUBJECT_LENGTH - 1)}…` : line;
}
