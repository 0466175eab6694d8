/** Starts an execution when a branch of a repository points to another commit. */
import type { WorkflowTrigger } from '../../contract/workflow-document.ts';
import type { EngineContext } from '../engine-context.ts';
import { chainOfChange } from './caused-by-itself.ts';
import type { LookTrigger } from './trigger-kinds.ts';

const EVERY_MS = 3_000;
const UNREADABLE_EVERY_MS = 15_000;

interface GitCursor {
  hostId: string;
  branch: string;
  commit: string;
  /** When it was looked at while this was the commit. */
  seenAt: string;
}

export function gitTrigger({ store, clock, workspaces, hostId }: EngineContext): LookTrigger {
  return async (trigger) => {
    const { git: repository, branch } = trigger.config as Extract<WorkflowTrigger, { git: string }>;
    const before = trigger.cursor as GitCursor | null;
    const head = await workspaces.head({ repository, ...(branch === undefined ? {} : { branch }) });
    const at = clock.now().toISOString();
    const next = (ms: number) => new Date(Date.parse(at) + ms).toISOString();
    if (head.outcome === 'unreadable')
      return {
        nextAt: next(UNREADABLE_EVERY_MS),
        cursor: before,
        error: { code: 'TRIGGER_NOT_READABLE', message: head.reason },
      };
    const { commit, subject, author } = head;
    const place = {
      nextAt: next(EVERY_MS),
      cursor: { hostId, branch: head.branch, commit, seenAt: at } satisfies GitCursor,
    };
    // Another branch that was checked out is no new commit of this one.
    if (!before || before.commit === commit || before.branch !== head.branch) return place;
    return {
      ...place,
      event: {
        data: { kind: 'git', at, repository, branch: head.branch, commit, before: before.commit, subject, author },
        chain: await chainOfChange({ store }, trigger, before.seenAt),
      },
    };
  };
}
