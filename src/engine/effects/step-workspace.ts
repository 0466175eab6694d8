/** Where an execution's steps work: its worktree, its shared directory, or a scratch directory of its own. */
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import type { Store } from '../../ports/store/store.ts';
import type { Workspaces } from '../../ports/workspaces.ts';

export type StepWorkspace = { outcome: 'ready'; path: string; branch?: string } | { outcome: 'failed'; reason: string };
export type WorkspaceOf = (executionId: string, options?: { worktreeName?: string }) => Promise<StepWorkspace>;

/** With `worktreeName` a worktree of its own, cut from the execution's workspace. */
export function workspaceOf({
  store,
  workspaces,
}: {
  store: Pick<Store, 'executions'>;
  workspaces: Workspaces;
}): WorkspaceOf {
  return async (executionId, options) => {
    const record = await store.executions.get(executionId);
    const wanted = (record?.document as unknown as WorkflowDocument | undefined)?.workspace;
    try {
      const own = await ofExecution(executionId, wanted);
      if (!options?.worktreeName) return { outcome: 'ready', ...own };
      // A step's worktree starts from everything done so far, also what nobody committed.
      if (own.branch) await workspaces.commitAll(own.path, 'Pointsman: work so far');
      const tree = await workspaces.worktree({ repository: own.path, name: `${executionId}/${options.worktreeName}` });
      return { outcome: 'ready', ...tree };
    } catch (error) {
      return { outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  };

  async function ofExecution(
    executionId: string,
    wanted: WorkflowDocument['workspace'],
  ): Promise<{ path: string; branch?: string }> {
    if (!wanted) return { path: await workspaces.scratch(executionId) };
    if (wanted.isolation !== 'worktree') return { path: wanted.path };
    return workspaces.worktree({ repository: wanted.path, name: `${executionId}/main` });
  }
}
