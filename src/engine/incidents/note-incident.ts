/** Opens the one incident of something that went wrong, or counts once more; and ends it. Inside the commit of its cause. */
import type { IncidentEvent, IncidentSummary } from '../../contract/incidents.ts';
import { classifyIncident, responseTo, type Trouble } from '../../domain/incidents/classify-incident.ts';
import { nextIncidentState, wayBack, wayIn } from '../../domain/incidents/incident-machine.ts';
import type { IncidentRecord } from '../../ports/store/incidents.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import type { EngineContext } from '../engine-context.ts';

/** What comes again so soon was not over: as long as an agent's restarts are counted. */
const SAME_WITHIN_MS = 600_000;
const KEPT_TRANSITIONS = 100;
const LONGEST_DETAIL = 2_000;
/** As history and audit name whoever acted by itself. */
export const BY_ITSELF = 'pointsman';

export interface NewTrouble
  extends
    Trouble,
    Pick<
      IncidentRecord,
      'fingerprint' | 'scope' | 'title' | 'agentId' | 'workflowId' | 'executionId' | 'stepId' | 'nodeId'
    > {
  /** Nothing more is tried by itself. */
  spent: boolean;
  /** What was noticed since then is the same occurrence, told once. */
  since?: string;
}

/** Who makes a change, when and why: one line of the history for each transition. */
export interface Cause {
  at: string;
  by: string;
  reason: string;
}

/** Null when this very occurrence was told already. */
export async function noteTrouble(
  { ids, clock }: Pick<EngineContext, 'ids' | 'clock'>,
  transaction: StoreTransaction,
  { code, message, spent, since, ...about }: NewTrouble,
): Promise<IncidentRecord | null> {
  const at = clock.now().toISOString();
  const kind = classifyIncident({ code, message });
  const seen = { ...about, ...kind, detail: message.slice(0, LONGEST_DETAIL), lastSeenAt: at };
  const cause = { at, by: BY_ITSELF, reason: seen.detail };
  const enters = wayIn(responseTo({ class: kind.class, spent }));
  const known = await transaction.incidents.newest(about.fingerprint);
  if (known && since !== undefined && known.lastSeenAt >= since) return null;
  if (known && isStillThere(known, at)) {
    const again: IncidentRecord = { ...known, ...seen, count: known.count + 1 };
    const next = known.closedAt !== undefined ? reopened(again, enters, cause) : goneOn(again, spent, cause);
    await transaction.incidents.put(next);
    if (next.state !== known.state) announce(transaction, next);
    return next;
  }
  const blank: IncidentRecord = { id: ids.next(), state: 'normal', count: 1, openedAt: at, history: [], ...seen };
  const opened = walk(blank, enters, cause);
  await transaction.incidents.insert(opened);
  announce(transaction, opened);
  return opened;
}

/** The incident must be locked. Does nothing to one that is over. */
export async function endTrouble(
  transaction: StoreTransaction,
  incident: IncidentRecord,
  cause: Cause,
): Promise<IncidentRecord> {
  if (incident.closedAt !== undefined) return incident;
  const closed = { ...walk(incident, wayBack(incident.state), cause), closedAt: cause.at };
  await transaction.incidents.put(closed);
  announce(transaction, closed);
  return closed;
}

/** Ends those of them that are still open. */
export async function endAll(
  transaction: StoreTransaction,
  incidents: readonly { id: string }[],
  cause: Cause,
): Promise<void> {
  for (const { id } of incidents) {
    const incident = await transaction.incidents.lock(id);
    if (incident) await endTrouble(transaction, incident, cause);
  }
}

/** Throws INCIDENT_WRONG_STATE when it is in no state for this. */
export function walk(incident: IncidentRecord, events: readonly IncidentEvent[], cause: Cause): IncidentRecord {
  let { state } = incident;
  const steps = events.map((event) => {
    state = nextIncidentState(state, event);
    return { event, to: state, ...cause };
  });
  return { ...incident, state, history: [...incident.history, ...steps].slice(-KEPT_TRANSITIONS) };
}

export function announce(transaction: StoreTransaction, incident: IncidentRecord): void {
  transaction.publish({ topic: 'system', event: 'incident.changed', data: incidentSummary(incident) });
}

export function incidentSummary({ history: _history, ...summary }: IncidentRecord): IncidentSummary {
  return summary;
}

function isStillThere({ closedAt, resolution }: IncidentRecord, at: string): boolean {
  if (closedAt === undefined) return true;
  // Whoever wrote a note has looked: what comes after that is new.
  return resolution === undefined && Date.parse(at) - Date.parse(closedAt) < SAME_WITHIN_MS;
}

function reopened(incident: IncidentRecord, enters: readonly IncidentEvent[], cause: Cause): IncidentRecord {
  const { closedAt: _closedAt, takenBy: _takenBy, ...open } = incident;
  return walk(open, enters, cause);
}

/** What healed by itself does so no more: it is done without. */
function goneOn(incident: IncidentRecord, spent: boolean, cause: Cause): IncidentRecord {
  return spent && incident.state === 'recovery' ? walk(incident, ['failure', 'temporary'], cause) : incident;
}
