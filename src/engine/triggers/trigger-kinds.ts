/** The one shape of all kinds that look for themselves. */
import type { TriggerPlace, TriggerRecord } from '../../ports/store/triggers.ts';

/** Something that starts an execution: what its inputs read as `event`, and how many started each other before it. */
export interface TriggerEvent {
  data: Readonly<Record<string, unknown>>;
  chain: number;
}

/** What a look has found: at most one event, so that each is one transaction, and where to go on from. */
export interface Found extends TriggerPlace {
  event?: TriggerEvent;
  /** What was wrong with the look itself; it is told beside the trigger. */
  error?: { code: string; message: string };
}

/** Changes nothing; what it finds counts once the trigger has gone on from it. */
export type LookTrigger = (trigger: TriggerRecord) => Promise<Found>;
