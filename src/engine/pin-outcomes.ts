/** Outcomes of nodes that somebody gives instead of letting them run: what fits, and who may. */
import { PointsmanError } from '../contract/errors.ts';
import type { PinnedDocument, PinnedOutcomes } from '../contract/pinned-outcomes.ts';
import type { WorkflowDocument, WorkflowNode } from '../contract/workflow-document.ts';
import { approvalsBeyond, workflowsStartedBy } from '../domain/access.ts';
import { pinProblems } from '../domain/workflow/pin-problems.ts';
import type { Actor, EngineContext } from './engine-context.ts';
import { findVersion } from './saved-version.ts';

/** Refused where a node cannot give that, or where it would be an answer that this person may not give. */
export async function pinOutcomes(
  context: Pick<EngineContext, 'store'>,
  document: WorkflowDocument,
  pinned: PinnedOutcomes,
  by: Actor,
): Promise<PinnedDocument> {
  const problems = pinProblems(document, pinned);
  if (problems.length > 0)
    throw new PointsmanError('INVALID_REQUEST', { detail: problems[0]?.message ?? 'It cannot be pinned.', problems });
  await refuseForeignApprovals(context, document, Object.keys(pinned), by);
  return Object.keys(pinned).length > 0 ? { ...document, pinned } : document;
}

/** Saying what an approval gave, or a workflow that holds one, is an answer to it: only those may who may give it. */
export async function refuseForeignApprovals(
  context: Pick<EngineContext, 'store'>,
  document: WorkflowDocument,
  nodeIds: readonly string[],
  by: Actor,
): Promise<void> {
  for (const node of document.nodes) {
    const roles = nodeIds.includes(node.id) ? await foreignApprovals(context, node, by) : [];
    if (roles.length > 0)
      throw new PointsmanError('FORBIDDEN', {
        detail: `Only ${[...new Set(roles)].join(' or ')} may answer ${node.id}, so nobody else may say what it gave.`,
      });
  }
}

/** The roles of approvals that this person may not answer: in the node, and in what it would start now, however deep. */
export async function foreignApprovals(
  context: Pick<EngineContext, 'store'>,
  node: WorkflowNode,
  by: Actor,
  seen: Set<string> = new Set(),
): Promise<string[]> {
  const roles = approvalsBeyond(node, by.role);
  for (const started of workflowsStartedBy(node)) {
    // What is not allowed to run, or not valid any more, may be so again when the pin has been given.
    const version = await findVersion(context, started);
    const key = version && `${version.workflowId} ${version.version}`;
    if (!version || !key || seen.has(key)) continue;
    seen.add(key);
    const { nodes } = version.document as { nodes?: WorkflowNode[] };
    for (const inner of nodes ?? []) roles.push(...(await foreignApprovals(context, inner, by, seen)));
  }
  return roles;
}
