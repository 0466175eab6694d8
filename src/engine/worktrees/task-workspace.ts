/** A task's worktree around its run: there before the prompt is typed, looked at when the task ends. */
import type { TaskRecord, TaskWorkspace } from '../../ports/store/agents.ts';
import type { EngineContext } from '../engine-context.ts';

/** Bytes of a diff in the output of a step. A prompt takes 64 KiB: this fits into one, with instructions around it. */
export const STEP_DIFF_LIMIT_BYTES = 48 * 1024;
/** Room for the line that says that a diff was cut. */
const MARKER_BYTES = 200;

export type ReadyWorkspace = { outcome: 'ready'; task: TaskRecord } | { outcome: 'failed'; reason: string };

/** Makes the worktree and remembers how it is before anything happens in it. Repeating it changes nothing. */
export async function readyWorkspace(context: EngineContext, task: TaskRecord): Promise<ReadyWorkspace> {
  const worktree = task.workspace?.worktree;
  if (!task.workspace || !worktree) return { outcome: 'ready', task };
  try {
    const { path, branch } = await context.workspaces.worktree({ repository: worktree.source, name: worktree.name });
    const base = worktree.base ?? (await context.workspaces.snapshot(path, { keepAs: `${keptOf(task.id)}/base` }));
    const workspace = {
      ...task.workspace,
      directory: worktree.of === 'agent' ? null : path,
      worktree: { ...worktree, path, branch, base },
    };
    return { outcome: 'ready', task: (await context.store.tasks.update(task.id, { workspace })) ?? task };
  } catch (error) {
    return { outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

export interface WorkDone {
  workspace: TaskWorkspace;
  /** For the output of its step. */
  branch: string;
  diff?: string;
}

/** What a task that ends now has changed; null when it began in no worktree. A diff that cannot be made holds up no end. */
export async function workDone(context: EngineContext, { id, workspace: given }: TaskRecord): Promise<WorkDone | null> {
  // Most work in no worktree; of the others, whoever ends it may hold the row of before it was ready.
  const task = given?.worktree ? await context.store.tasks.get(id) : null;
  const { workspace, executionId } = task ?? {};
  if (!workspace?.worktree) return null;
  const { path, branch, base } = workspace.worktree;
  if (!path || !branch || !base) return null;
  try {
    const end = await context.workspaces.snapshot(path, { keepAs: `${keptOf(id)}/end` });
    const done = { workspace: { ...workspace, worktree: { ...workspace.worktree, end } }, branch };
    return executionId ? { ...done, diff: await diffForStep(context, { id, path, from: base, to: end }) } : done;
  } catch (error) {
    context.log.warn({ error, taskId: id }, 'what a task changed could not be read');
    return { workspace, branch };
  }
}

/** Snapshots of a task are kept under this name until its changes are discarded. */
export function keptOf(taskId: string): string {
  return `tasks/${taskId}`;
}

async function diffForStep(
  { workspaces }: EngineContext,
  { id, ...between }: { id: string; path: string; from: string; to: string },
): Promise<string> {
  const { text, truncated, stats } = await workspaces.diff({
    ...between,
    limitBytes: STEP_DIFF_LIMIT_BYTES - MARKER_BYTES,
  });
  if (!truncated) return text;
  return `${text}[diff cut at ${STEP_DIFF_LIMIT_BYTES} bytes: ${stats.files} files, +${stats.additions} -${stats.deletions}; all of it: GET /api/tasks/${id}/diff]\n`;
}
