/** Rows of saved workflows and their immutable versions. */
import type { Problem } from '../../contract/problem.ts';

/** Where a workflow came from, and which content somebody has allowed since. */
export interface ImportRecord {
  version: 1;
  format: string;
  at: string;
  by: string;
  trusted: { hash: string; at: string; by: string }[];
}

export interface WorkflowRecord {
  id: string;
  name: string;
  metadata: Record<string, unknown>;
  version: number;
  liveVersion: number | null;
  createdAt: string;
  updatedAt: string;
  createdBy: string;
  /** Null: made here. */
  imported: ImportRecord | null;
}

export interface WorkflowVersionRecord {
  workflowId: string;
  version: number;
  document: Record<string, unknown>;
  problems: Problem[];
  draft: boolean;
  note: string | null;
  createdAt: string;
  createdBy: string;
}

/** A version's document taken apart, for queries. */
export interface WorkflowParts {
  nodes: { name: string; type: string; position: unknown; data: unknown; config: unknown }[];
  edges: { from: string; to: string; conditions: unknown }[];
}

export interface WorkflowStore {
  insert(workflow: WorkflowRecord, version: WorkflowVersionRecord, parts: WorkflowParts): Promise<void>;
  /** Adds a version when `expected` is still the newest (null: whatever it is). */
  addVersion(options: {
    workflowId: string;
    expected: number | null;
    name: string;
    metadata: Record<string, unknown>;
    version: Omit<WorkflowVersionRecord, 'version' | 'workflowId'>;
    parts: WorkflowParts;
  }): Promise<{ outcome: 'added'; workflow: WorkflowRecord } | { outcome: 'conflict' } | { outcome: 'missing' }>;
  get(id: string): Promise<WorkflowRecord | null>;
  /** Those of this name; names need not be unique. */
  named(name: string): Promise<WorkflowRecord[]>;
  /** What a document may refer to. */
  names(): Promise<{ id: string; name: string }[]>;
  list(page: {
    limit: number;
    before?: string;
  }): Promise<{ workflow: WorkflowRecord; newest: WorkflowVersionRecord }[]>;
  /** Both at once. `version` is null where there is none. */
  withVersion(
    id: string,
    version: number | 'live' | 'newest',
  ): Promise<{ workflow: WorkflowRecord; version: WorkflowVersionRecord | null } | null>;
  versions(workflowId: string, page: { limit: number; before?: number }): Promise<WorkflowVersionRecord[]>;
  /** Nobody else changes it, or starts it under a rule, before this transaction ends. */
  lock(id: string): Promise<WorkflowRecord | null>;
  promote(workflowId: string, version: number): Promise<WorkflowRecord | null>;
  /** Adds a content to those that are allowed; one that is already stays as it is. Null: gone, or not imported. */
  trust(id: string, content: ImportRecord['trusted'][number]): Promise<WorkflowRecord | null>;
  remove(id: string): Promise<boolean>;
}
