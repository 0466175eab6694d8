/** Rows of triggers: what each listens to, how far it has looked, and what became of what it noticed. */
import type { Trigger, TriggerKind, TriggerOutcome } from '../../contract/triggers.ts';
import type { WorkflowTrigger } from '../../contract/workflow-document.ts';

export interface TriggerRecord {
  id: string;
  workflowId: string;
  /** What it listens to; the same one in the next version. */
  key: string;
  kind: TriggerKind;
  position: number;
  config: WorkflowTrigger;
  enabled: boolean;
  nextAt: string | null;
  /** How far it has looked, in the words of its kind. */
  cursor: unknown;
  revision: number;
  /** Encrypted. */
  secret: string | null;
  secretSetAt: string | null;
  lastFiredAt: string | null;
  lastOutcome: TriggerOutcome | null;
  lastExecutionId: string | null;
  lastError: { code: string; message: string } | null;
  createdAt: string;
}

/** Where a trigger waits from now on. */
export type TriggerPlace = Pick<TriggerRecord, 'nextAt' | 'cursor'>;

export type TriggerNote = Pick<TriggerRecord, 'lastFiredAt' | 'lastOutcome' | 'lastExecutionId' | 'lastError'>;

/** A retired trigger is not there for anything but `retired` and `restore`. */
export interface TriggerStore {
  insert(record: TriggerRecord): Promise<void>;
  /** Of one workflow, in the order of its document. */
  of(workflowId: string): Promise<TriggerRecord[]>;
  get(id: string): Promise<(TriggerRecord & { workflowName: string }) | null>;
  list(
    filter: { workflowId?: string },
    page: { limit: number; before?: string },
  ): Promise<(TriggerRecord & { workflowName: string })[]>;
  /** Workflows whose live version has triggers of which there are no rows. */
  workflowsWithout(): Promise<{ id: string }[]>;
  /** The next version says it a little differently, or at another place. */
  rewrite(id: string, changes: Pick<TriggerRecord, 'position' | 'config'>): Promise<void>;
  /** The live version has none like it: it notices nothing any more. */
  retire(ids: readonly string[]): Promise<void>;
  retired(workflowId: string): Promise<TriggerRecord[]>;
  /** As it was, with the same id and secret, at another place. */
  restore(id: string, changes: Pick<TriggerRecord, 'position' | 'config'> & TriggerPlace): Promise<void>;
  /** All of a workflow, for good. */
  removeOf(workflowId: string): Promise<void>;
  /**
   * Enabled ones whose moment has come, and those that listen to a topic in which something happened since.
   * Those that watch files belong to the host that looked first; without a host they are nobody's.
   */
  due(asked: { now: string; hostId: string | null; limit: number }): Promise<TriggerRecord[]>;
  /** The next moment of any enabled one that this host may look at. */
  nextMoment(hostId: string | null): Promise<string | null>;
  /** Goes on from what the caller has read; false when somebody else did, or it is gone or disabled. */
  advance(trigger: Pick<TriggerRecord, 'id' | 'revision'>, place: TriggerPlace, note?: TriggerNote): Promise<boolean>;
  /** Of a webhook: what became of a call. */
  note(id: string, note: TriggerNote): Promise<void>;
  setEnabled(id: string, enabled: boolean, place: TriggerPlace): Promise<void>;
  /** Calls signed with the one before are forgotten with it. */
  setSecret(id: string, ciphertext: string): Promise<void>;
  /** Once for each key; false when it was remembered before. */
  remember(delivery: {
    triggerId: string;
    key: string;
    executionId: string | null;
    expiresAt: string | null;
  }): Promise<boolean>;
  delivery(triggerId: string, key: string): Promise<{ executionId: string | null } | null>;
  pruneDeliveries(now: string): Promise<void>;
}

/** A trigger as clients see it. */
export function triggerView(record: TriggerRecord & { workflowName: string }): Trigger {
  const { kind } = record;
  return {
    id: record.id,
    workflowId: record.workflowId,
    workflowName: record.workflowName,
    kind,
    trigger: record.config,
    enabled: record.enabled,
    ...(record.enabled && record.nextAt !== null ? { nextAt: record.nextAt } : {}),
    ...(kind === 'webhook' ? { address: hookAddress(record.id), secretSetAt: record.secretSetAt } : {}),
    ...(record.lastFiredAt === null ? {} : { lastFiredAt: record.lastFiredAt }),
    ...(record.lastOutcome === null ? {} : { lastOutcome: record.lastOutcome }),
    ...(record.lastExecutionId === null ? {} : { lastExecutionId: record.lastExecutionId }),
    ...(record.lastError === null ? {} : { lastError: record.lastError }),
    createdAt: record.createdAt,
  };
}

export function hookAddress(triggerId: string): string {
  return `/hooks/${triggerId}`;
}
