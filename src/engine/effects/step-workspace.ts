/** Where an execution's steps work: its worktree, its shared directory, or a scratch directory of its own. */
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import type { ExecutionRecord } from '../../ports/store/executions.ts';
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
  /** Executions whose worktree was cut from that of the one before: it is done once, and asked for at every step. */
  const cut = new Set<string>();

  return async (executionId, options) => {
    try {
      const own = await ofExecution(executionId);
      if (!options?.worktreeName) return { outcome: 'ready', ...own };
      // A step's worktree starts from everything done so far, also what nobody committed.
      if (own.branch) await workspaces.commitAll(own.path, 'Pointsman: work so far');
      const tree = await workspaces.worktree({ repository: own.path, name: `${executionId}/${options.worktreeName}` });
      return { outcome: 'ready', ...tree };
    } catch (error) {
      return { outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  };

  async function ofExecution(executionId: string): Promise<{ path: string; branch?: string }> {
    const record = await store.executions.get(executionId);
    const wanted = workspaceIn(record);
    const before = record?.origin ? await store.executions.get(record.origin.executionId) : null;
    // What the kept steps left in a scratch directory is found by those that go on from them.
    if (!wanted) return before && !workspaceIn(before) ? ofExecution(before.id) : scratch(executionId);
    if (wanted.isolation !== 'worktree') return { path: wanted.path };
    const own = { repository: wanted.path, name: `${executionId}/main` };
    const from = workspaceIn(before);
    if (!before || from?.isolation !== 'worktree' || from.path !== wanted.path || cut.has(executionId))
      return workspaces.worktree(own);
    const { path, branch } = await ofExecution(before.id);
    await workspaces.commitAll(path, 'Pointsman: work so far');
    const tree = await workspaces.worktree({ ...own, ...(branch ? { base: branch } : {}) });
    cut.add(executionId);
    return tree;
  }

  async function scratch(executionId: string): Promise<{ path: string }> {
    return { path: await workspaces.scratch(executionId) };
  }
}

function workspaceIn(record: ExecutionRecord | null): WorkflowDocument['workspace'] {
  return (record?.document as unknown as WorkflowDocument | undefined)?.workspace;
}
