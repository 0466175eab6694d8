/** Outcomes of nodes that somebody gives instead of letting them run: what fits, and who may. */
import { PointsmanError } from '../contract/errors.ts';
import type { PinnedDocument, PinnedOutcomes } from '../contract/pinned-outcomes.ts';
import type { WorkflowDocument } from '../contract/workflow-document.ts';
import { approvalsBeyond } from '../domain/access.ts';
import { pinProblems } from '../domain/workflow/pin-problems.ts';
import type { Actor } from './engine-context.ts';

/** Refused where a node cannot give that, or where it would be an answer that this person may not give. */
export function pinOutcomes(document: WorkflowDocument, pinned: PinnedOutcomes, by: Actor): PinnedDocument {
  const problems = pinProblems(document, pinned);
  if (problems.length > 0)
    throw new PointsmanError('INVALID_REQUEST', { detail: problems[0]?.message ?? 'It cannot be pinned.', problems });
  refuseForeignApprovals(document, Object.keys(pinned), by);
  return Object.keys(pinned).length > 0 ? { ...document, pinned } : document;
}

/** Saying what an approval gave is an answer to it: only those may who may give it. */
export function refuseForeignApprovals(document: WorkflowDocument, nodeIds: readonly string[], by: Actor): void {
  for (const node of document.nodes) {
    const roles = nodeIds.includes(node.id) ? approvalsBeyond(node, by.role) : [];
    if (roles.length > 0)
      throw new PointsmanError('FORBIDDEN', {
        detail: `Only ${[...new Set(roles)].join(' or ')} may answer ${node.id}, so nobody else may say what it gave.`,
      });
  }
}
