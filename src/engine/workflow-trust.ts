/**
 * What another tool's workflow uses, when and with what, is shown to a person with the right before it is executed for the
 * first time. Trust is for exactly that content: a version that uses something else, asks somebody else or goes another way
 * needs it again; other names, words about it and places of boxes do not.
 */
import { PointsmanError } from '../contract/errors.ts';
import type { WorkflowTrust } from '../contract/workflow-import.ts';
import { flowOf } from '../domain/workflow/document-flow.ts';
import { usesOf } from '../domain/workflow/document-uses.ts';
import type { WorkflowRecord, WorkflowVersionRecord } from '../ports/store/workflows.ts';
import { payloadHash } from './payload-hash.ts';

type Document = Record<string, unknown>;

/** A workflow that was made here needs none, and neither does one that uses nothing outside itself. */
export function isTrusted({ imported }: Pick<WorkflowRecord, 'imported'>, document: Document): boolean {
  if (imported === null) return true;
  const content = contentOf(document);
  return content.uses.length === 0 || imported.trusted.some(({ hash }) => hash === content.hash);
}

export function requireTrusted(workflow: Pick<WorkflowRecord, 'imported' | 'name'>, document: Document): void {
  if (isTrusted(workflow, document)) return;
  throw new PointsmanError('WORKFLOW_UNTRUSTED', {
    detail: `“${workflow.name}” was imported from ${workflow.imported?.format}; nobody has allowed yet what this version does.`,
  });
}

export function trustView(workflow: WorkflowRecord, { version, document }: WorkflowVersionRecord): WorkflowTrust {
  const content = contentOf(document);
  const allowed = workflow.imported?.trusted.find(({ hash }) => hash === content.hash);
  return {
    version,
    imported: workflow.imported !== null,
    trusted: isTrusted(workflow, document),
    ...content,
    ...(allowed ? { allowed: { by: allowed.by, at: allowed.at } } : {}),
  };
}

function contentOf(document: Document): Pick<WorkflowTrust, 'hash' | 'uses' | 'flow'> {
  const [uses, flow] = [usesOf(document), flowOf(document)];
  return { hash: payloadHash({ uses, flow }), uses, flow };
}
