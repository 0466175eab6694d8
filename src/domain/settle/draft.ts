// The changes of one call of settle: reads fall through to the old state, writes are collected and shelved at the end.
import type { Step } from '../../contract/executions.ts';
import type { Plan, PlanNode } from '../workflow/plan.ts';
import type { Effect } from './effects.ts';
import type { ExecutionState, FilesThen, LoopState, NodeState, Run } from './execution-state.ts';
import { shelfGet, shelfWith } from './shelf.ts';

type Small = Pick<
  ExecutionState,
  | 'status' | 'execution' | 'loops' | 'signals' | 'signalCursors' | 'waiters' | 'failures'
  | 'paused' | 'holds' | 'cancelRequested' | 'deadline' | 'held' | 'deferred' | 'counts' | 'outputs' | 'error' | 'files'
>; // prettier-ignore

export class Draft {
  readonly plan: Plan;
  readonly now: string;
  readonly effects: Effect[] = [];
  readonly #before: ExecutionState;
  readonly #nextId: () => string;
  readonly #nodes = new Map<string, NodeState | undefined>();
  readonly #runs = new Map<string, Run | undefined>();
  readonly #lists = new Map<string, unknown[] | undefined>();
  readonly #steps = new Map<string, Step>();
  readonly #work: (() => void)[] = [];
  #small: Small;

  constructor(options: { plan: Plan; state: ExecutionState; now: string; nextId: () => string }) {
    this.plan = options.plan;
    this.now = options.now;
    this.#before = options.state;
    this.#nextId = options.nextId;
    this.#small = options.state;
  }

  get inputs(): Record<string, unknown> {
    return this.#before.inputs;
  }

  get state(): Readonly<Small> {
    return this.#small;
  }

  /** Changes fields of the state other than nodes, runs and lists. */
  set(changes: Partial<Small>): void {
    this.#small = { ...this.#small, ...changes };
  }

  /** What a step left in the execution's worktree; something older, told later, changes nothing. */
  leftFiles(files: FilesThen | undefined): void {
    const { files: before } = this.#small;
    if (!files) return;
    if (files.outcome === 'kept' && before?.outcome === 'kept' && before.number >= files.number) return;
    this.set({ files });
  }

  get stopped(): boolean {
    return this.#small.cancelRequested !== undefined;
  }

  get finished(): boolean {
    return isFinished(this.#small.status);
  }

  node(id: string): NodeState {
    const changed = this.#nodes.get(id);
    return changed ?? shelfGet(this.#before.nodes, id) ?? { iteration: 1, phase: 'idle' };
  }

  setNode(id: string, state: NodeState): void {
    this.#nodes.set(id, state);
  }

  planNode(id: string): PlanNode {
    const node = this.plan.nodes.get(id);
    if (!node) throw new Error(`the plan has no node ${id}: this state belongs to another version of the workflow`);
    return node;
  }

  run(key: string): Run | undefined {
    return this.#runs.has(key) ? this.#runs.get(key) : shelfGet(this.#before.runs, key);
  }

  /** Stores a run and keeps the counts that the execution's status is made of. */
  setRun(run: Run): void {
    this.#count(this.run(run.key), -1);
    this.#count(run, 1);
    this.#runs.set(run.key, run);
  }

  dropRun(key: string): void {
    this.#count(this.run(key), -1);
    this.#runs.set(key, undefined);
  }

  #count(run: Run | undefined, by: number): void {
    if (!run || run.phase === 'ended') return;
    const { counts } = this.#small;
    const active = ACTIVE.has(run.phase) ? by : 0;
    const waiting = WAITING.has(run.phase) ? by : 0;
    this.set({ counts: { live: counts.live + by, active: counts.active + active, waiting: counts.waiting + waiting } });
  }

  /** Keys of runs that this call has touched. */
  changedRuns(): string[] {
    return [...this.#runs.keys()];
  }

  list(key: string): unknown[] {
    return (this.#lists.has(key) ? this.#lists.get(key) : shelfGet(this.#before.lists, key)) ?? [];
  }

  setList(key: string, list: unknown[] | undefined): void {
    this.#lists.set(key, list);
  }

  loop(index: number): LoopState {
    return this.#small.loops[index] ?? { taken: {}, notTaken: 0, done: false };
  }

  setLoop(index: number, loop: LoopState): void {
    this.set({ loops: { ...this.#small.loops, [index]: loop } });
  }

  newStepId(): string {
    return this.#nextId();
  }

  /** Reports a step; the newest form of each step is handed to the host. */
  report(step: Step): Step {
    this.#steps.set(step.id, step);
    return step;
  }

  emit(effect: Effect): void {
    this.effects.push(effect);
  }

  /** An attempt that was to start in this very call needs no stopping: its intent is taken back. */
  takeBackStart(key: string): boolean {
    const index = this.effects.findIndex((effect) => effect.type === 'start_attempt' && effect.key === key);
    if (index !== -1) this.effects.splice(index, 1);
    return index !== -1;
  }

  /** Work is queued instead of nested: a chain of a thousand conditions would exhaust the stack. */
  later(work: () => void): void {
    this.#work.push(work);
  }

  /** Runs queued work until nothing moves any more. */
  drain(): void {
    for (let at = 0; at < this.#work.length; at++) this.#work[at]?.();
    this.#work.length = 0;
  }

  result(): { state: ExecutionState; effects: Effect[]; steps: Step[]; changed: ChangedEntries } {
    const state: ExecutionState = {
      ...this.#before,
      ...this.#small,
      nodes: shelfWith(this.#before.nodes, this.#nodes),
      runs: shelfWith(this.#before.runs, this.#runs),
      lists: shelfWith(this.#before.lists, this.#lists),
    };
    const changed = { nodes: [...this.#nodes.keys()], runs: [...this.#runs.keys()], lists: [...this.#lists.keys()] };
    return { state, effects: this.effects, steps: [...this.#steps.values()], changed };
  }
}

/** Keys of the shelves that differ from the state before (a key may be gone now). */
export interface ChangedEntries {
  nodes: string[];
  runs: string[];
  lists: string[];
}

const ACTIVE: ReadonlySet<Run['phase']> = new Set(['pending', 'running', 'stopping', 'merging']);
const WAITING: ReadonlySet<Run['phase']> = new Set(['waiting', 'backoff', 'unknown']);

/** The counts of a state that holds these runs and no others. */
export function countRuns(runs: readonly Run[]): ExecutionState['counts'] {
  const open = runs.filter((run) => run.phase !== 'ended');
  return {
    live: open.length,
    active: open.filter((run) => ACTIVE.has(run.phase)).length,
    waiting: open.filter((run) => WAITING.has(run.phase)).length,
  };
}

export function isFinished(status: ExecutionState['status']): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}
