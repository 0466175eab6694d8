/**
 * Starts an execution: the row, its first mail and its announcement in one commit; then it is advanced. Where there is room
 * it is advanced here, and that commit also holds what its first visit decided.
 */
import { PointsmanError } from '../contract/errors.ts';
import type { Execution, ExecutionOrigin } from '../contract/executions.ts';
import type { PinnedDocument, PinnedOutcomes } from '../contract/pinned-outcomes.ts';
import { validateInputs } from '../domain/workflow/validate-inputs.ts';
import { type ExecutionRecord, executionView } from '../ports/store/executions.ts';
import { LEASE_MS } from './advance-execution.ts';
import { admitExecution, ruleOf } from './concurrency/admit-execution.ts';
import type { Actor, EngineContext } from './engine-context.ts';
import { unstored } from './held-execution.ts';
import type { Mailroom } from './mailroom.ts';
import { announcementOf, newExecution } from './new-execution.ts';
import { pinOutcomes } from './pin-outcomes.ts';

export interface StartExecution {
  workflowId: string | null;
  version: number;
  document: PinnedDocument;
  inputs: Record<string, unknown>;
  /** Outcomes that somebody gives, of nodes that then have no effect; those in the document are known to fit. */
  pinned?: PinnedOutcomes | undefined;
  /** Whose outcomes these are. */
  origin?: Extract<ExecutionOrigin, { kind: 'replay' }>;
  by: Actor;
}

export interface Started {
  /** As it was accepted. */
  execution: Execution;
  /** The whole of it if it has ended already. */
  ended: Execution | null;
}

export async function startExecution(
  context: EngineContext & { mailroom: Mailroom },
  { by, pinned, ...request }: StartExecution,
): Promise<Started> {
  const checked = validateInputs(request.document, request.inputs);
  if (checked.outcome === 'invalid')
    throw new PointsmanError('INVALID_REQUEST', {
      detail: 'The inputs do not fit the workflow.',
      problems: checked.problems.map((problem) => ({ ...problem, path: `/inputs${problem.path}` })),
    });
  const document = pinned ? await pinOutcomes(context, request.document, pinned, by) : request.document;
  const record = newExecution(context, { ...request, document, inputs: checked.inputs, createdBy: by.name });
  // One of a kind that may run beside others is stored, claimed and advanced here at once.
  if (ruleOf(record) === 'allow' && record.origin === null) {
    return { execution: executionView(record, []), ended: await store(context, record) };
  }
  const admission = await context.store.transaction(async (transaction) => {
    // What it replays stays as long as it needs it; deleted meanwhile, it is not there.
    if (record.origin && !(await transaction.executions.lock(record.origin.executionId)))
      throw new PointsmanError('EXECUTION_NOT_FOUND');
    const admitted = await admitExecution(transaction, record);
    if (record.origin && 'execution' in admitted)
      await transaction.identity.audit({
        actor: by.name,
        action: `execution.${record.origin.kind}`,
        subject: record.origin.executionId,
        detail: { ...record.origin, execution: record.id },
      });
    return admitted;
  });
  if (admission.outcome === 'skipped') throw new PointsmanError('EXECUTION_SKIPPED');
  if (admission.outcome === 'line_full') throw new PointsmanError('LINE_FULL');
  for (const id of admission.wake) await context.mailroom.wake(id);
  return { execution: executionView(admission.execution, []), ended: null };
}

async function store(
  { store: { executions }, mailroom, owner }: EngineContext & { mailroom: Mailroom },
  record: ExecutionRecord,
): Promise<Execution | null> {
  const place = mailroom.placeFor(record.id);
  const events = [{ type: 'execution_started', at: record.createdAt }];
  if (place) {
    const held = unstored(executions, { record, events, claim: { owner, ttlMs: LEASE_MS } });
    place.advance(held);
    return held.isStored;
  }
  await executions.begin({ execution: record, events, claim: null }, { events: announcementOf(record), notices: [] });
  await mailroom.wake(record.id);
  return null;
}
