/** Starts an execution when files have changed, once nobody writes to them any more. */
import type { WorkflowTrigger } from '../../contract/workflow-document.ts';
import type { FileWatch } from '../../ports/file-watch.ts';
import type { EngineContext } from '../engine-context.ts';
import { chainOfChange } from './caused-by-itself.ts';
import type { LookTrigger } from './trigger-kinds.ts';

const EVERY_MS = 2_000;
/** So long a change must stay as it is: programs write in several strokes. */
const SETTLED_AFTER_MS = 1_000;
const UNREADABLE_EVERY_MS = 15_000;
const MOST_NAMED = 100;

interface FileCursor {
  hostId: string;
  digest: string;
  /** When the newest file was written; by the files' own clock, which may be that of another machine. */
  newest: string;
  /** When it was looked at while the digest was still this one. */
  seenAt: string;
  /** A change that may not be over. */
  pending?: { digest: string; since: string };
}

export function fileTrigger({ store, clock, hostId }: EngineContext, watch: FileWatch): LookTrigger {
  return async (trigger) => {
    const { file } = trigger.config as Extract<WorkflowTrigger, { file: string }>;
    const cursor = trigger.cursor as FileCursor | null;
    const seen = await watch.see(file);
    const at = clock.now().toISOString();
    const next = (ms: number) => new Date(Date.parse(at) + ms).toISOString();
    if (seen.outcome === 'unreadable')
      return {
        nextAt: next(UNREADABLE_EVERY_MS),
        cursor,
        error: { code: 'TRIGGER_NOT_READABLE', message: seen.reason },
      };
    const { digest, files } = seen;
    const newest = files.reduce((latest, { modifiedAt }) => (modifiedAt > latest ? modifiedAt : latest), '');
    const settled: FileCursor = { hostId, digest, newest, seenAt: at };
    if (!cursor || cursor.digest === digest) return { nextAt: next(EVERY_MS), cursor: settled };
    if (cursor.pending?.digest !== digest)
      return { nextAt: next(SETTLED_AFTER_MS), cursor: { ...cursor, pending: { digest, since: at } } };
    const changed = files.filter(({ modifiedAt }) => modifiedAt > cursor.newest).map(({ path }) => path);
    return {
      nextAt: next(EVERY_MS),
      cursor: settled,
      event: {
        data: { kind: 'file', at, pattern: file, files: changed.slice(0, MOST_NAMED) },
        chain: await chainOfChange({ store }, trigger, cursor.seenAt),
      },
    };
  };
}
