/**
 * Fuses what different sources say of an agent into one status. The process outranks everything. Protocol, hooks and
 * session file tell facts: of these the one heard last holds (a CLI that is interrupted by hand fires no hook; only its
 * session file says so). A picture of the screen counts where no fact is
 * known. When nobody says anything the answer is that we do not know. Pure: ages are given, not measured.
 */
import type { AgentStatus } from '../contract/agents.ts';

/** In order of rank, best first (measured: structured sources do not lie, screens do). */
export const EVIDENCE_SOURCES = ['process', 'protocol', 'hook', 'session_file', 'screen'] as const;
export type EvidenceSource = (typeof EVIDENCE_SOURCES)[number];
const FACTS: readonly EvidenceSource[] = ['protocol', 'hook', 'session_file'];

export interface StatusEvidence {
  source: EvidenceSource;
  /** `alive` says only that the process lives; the others say what it does. */
  value: AgentStatus | 'alive';
  reason: string;
  at: string;
  /** Grows with everything that is heard of this agent: times of different sources do not order what they tell. */
  heard: number;
}

export interface FusedStatus {
  status: AgentStatus;
  reason: string;
  source: EvidenceSource | 'none';
  at: string | null;
}

export function fuseStatus(evidence: readonly StatusEvidence[]): FusedStatus {
  const newest = newestBySource(evidence);
  const process = newest.get('process');
  if (process && process.value !== 'alive') {
    // `starting` holds until something better is heard after it.
    const better = process.value === 'starting' ? best(newest, process.heard) : undefined;
    return toStatus(better ?? process);
  }
  const found = best(newest, undefined);
  if (found) return toStatus(found);
  return {
    status: 'no_signal',
    reason: process ? 'it runs, but says nothing that we can read' : 'nothing is known of it',
    source: 'none',
    at: process?.at ?? null,
  };
}

function newestBySource(evidence: readonly StatusEvidence[]): Map<EvidenceSource, StatusEvidence> {
  const newest = new Map<EvidenceSource, StatusEvidence>();
  for (const item of evidence) {
    const known = newest.get(item.source);
    if (!known || known.heard <= item.heard) newest.set(item.source, item);
  }
  return newest;
}

/** The newest fact since the process began, or else what its screen looks like. */
function best(
  newest: ReadonlyMap<EvidenceSource, StatusEvidence>,
  since: number | undefined,
): StatusEvidence | undefined {
  const of = (source: EvidenceSource): StatusEvidence | undefined => {
    const item = newest.get(source);
    return item && (since === undefined || item.heard >= since) ? item : undefined;
  };
  const facts = FACTS.flatMap((source) => of(source) ?? []);
  return facts.toSorted((a, b) => b.heard - a.heard)[0] ?? of('screen');
}

function toStatus(item: StatusEvidence): FusedStatus {
  return {
    status: item.value === 'alive' ? 'no_signal' : item.value,
    reason: item.reason,
    source: item.source,
    at: item.at,
  };
}
