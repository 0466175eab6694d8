/** An execution in the hands of one worker. */
import type { Execution } from '../contract/executions.ts';
import type { Notice } from '../ports/event-bus.ts';
import type { NewEvent } from '../ports/store/events.ts';
import {
  type ExecutionRecord,
  type ExecutionStore,
  executionView,
  firstLease,
  type FirstVisit,
  type Lease,
  type Letter,
  storedStep,
} from '../ports/store/executions.ts';
import { announcementOf } from './new-execution.ts';

export interface Held {
  record: ExecutionRecord;
  /** What lies in its mailbox, known before anybody looked. */
  events: readonly unknown[];
  /**
   * The lease, and those events as letters. One that is not stored yet is stored now, without anything decided. Rejects
   * when it could not be stored: then nothing of it is there.
   */
  stored(): Promise<Stored>;
  /** Stores it as it is after its first visit, with what that decided; null for one that is stored already. */
  begin: ((visited: Visited) => Promise<Stored>) | null;
}

export interface Stored {
  lease: Lease;
  mail: Letter[];
}

export interface Visited {
  after: ExecutionRecord;
  visit: FirstVisit;
  announced: { events: readonly NewEvent[]; notices: readonly Notice[] };
}

/** One that a worker has just claimed. */
export function claimed(record: ExecutionRecord, lease: Lease): Held {
  return { record, events: [], stored: async () => ({ lease, mail: [] }), begin: null };
}

/** One that nobody knows of yet. */
export function unstored(
  executions: Pick<ExecutionStore, 'begin'>,
  {
    record,
    events,
    claim,
  }: { record: ExecutionRecord; events: readonly object[]; claim: { owner: string; ttlMs: number } },
): Held & {
  /** Settles with its first commit, whichever that is: the whole execution if it ended with it. */
  isStored: Promise<Execution | null>;
} {
  const first = Promise.withResolvers<Stored & { visited: Visited | null }>();
  let isBegun = false;

  function store(visited: Visited | null): Promise<Stored> {
    if (isBegun) return first.promise;
    isBegun = true;
    executions
      .begin(
        { execution: visited?.after ?? record, events, claim, ...(visited ? { visit: visited.visit } : {}) },
        {
          events: [...announcementOf(record), ...(visited?.announced.events ?? [])],
          notices: visited?.announced.notices ?? [],
        },
      )
      .then((mail) => first.resolve({ lease: firstLease(record.id, claim.owner), mail, visited }), first.reject);
    return first.promise;
  }

  return {
    record,
    events,
    isStored: first.promise.then(({ visited }) => (visited?.after.finishedAt ? wholeOf(visited) : null)),
    stored: () => store(null),
    begin: store,
  };
}

/** As it would be read from the store. */
function wholeOf({ after, visit }: Visited): Execution {
  return executionView(after, visit.steps.map(storedStep));
}
