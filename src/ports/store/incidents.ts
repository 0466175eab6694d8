/** Rows of what went wrong. One of a fingerprint is open at a time, whoever notices it. */
import type { Incident, IncidentState } from '../../contract/incidents.ts';

export type IncidentRecord = Incident;

export interface IncidentStore {
  /** The newest of a fingerprint; nobody else changes it, or adds one, before this transaction ends. */
  newest(fingerprint: string): Promise<IncidentRecord | null>;
  /** As it is now; nobody else changes it before this transaction ends. */
  lock(id: string): Promise<IncidentRecord | null>;
  get(id: string): Promise<IncidentRecord | null>;
  /** After a look at the newest of its fingerprint. */
  insert(incident: IncidentRecord): Promise<void>;
  /** The whole of it, as it was locked and changed. */
  put(incident: IncidentRecord): Promise<void>;
  /** Newest first. */
  list(
    filter: { state?: IncidentState; open?: boolean },
    page: { limit: number; before?: string },
  ): Promise<IncidentRecord[]>;
  /** Those that are not over. */
  openOf(of: { agentId: string } | { executionId: string } | { fingerprint: string }): Promise<IncidentRecord[]>;
  /** Open ones whose cause is gone, and the words for it. */
  outlived(): Promise<{ id: string; reason: string }[]>;
  /** Agents of which nothing has been heard since before a time, and which no incident tells of yet. */
  silentAgents(before: string): Promise<{ agentId: string; name: string; reason: string; since: string }[]>;
}
