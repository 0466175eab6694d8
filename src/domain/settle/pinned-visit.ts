// A visit of a node whose outcome was given beforehand: it ends at once, as if that had come out, and has no effect.
import type { PinnedOutcome } from '../../contract/pinned-outcomes.ts';
import type { Draft } from './draft.ts';
import type { Run } from './execution-state.ts';
import { failRun, succeedRun } from './run-node.ts';

/** False for a run that nothing is pinned to: it starts as usual. The items of a map are never pinned one by one. */
export function endPinned(draft: Draft, run: Run): boolean {
  const { pinned, task, branches } = draft.planNode(run.nodeId);
  const outcome = pinned?.[Math.min(run.iteration, pinned.length) - 1];
  if (!outcome || run.path.length > 0) return false;
  const visit: Run = { ...run, step: { ...run.step, pinned: true, reason: 'pinned', startedAt: draft.now } };
  const { output } = outcome;
  // Rule 7: where no edge decides, a reject is a failure, whoever says it.
  const rejected = task.type === 'approval' && !branches && isReject(output);
  const error = errorOf(outcome) ?? (rejected ? REJECTED : undefined);
  if (error) failRun(draft, visit, error, { output, retry: false });
  else succeedRun(draft, visit, output, draft.now);
  return true;
}

const REJECTED = { code: 'APPROVAL_REJECTED', message: 'The pinned outcome rejects it.' };

function errorOf(outcome: PinnedOutcome): { code: string; message: string } | undefined {
  if (!('error' in outcome)) return undefined;
  return { code: outcome.error.code, message: outcome.error.message ?? 'It is pinned to fail.' };
}

function isReject(output: unknown): boolean {
  return typeof output === 'object' && output !== null && (output as { decision?: unknown }).decision === 'reject';
}
