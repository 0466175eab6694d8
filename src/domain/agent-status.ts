/**
 * Fuses what different sources say of an agent into one status. The process outranks everything. Protocol, hooks and
 * session file tell facts: of these the newest holds, and of two at the same moment the better-ranked one (a CLI that is
 * interrupted by hand fires no hook; only its session file says so). A picture of the screen counts where no fact is
 * known. When nobody says anything the answer is that we do not know. Pure: ages are given, not measured.
 */
import type { AgentStatus } from '../contract/agents.ts';

/** In order of rank, best first (measured: structured sources do not lie, screens do). */
export const EVIDENCE_SOURCES = ['process', 'protocol', 'hook', 'session_file', 'screen'] as const;
const FACTS: readonly string[] = ['protocol', 'hook', 'session_file'];
export type EvidenceSource = (typeof EVIDENCE_SOURCES)[number];

export interface StatusEvidence {
  source: EvidenceSource;
  /** `alive` says only that the process lives; the others say what it does. */
  value: AgentStatus | 'alive';
  reason: string;
  at: string;
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
    const heard = process.value === 'starting' ? best(newest, process.at) : undefined;
    return toStatus(heard ?? process);
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
    if (!known || known.at <= item.at) newest.set(item.source, item);
  }
  return newest;
}

/** The newest fact since the process began, or else what its screen looks like. */
function best(
  newest: ReadonlyMap<EvidenceSource, StatusEvidence>,
  since: string | undefined,
): StatusEvidence | undefined {
  const heard = (source: EvidenceSource): StatusEvidence | undefined => {
    const item = newest.get(source);
    return item && (since === undefined || item.at >= since) ? item : undefined;
  };
  const facts = EVIDENCE_SOURCES.filter((source) => FACTS.includes(source)).flatMap((source) => heard(source) ?? []);
  // The sort is stable: the better-ranked source comes first among equals.
  return facts.toSorted((a, b) => (a.at === b.at ? 0 : a.at < b.at ? 1 : -1))[0] ?? heard('screen');
}

function toStatus(item: StatusEvidence): FusedStatus {
  return {
    status: item.value === 'alive' ? 'no_signal' : item.value,
    reason: item.reason,
    source: item.source,
    at: item.at,
  };
}
