/** Values shared by agents and workflows, with versions for compare-and-set. */
import type { StateEntry, StateNamespace } from '../contract/shared-state.ts';

export type PutOutcome = { outcome: 'stored'; entry: StateEntry } | { outcome: 'conflict'; current: StateEntry | null };

export interface SharedState {
  get(namespace: string, key: string): Promise<StateEntry | null>;
  /** `ifVersion` 0 means: only when absent. */
  put(namespace: string, key: string, value: unknown, options?: { ifVersion?: number }): Promise<PutOutcome>;
  delete(namespace: string, key: string, options?: { ifVersion?: number }): Promise<'deleted' | 'absent' | 'conflict'>;
  /** Those that have entries, by the order of their characters. */
  namespaces(page: { limit: number; after?: string }): Promise<StateNamespace[]>;
  list(namespace: string, page: { limit: number; after?: string }): Promise<(StateEntry & { key: string })[]>;
}
