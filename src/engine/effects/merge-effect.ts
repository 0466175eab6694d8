/** Merges an item's worktree back into the execution's workspace; a conflict is an outcome, and the branch is kept. */
import { type EffectContext, type EffectKindRunner, finishEffect } from './effect-runner.ts';
import { leftFiles, placeOf } from '../worktrees/execution-files.ts';
import type { WorkspaceOf } from './step-workspace.ts';

export function mergeEffect(context: EffectContext, { workspaceOf }: { workspaceOf: WorkspaceOf }): EffectKindRunner {
  return async (effect) => {
    const { key } = effect.payload as { key: string };
    const target = await workspaceOf(effect.executionId);
    const end = async (outcome: 'merged' | 'conflict', detail?: string) =>
      finishEffect(context, effect, {
        type: 'merge_finished',
        key,
        at: context.clock.now().toISOString(),
        outcome,
        ...(detail ? { detail } : {}),
        ...(await leftFiles(context, effect.executionId, placeOf(target))),
      });
    const item = await workspaceOf(effect.executionId, { worktreeName: worktreeName(key) });
    if (target.outcome === 'failed') return void (await end('conflict', target.reason));
    if (item.outcome === 'failed') return void (await end('conflict', item.reason));
    await context.workspaces.commitAll(item.path, `Pointsman: ${key}`);
    if (!item.worktree) return void (await end('merged'));
    const { branch } = item.worktree;
    const merged = await context.workspaces.merge({ into: target.path, branch });
    if (merged.outcome === 'merged' || merged.outcome === 'nothing_to_merge') await end('merged');
    else if (merged.outcome === 'conflict') await end('conflict', `${branch} conflicts in ${merged.files.join(', ')}`);
    else await end('conflict', `Uncommitted work lies in the way of ${branch}: ${merged.files.join(', ')}`);
  };
}

/** A step's own directory name, safe for a path and a branch. */
export function worktreeName(key: string): string {
  return key.replaceAll(/[^A-Za-z0-9_.-]/g, '_');
}
