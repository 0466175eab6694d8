/** The files of an execution's worktree over time: kept at the end of each step in it, found again for a fork. */
import { PointsmanError } from '../../contract/errors.ts';
import { Id } from '../../contract/identifiers.ts';
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import type { ExecutionState, FilesThen } from '../../domain/settle/execution-state.ts';
import type { ExecutionRecord } from '../../ports/store/executions.ts';
import { type StepWorkspace, workspaceOf } from '../effects/step-workspace.ts';
import type { EngineContext } from '../engine-context.ts';

/** What is kept of an execution that is not stored: a fork may be about to store it. */
const SPARED_MS = 3_600_000;

/**
 * For the outcome of a step that worked there: keeps the files as they are now. Nothing where the execution has no worktree
 * of its own. What cannot be kept holds up no outcome; a fork says why it is missing.
 */
export async function leftFiles(
  context: Pick<EngineContext, 'workspaces' | 'log'>,
  executionId: string,
  place: { of: string; path: string | undefined; commit?: string } | undefined,
): Promise<{ files?: FilesThen }> {
  if (place?.of !== 'execution' || place.path === undefined) return {};
  const { path: worktree, commit } = place;
  try {
    const kept = await context.workspaces.keepFiles({
      execution: executionId,
      worktree,
      ...(commit === undefined ? {} : { commit }),
    });
    return { files: { outcome: 'kept', ...kept } };
  } catch (error) {
    context.log.warn({ error, executionId }, 'the files of a step could not be kept');
    return { files: { outcome: 'lost', reason: error instanceof Error ? error.message : String(error) } };
  }
}

/** Where a step worked, for `leftFiles`. */
export function placeOf(workspace: StepWorkspace): { of: string; path: string } | undefined {
  if (workspace.outcome === 'failed' || !workspace.worktree) return undefined;
  return { of: workspace.worktree.of, path: workspace.path };
}

/** The commit with the files of a checkpoint; null where the execution has no worktree of its own. */
export async function filesAt(
  context: EngineContext,
  execution: ExecutionRecord,
  { files }: ExecutionState,
): Promise<string | null> {
  const document = execution.document as unknown as WorkflowDocument; // validated when it was started
  const { workspace } = document;
  if (workspace?.isolation !== 'worktree') return null;
  if (!files) throw notKept('This execution took the step before files were kept.');
  if (files.outcome === 'lost') throw notKept(files.reason);
  if (files.outcome === 'kept') return files.commit;
  const first = () =>
    context.workspaces.firstFiles({
      execution: execution.id,
      repository: workspace.path,
      name: `${execution.id}/main`,
    });
  try {
    const known = await first();
    if (known) return known;
    // No step has needed it yet. Made now, both begin with the same.
    const made = await workspaceOf(context)(execution.id);
    if (made.outcome === 'failed') throw notKept(made.reason);
    return (await first()) ?? fail('Nothing says what its worktree was cut from.');
  } catch (error) {
    if (error instanceof PointsmanError && error.code !== 'WORKTREE_FAILED') throw error;
    throw notKept(error instanceof Error ? error.message : String(error));
  }
}

/** Keeps the files for a fork that is about to be stored, so that they outlive the original. */
export async function keepForFork(
  { workspaces }: Pick<EngineContext, 'workspaces'>,
  { execution, repository, commit }: { execution: string; repository: string; commit: string },
): Promise<void> {
  const kept = await workspaces.keepFirstFiles({ execution, repository, commit });
  if (kept === 'gone') fail(`${repository} has no commit ${commit} any more.`);
}

/** Lets go of the files of executions that are not stored any more, or never were because a fork was interrupted. */
export async function forgetFiles({ workspaces, store, clock, log }: EngineContext): Promise<void> {
  const old = clock.now().getTime() - SPARED_MS;
  for (const { execution, repository, at } of await workspaces.keptFiles()) {
    const isOurs = Id.safeParse(execution).success;
    if (!isOurs || Date.parse(at) > old || (await store.executions.has(execution))) continue;
    await workspaces
      .forgetFiles({ execution, repository })
      .catch((error: unknown) => log.warn({ error, executionId: execution }, 'files of an execution were left'));
  }
}

function fail(reason: string): never {
  throw notKept(reason);
}

function notKept(reason: string): PointsmanError {
  return new PointsmanError('FILES_NOT_KEPT', { detail: `The files of this checkpoint are not there. ${reason}` });
}
