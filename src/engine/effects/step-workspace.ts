/** Where an execution's steps work: its worktree, its shared directory, or a scratch directory of its own. */
import { isDatabaseAway } from '../until-stored.ts';
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import type { ExecutionRecord } from '../../ports/store/executions.ts';
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
  /** Executions whose worktree was cut from that of the one before: it is done once, and asked for at every step. */
  const handedOn = new Set<string>();

  return async (executionId, options) => {
    try {
      const own = await ofExecution(executionId);
      if (!options?.worktreeName) return { outcome: 'ready', ...own };
      // A step's worktree starts from everything done so far, also what nobody committed.
      if (own.worktree) await workspaces.commitAll(own.path, 'Pointsman: work so far');
      return {
        outcome: 'ready',
        ...(await cut({ of: 'step', source: own.path, name: `${executionId}/${options.worktreeName}` })),
      };
    } catch (error) {
      // Says nothing about the workspace: whoever asks does so again.
      if (isDatabaseAway(error)) throw error;
      return { outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  };

  async function ofExecution(executionId: string): Promise<Place> {
    const record = await store.executions.get(executionId);
    const wanted = workspaceIn(record);
    const before = record?.origin ? await store.executions.get(record.origin.executionId) : null;
    // What the kept steps left in a scratch directory is found by those that go on from them.
    if (!wanted) {
      // Of one that is deleted the directory is still there.
      if (!before) return scratch(record?.origin?.executionId ?? executionId);
      return workspaceIn(before) ? scratch(executionId) : ofExecution(before.id);
    }
    if (wanted.isolation !== 'worktree') return { path: wanted.path };
    const own = { of: 'execution' as const, source: wanted.path, name: `${executionId}/main` };
    const from = workspaceIn(before);
    if (record?.origin?.kind === 'fork' && record.origin.files !== undefined)
      return cut({ ...own, base: record.origin.files });
    if (!before || from?.isolation !== 'worktree' || from.path !== wanted.path || handedOn.has(executionId))
      return cut(own);
    const earlier = await ofExecution(before.id);
    await workspaces.commitAll(earlier.path, 'Pointsman: work so far');
    const tree = await cut({ ...own, ...(earlier.worktree ? { base: earlier.worktree.branch } : {}) });
    handedOn.add(executionId);
    return tree;
  }

  async function scratch(executionId: string): Promise<Place> {
    return { path: await workspaces.scratch(executionId) };
  }

  async function cut({
    base,
    ...from
  }: {
    of: 'step' | 'execution';
    source: string;
    name: string;
    base?: string;
  }): Promise<Place> {
    const { path, branch } = await workspaces.worktree({
      repository: from.source,
      name: from.name,
      ...(base === undefined ? {} : { base }),
    });
    return { path, worktree: { ...from, branch } };
  }
}

function workspaceIn(record: ExecutionRecord | null): WorkflowDocument['workspace'] {
  return (record?.document as unknown as WorkflowDocument | undefined)?.workspace;
}
