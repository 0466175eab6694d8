/**
 * What another tool's workflow uses is shown to a person with the right before it is executed for the first time. Trust is
 * for exactly that content: a version that uses something else needs it again, one that uses the same does not.
 */
import { PointsmanError } from '../contract/errors.ts';
import type { WorkflowTrust } from '../contract/workflow-import.ts';
import { usesOf } from '../domain/workflow/document-uses.ts';
import type { WorkflowRecord, WorkflowVersionRecord } from '../ports/store/workflows.ts';
import { payloadHash } from './payload-hash.ts';

type Document = Record<string, unknown>;

/** A workflow that was made here needs none, and neither does one that uses nothing outside itself. */
export function isTrusted({ imported }: Pick<WorkflowRecord, 'imported'>, document: Document): boolean {
  if (imported === null) return true;
  const uses = usesOf(document);
  if (uses.length === 0) return true;
  const hash = payloadHash(uses);
  return imported.trusted.some((content) => content.hash === hash);
}

export function requireTrusted(workflow: Pick<WorkflowRecord, 'imported' | 'name'>, document: Document): void {
  if (isTrusted(workflow, document)) return;
  throw new PointsmanError('WORKFLOW_UNTRUSTED', {
    detail: `“${workflow.name}” was imported from ${workflow.imported?.format}; nobody has allowed yet what this version uses.`,
  });
}

export function trustView(workflow: WorkflowRecord, { version, document }: WorkflowVersionRecord): WorkflowTrust {
  const uses = usesOf(document);
  const hash = payloadHash(uses);
  const allowed = workflow.imported?.trusted.find((content) => content.hash === hash);
  return {
    version,
    imported: workflow.imported !== null,
    trusted: isTrusted(workflow, document),
    hash,
    uses,
    ...(allowed ? { allowed: { by: allowed.by, at: allowed.at } } : {}),
  };
}
