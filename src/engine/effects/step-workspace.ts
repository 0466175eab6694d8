/** Where an execution's steps work: its worktree, its shared directory, or a scratch directory of its own. */
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import type { Store } from '../../ports/store/store.ts';
import type { Workspaces } from '../../ports/workspaces.ts';

export type StepWorkspace =
  | {
      outcome: 'ready';
      path: string;
      /** Whose worktree it is, what it was cut from, and under which name; none for a shared or scratch directory. */
      worktree?: { of: 'step' | 'execution'; source: string; name: string; branch: string };
    }
  | { outcome: 'failed'; reason: string };
export type WorkspaceOf = (executionId: string, options?: { worktreeName?: string }) => Promise<StepWorkspace>;

type Place = Omit<Extract<StepWorkspace, { outcome: 'ready' }>, 'outcome'>;

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
      if (own.worktree) await workspaces.commitAll(own.path, 'Pointsman: work so far');
      return {
        outcome: 'ready',
        ...(await cut({ of: 'step', source: own.path, name: `${executionId}/${options.worktreeName}` })),
      };
    } catch (error) {
      return { outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  };

  async function ofExecution(executionId: string, wanted: WorkflowDocument['workspace']): Promise<Place> {
    if (!wanted) return { path: await workspaces.scratch(executionId) };
    if (wanted.isolation !== 'worktree') return { path: wanted.path };
    return cut({ of: 'execution', source: wanted.path, name: `${executionId}/main` });
  }

  async function cut(from: { of: 'step' | 'execution'; source: string; name: string }): Promise<Place> {
    const { path, branch } = await workspaces.worktree({ repository: from.source, name: from.name });
    return { path, worktree: { ...from, branch } };
  }
}
