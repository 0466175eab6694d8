// Runs one case of a workflow to its end with the very code that decides executions, on a clock that jumps from timer
// to timer. Nothing has an effect: what would have one must be pinned.
import type { Step, StepError } from '../../contract/executions.ts';
import type { PinnedOutcomes } from '../../contract/pinned-outcomes.ts';
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import type { Effect } from '../settle/effects.ts';
import type { ExecutionState } from '../settle/execution-state.ts';
import { splitAttemptKey } from '../settle/keys.ts';
import type { SettleEvent } from '../settle/settle-events.ts';
import { initialState, settle } from '../settle/settle.ts';
import { compilePlan } from '../workflow/compile-plan.ts';

/** Every case begins at this moment. */
const BEGINNING = '2026-01-01T00:00:00.000Z';

export interface TriedCase {
  status: 'succeeded' | 'failed';
  outputs: Record<string, unknown>;
  error?: StepError;
  /** In the order in which they began. */
  steps: Step[];
}

/** A node that would have had an effect; `type` says which. */
export interface UnpinnedNode {
  nodeId: string;
  type: string;
}

export type Trial = { outcome: 'ended'; end: TriedCase } | { outcome: 'unpinned'; nodes: UnpinnedNode[] };

/** The document is valid, the inputs fit it, and so does what is pinned. */
export function tryCase(options: {
  document: WorkflowDocument;
  inputs: Record<string, unknown>;
  pinned: PinnedOutcomes;
}): Trial {
  const plan = compilePlan({ ...options.document, pinned: options.pinned });
  const execution = { id: '00000000-0000-7000-8000-000000000000', workflowId: null, version: 0, name: plan.name };
  const steps = new Map<string, Step>();
  const timers = new Map<string, string>();
  let state: ExecutionState = initialState({ plan, execution, inputs: options.inputs });
  let now = BEGINNING;
  let made = 0;
  let event: SettleEvent | undefined = { type: 'execution_started', at: now };
  while (event) {
    const result = settle({ plan, state, events: [event], now, ids: { next: () => `step ${++made}` } });
    state = result.state;
    for (const step of result.steps) steps.set(step.id, step);
    const unpinned = result.effects.flatMap((effect) => unpinnedNode(effect, steps));
    if (unpinned.length > 0) return { outcome: 'unpinned', nodes: unpinned };
    for (const effect of result.effects) {
      if (effect.type === 'set_timer') timers.set(effect.timerId, effect.at);
      else if (effect.type === 'clear_timer') timers.delete(effect.timerId);
      else if (effect.type === 'finish') return { outcome: 'ended', end: ended(effect, [...steps.values()]) };
    }
    event = nextTimer();
  }
  // Only an event from outside could bring it on.
  const waiting = [...steps.values()].filter(({ status }) => status === 'waiting');
  return { outcome: 'unpinned', nodes: waiting.map(({ nodeId }) => ({ nodeId, type: 'wait for an event' })) };

  function nextTimer(): SettleEvent | undefined {
    const [next] = [...timers].toSorted(([, one], [, other]) => (one < other ? -1 : one > other ? 1 : 0));
    if (!next) return undefined;
    const [timerId, at] = next;
    timers.delete(timerId);
    if (at > now) now = at;
    return { type: 'timer_fired', timerId, at: now };
  }
}

function unpinnedNode(effect: Effect, steps: ReadonlyMap<string, Step>): UnpinnedNode[] {
  if (effect.type === 'start_attempt') return [{ nodeId: effect.step.nodeId, type: effect.kind }];
  if (effect.type === 'open_approval')
    return [{ nodeId: steps.get(effect.stepId)?.nodeId ?? nodeOf(effect.key), type: 'approval' }];
  return [];
}

function nodeOf(key: string): string {
  return splitAttemptKey(key)?.run.split(':')[0] ?? key;
}

function ended({ status, outputs = {}, error }: Extract<Effect, { type: 'finish' }>, steps: Step[]): TriedCase {
  // Nobody cancels a case.
  return { status: status === 'cancelled' ? 'failed' : status, outputs, ...(error ? { error } : {}), steps };
}
