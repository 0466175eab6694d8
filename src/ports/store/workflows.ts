/** Rows of saved workflows and their immutable versions. */
import type { Problem } from '../../contract/problem.ts';

export interface WorkflowRecord {
  id: string;
  name: string;
  metadata: Record<string, unknown>;
  version: number;
  liveVersion: number | null;
  createdAt: string;
  updatedAt: string;
  createdBy: string;
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
  list(page: {
    limit: number;
    before?: string;
  }): Promise<{ workflow: WorkflowRecord; newest: WorkflowVersionRecord }[]>;
  version(workflowId: string, version: number): Promise<WorkflowVersionRecord | null>;
  versions(workflowId: string, page: { limit: number; before?: number }): Promise<WorkflowVersionRecord[]>;
  promote(workflowId: string, version: number): Promise<WorkflowRecord | null>;
  remove(id: string): Promise<boolean>;
}
