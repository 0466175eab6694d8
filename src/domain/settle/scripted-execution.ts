// Drives settle by hand in tests: reports outcomes by node id and keeps what came out. Used by tests only.
import type { Step } from '../../contract/executions.ts';
import type { PinnedDocument } from '../../contract/pinned-outcomes.ts';
import { compilePlan } from '../workflow/compile-plan.ts';
import { validateWorkflow } from '../workflow/validate-workflow.ts';
import { beginAgain, type Beginning } from './begin-again.ts';
import type { Effect } from './effects.ts';
import type { ExecutionState } from './execution-state.ts';
import type { SettleEvent } from './settle-events.ts';
import { initialState, settle } from './settle.ts';
import { shelfGet } from './shelf.ts';

export const NOW = '2026-01-01T00:00:00.000Z';

export class ScriptedExecution {
  readonly plan: ReturnType<typeof compilePlan>;
  readonly effects: Effect[] = [];
  readonly steps = new Map<string, Step>();
  state: ExecutionState;
  now = NOW;
  #ids = 0;

  /** The document must be valid, and may have `pinned`; it starts at once, or goes on from a state that another one left. */
  constructor(
    document: object | string,
    inputs: Record<string, unknown> = {},
    from?: (plan: ScriptedExecution['plan']) => ExecutionState,
  ) {
    const { pinned, ...plain } = typeof document === 'string' ? { pinned: undefined } : (document as PinnedDocument);
    const { problems, document: valid } = validateWorkflow(typeof document === 'string' ? document : plain);
    if (!valid) throw new Error(`not valid: ${problems.map(({ path, message }) => `${path} ${message}`).join('; ')}`);
    this.plan = compilePlan({ ...valid, ...(pinned ? { pinned } : {}) });
    const execution = { id: 'e1', workflowId: null, version: 0, name: this.plan.name };
    if (from) {
      this.state = from(this.plan);
      this.apply({ type: 'execution_continued', at: NOW });
      return;
    }
    this.state = initialState({ plan: this.plan, execution, inputs });
    this.apply({ type: 'execution_started', at: NOW });
  }

  apply(...events: SettleEvent[]): Effect[] {
    const result = settle({
      plan: this.plan,
      state: this.state,
      events,
      now: this.now,
      ids: { next: () => `s${++this.#ids}` },
    });
    // A state must survive being stored, so every test runs on one that was.
    this.state = JSON.parse(JSON.stringify(result.state)) as ExecutionState;
    this.effects.push(...result.effects);
    for (const step of result.steps) this.steps.set(step.id, step);
    return result.effects;
  }

  /** A new execution that goes on from this one, as it is now; `carried` are the steps that come with it. */
  goOn(options: {
    again?: string[];
    keepItems?: boolean;
    outputs?: Record<string, unknown>;
    inputs?: Record<string, unknown>;
    document?: object;
  }): ScriptedExecution & { beginning: Beginning } {
    let beginning: Beginning | undefined;
    const next = new ScriptedExecution(options.document ?? this.plan.document, {}, (plan) => {
      beginning = beginAgain({
        before: { plan: this.plan, state: this.state, steps: [...this.steps.values()] },
        plan: options.document ? plan : this.plan,
        execution: { id: 'e2', workflowId: null, version: 0, name: plan.name },
        inputs: options.inputs ?? this.state.inputs,
        again: options.again ?? [],
        keepItems: options.keepItems ?? false,
        outputs: options.outputs ?? {},
        now: NOW,
        ids: { next: () => `c${++this.#ids}` },
      });
      return JSON.parse(JSON.stringify(beginning.state)) as ExecutionState;
    });
    if (!beginning) throw new Error('a new execution begins with its state');
    return Object.assign(next, { beginning });
  }

  /** Short forms: `a` is the first attempt of the first visit; anything else is a whole key. */
  succeed(name: string, output: unknown = {}): Effect[] {
    return this.apply({ type: 'attempt_succeeded', key: keyOf(name), at: this.now, output });
  }

  fail(name: string, code = 'FAILED', output?: unknown): Effect[] {
    return this.apply({
      type: 'attempt_failed',
      key: keyOf(name),
      at: this.now,
      error: { code, message: `${name} failed` },
      output,
    });
  }

  cancelled(name: string): Effect[] {
    return this.apply({ type: 'attempt_cancelled', key: keyOf(name), at: this.now });
  }

  unknown(name: string): Effect[] {
    return this.apply({ type: 'attempt_unknown', key: keyOf(name), at: this.now, reason: 'no trace' });
  }

  answer(name: string, decision: 'approve' | 'reject', more: { form?: unknown; note?: string } = {}): Effect[] {
    return this.apply({ type: 'approval_answered', key: keyOf(name), at: this.now, decision, by: 'ada', ...more });
  }

  /** Keys of attempts that were started, in order. */
  get started(): string[] {
    return this.effects.flatMap((effect) => (effect.type === 'start_attempt' ? [effect.key] : []));
  }

  get finish(): Extract<Effect, { type: 'finish' }> | undefined {
    return this.effects.find((effect): effect is Extract<Effect, { type: 'finish' }> => effect.type === 'finish');
  }

  find<T extends Effect['type']>(type: T): Extract<Effect, { type: T }>[] {
    return this.effects.filter((effect): effect is Extract<Effect, { type: T }> => effect.type === type);
  }

  /** `a 1 succeeded` for every step of nodes, in the order of their making. */
  get story(): string[] {
    return [...this.steps.values()].map(
      ({ nodeId, item, iteration, status }) => `${nodeId}${item ? `[${item.index}]` : ''} ${iteration} ${status}`,
    );
  }

  status(nodeId: string): string {
    return shelfGet(this.state.nodes, nodeId)?.result?.status ?? 'pending';
  }

  result(nodeId: string) {
    return shelfGet(this.state.nodes, nodeId)?.result;
  }
}

function keyOf(name: string): string {
  return name.includes(':') ? name : `${name}:1:-:1`;
}

export function shell(id: string, more: object = {}): { id: string; type: 'shell'; config: { command: string[] } } {
  return { id, type: 'shell', config: { command: ['run', id] }, ...more };
}

export function edge(from: string, to: string, more: object = {}): { from: string; to: string } {
  return { from, to, ...more };
}
