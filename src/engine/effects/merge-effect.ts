/** Merges an item's worktree back into the execution's workspace; a conflict is an outcome, and the branch is kept. */
import type { Workspaces } from '../../ports/workspaces.ts';
import { type EffectContext, type EffectKindRunner, finishEffect } from './effect-runner.ts';
import type { WorkspaceOf } from './step-workspace.ts';

export function mergeEffect(
  context: EffectContext,
  { workspaces, workspaceOf }: { workspaces: Workspaces; workspaceOf: WorkspaceOf },
): EffectKindRunner {
  return async (effect) => {
    const { key } = effect.payload as { key: string };
    const end = (outcome: 'merged' | 'conflict', detail?: string) =>
      finishEffect(context, effect, {
        type: 'merge_finished',
        key,
        at: context.clock.now().toISOString(),
        outcome,
        ...(detail ? { detail } : {}),
      });
    const target = await workspaceOf(effect.executionId);
    const item = await workspaceOf(effect.executionId, { worktreeName: worktreeName(key) });
    if (target.outcome === 'failed') return void (await end('conflict', target.reason));
    if (item.outcome === 'failed') return void (await end('conflict', item.reason));
    await workspaces.commitAll(item.path, `Pointsman: ${key}`);
    if (!item.branch) return void (await end('merged'));
    const merged = await workspaces.merge({ into: target.path, branch: item.branch });
    if (merged.outcome === 'merged') await end('merged');
    else await end('conflict', `${item.branch} conflicts in ${merged.files.join(', ')}`);
  };
}

/** A step's own directory name, safe for a path and a branch. */
export function worktreeName(key: string): string {
  return key.replaceAll(/[^A-Za-z0-9_.-]/g, '_');
}
