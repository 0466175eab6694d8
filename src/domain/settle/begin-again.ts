// The state that a new execution begins with when it goes on from an earlier one: what is kept, what runs again.
// Undone nodes are reached anew through the edges of the kept ones; nothing kept is started again.
import type { Step } from '../../contract/executions.ts';
import { didYouMean } from '../workflow/nearest-name.ts';
import type { Plan } from '../workflow/plan.ts';
import { countRuns } from './draft.ts';
import type { ExecutionInfo, ExecutionState, FilesThen, LoopState, NodeState, Run } from './execution-state.ts';
import { runKey } from './keys.ts';
import { translated } from './other-version.ts';
import { resultOfVisit } from './result-of-visit.ts';
import { firstFiles } from './settle.ts';
import { shelfEntries, shelfGet, shelfWith } from './shelf.ts';

export interface Before {
  plan: Plan;
  state: ExecutionState;
  /** All its steps, in the order of their making. */
  steps: readonly Step[];
}

export interface BeginAgain {
  before: Before;
  /** Of the new execution: the same document, or another version of it. */
  plan: Plan;
  execution: ExecutionInfo;
  inputs: Record<string, unknown>;
  /** Nodes that run again, with everything that depends on them. */
  again: readonly string[];
  /** A map among them runs only the items that did not succeed. */
  keepItems?: boolean;
  /** Outputs that take the place of what these nodes gave; what depends on them runs again, they do not. */
  outputs?: Readonly<Record<string, unknown>>;
  /** What its worktree begins with, where that is known beforehand. */
  files?: FilesThen;
  now: string;
  ids: { next(): string };
}

export interface Beginning {
  /** Settle an `execution_continued` to set it going. */
  state: ExecutionState;
  /** Finished steps of the kept part under ids of their own; `carriedFrom` names the original. */
  carried: Step[];
  /** Kept nodes that are not the same in the other version; the beginning is of no use then. */
  misfits: Misfit[];
}

export interface Misfit {
  nodeId: string;
  message: string;
}

export function beginAgain(options: BeginAgain): Beginning {
  const { plan, before, execution, inputs, now, ids } = options;
  const edited = new Map(Object.entries(options.outputs ?? {}));
  const undone = undoneNodes(options, edited);
  const changed = (id: string) => undone.has(id) || edited.has(id);
  const { state: old, misfits } = translated(before, plan, changed);

  const loops = loopStates({ plan, old, changed, undone });
  const nodes = new Map<string, NodeState | undefined>();
  const firstVisits = visitsOfReentered({ plan, old, steps: before.steps, undone, reentered: loops.reentered });
  for (const id of before.plan.nodes.keys()) if (!plan.nodes.has(id)) nodes.set(id, undefined);
  for (const id of plan.nodes.keys()) {
    if (undone.has(id)) nodes.set(id, reachedAnew(id));
    else if (edited.has(id)) nodes.set(id, withOutput(id));
  }
  const lasting = shelfWith(old.nodes, nodes);
  const items = keptItems();
  const carried = carriedSteps();
  const runs = [...keptRuns(carried.newIds), ...items.map((step) => itemRun(step, carried.newIds))];

  return {
    misfits,
    carried: carried.steps,
    state: {
      version: 1,
      execution,
      inputs,
      status: 'queued',
      nodes: lasting,
      runs: shelfWith({}, new Map(runs.map((run) => [run.key, run]))),
      lists: shelfWith({}, new Map(shelfEntries(old.lists).filter(([key]) => runs.some((run) => run.key === key)))),
      loops: loops.states,
      signals: withDeferred(old),
      signalCursors: old.signalCursors,
      waiters: {},
      failures: old.failures.filter(({ nodeId }) => !changed(nodeId)),
      paused: false,
      held: heldBack(),
      deferred: [],
      counts: countRuns(runs),
      ...firstFiles(plan),
      ...(options.files ? { files: options.files } : {}),
    },
  };

  /** An undone node as it was before it was reached: its newest result is that of the visit before. */
  function reachedAnew(id: string): NodeState {
    const node = shelfGet(old.nodes, id);
    const iteration = firstVisits.get(id) ?? node?.iteration ?? 1;
    const result = iteration > 1 ? resultOfVisit(before.steps, id, iteration - 1) : undefined;
    const repeated = node?.via !== undefined && !firstVisits.has(id);
    return {
      iteration,
      phase: 'idle',
      ...(result ? { result } : {}),
      ...(repeated ? { via: node.via } : {}),
    };
  }

  /** It ends with this output as soon as the execution continues; until then nothing may start it. */
  function withOutput(id: string): NodeState {
    const { out: _, in: __, ...node } = shelfGet(old.nodes, id) ?? { iteration: 1, phase: 'idle' as const };
    const result = { iteration: node.iteration, status: 'succeeded' as const, output: edited.get(id) ?? null };
    return { ...node, phase: 'active', result };
  }

  function keptRuns(newIds: ReadonlyMap<string, string>): Run[] {
    const kept = shelfEntries(old.runs).flatMap(([, run]) => (changed(run.nodeId) ? [] : [run]));
    return kept.map((run) => {
      const renamed = { ...run, step: { ...run.step, id: newIds.get(run.step.id) ?? ids.next() } };
      return withoutMerges(renamed, kept);
    });
  }

  /** Finished visits of kept nodes, and earlier visits of undone ones, as steps of the new execution. */
  function carriedSteps(): { steps: Step[]; newIds: Map<string, string> } {
    const open = new Map(shelfEntries(old.runs).map(([, run]) => [run.step.id, run]));
    const newIds = new Map<string, string>();
    const steps = before.steps.flatMap((step): Step[] => {
      const state = shelfGet(lasting, step.nodeId);
      if (!state || !(isCarried(step, state) || items.includes(step))) return [];
      const id = ids.next();
      newIds.set(step.id, id);
      const { reason: _, error: __, ...rest } = step;
      if (!edited.has(step.nodeId) || step !== newestOf(step.nodeId, state.iteration))
        return [{ ...step, id, carriedFrom: step.id }];
      const output = edited.get(step.nodeId) ?? null;
      const times = { startedAt: step.startedAt ?? now, finishedAt: step.finishedAt ?? now };
      return [{ ...rest, ...times, id, status: 'succeeded', reason: 'edited', output, carriedFrom: step.id }];
    });
    return { steps, newIds };

    function isCarried(step: Step, state: NodeState): boolean {
      if (step.iteration !== state.iteration) return step.iteration < state.iteration;
      if (undone.has(step.nodeId)) return false;
      if (edited.has(step.nodeId)) {
        const newest = newestOf(step.nodeId, state.iteration);
        return step === newest || (!step.item && step.attempt < (newest?.attempt ?? 0));
      }
      if (state.phase === 'ended') return true;
      const run = open.get(step.id);
      if (run) return run.phase === 'ended' || run.phase === 'backoff' || run.phase === 'unknown' || !!run.map;
      // Earlier attempts of what is still open; of a map only those of items that had begun by then.
      return shelfEntries(old.runs).some(
        ([, other]) =>
          other.nodeId === step.nodeId &&
          other.iteration === step.iteration &&
          other.path.at(-1) === step.item?.index &&
          other.attempt > step.attempt,
      );
    }

    /** The step whose output stood in the state, or would have. */
    function newestOf(nodeId: string, iteration: number): Step | undefined {
      const run = shelfGet(old.runs, runKey(nodeId, iteration, []));
      const visit = before.steps.filter((step) => step.nodeId === nodeId && step.iteration === iteration && !step.item);
      return run ? visit.find((step) => step.id === run.step.id) : visit.at(-1);
    }
  }

  /** Succeeded items of maps that run again by themselves, so over the same list; of a nested map no step says which. */
  function keptItems(): Step[] {
    if (!options.keepItems || plan !== before.plan) return [];
    return options.again.flatMap((id) => {
      const node = plan.nodes.get(id);
      const inner = node?.task.items;
      const reached = node?.incoming.some((index) => changed(plan.edges[index]?.from ?? ''));
      const state = shelfGet(lasting, id);
      if (!inner || inner.task.items || inner.merge || reached || state?.via !== undefined) return [];
      const newest = new Map<number, Step>();
      for (const step of before.steps)
        if (step.nodeId === id && step.item && step.iteration === (state?.iteration ?? 1))
          newest.set(step.item.index, step);
      return [...newest.values()].filter((step) => step.status === 'succeeded');
    });
  }

  function itemRun(step: Step, newIds: ReadonlyMap<string, string>): Run {
    const { nodeId, iteration, attempt, item } = step;
    const path = [item?.index ?? 0];
    return {
      key: runKey(nodeId, iteration, path),
      nodeId,
      iteration,
      path,
      ...(item?.key === undefined ? {} : { itemKey: item.key }),
      attempt,
      baseAttempt: attempt - 1,
      phase: 'ended',
      step: { ...step, id: newIds.get(step.id) ?? step.id },
      outcome: 'succeeded',
    };
  }

  /** What moves when the execution continues, in the words of `held`. */
  function heldBack(): string[] {
    const ends = [...plan.nodes.keys()].filter((id) => edited.has(id)).map((id) => `end:${id}`);
    const edges = plan.edges.flatMap(({ index, from, to, loop }) => {
      const kept = !changed(from) && shelfGet(lasting, from)?.phase === 'ended';
      return kept && undone.has(to) && loop === undefined ? [`edge:${index}`] : [];
    });
    // Without a state it was not even begun: then this is the very beginning.
    const starts = plan.starts.filter((id) => undone.has(id) || !shelfGet(lasting, id)).map((id) => `node:${id}`);
    // A map comes before its items.
    const open = runs.filter((run) => run.phase !== 'ended').toSorted((a, b) => a.path.length - b.path.length);
    const moves = [...ends, ...edges, ...starts, ...open.map((run) => `again:${run.key}`)];
    return [...new Set([...moves, ...notMadeYet()])];
  }

  /** An execution that has only begun where another one was still has all moves of its own beginning before it. */
  function notMadeYet(): string[] {
    if (old.execution.startedAt !== undefined) return [];
    return before.state.held.filter((move) => {
      const name = move.slice(move.indexOf(':') + 1);
      if (move.startsWith('node:') || move.startsWith('end:')) return !changed(name);
      const edge = move.startsWith('edge:') ? before.plan.edges[Number(name)] : undefined;
      return edge !== undefined && !changed(edge.from) && !changed(edge.to);
    });
  }
}

/** Why a node cannot be given an output in this state; undefined when it can. */
export function editRefused(plan: Plan, state: ExecutionState, nodeId: string): string | undefined {
  if (!plan.nodes.has(nodeId)) return `There is no node ${nodeId}.${didYouMean(nodeId, plan.nodes.keys())}`;
  const phase = shelfGet(state.nodes, nodeId)?.phase ?? 'idle';
  if (phase === 'ended' || phase === 'active') return undefined;
  return `The node ${nodeId} had not begun at this checkpoint; choose a later one.`;
}

/** Everything that depends on what runs again or has another output; an edited node keeps its output. */
function undoneNodes({ plan, before, again }: BeginAgain, edited: ReadonlyMap<string, unknown>): Set<string> {
  const undone = new Set<string>();
  const stack = [...again];
  const follow = (id: string) => {
    for (const each of new Set([plan, before.plan])) stack.push(...successors(each, id));
  };
  for (const id of plan.nodes.keys()) {
    if (edited.has(id)) continue;
    const node = shelfGet(before.state.nodes, id);
    // The cancel cut it off: it ended without deciding its edges, or never began.
    const cutOff = node?.phase === 'ready' || (node?.phase === 'ended' && node.out === undefined);
    if (cutOff || !before.plan.nodes.has(id)) stack.push(id);
  }
  for (const id of edited.keys()) follow(id);
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (edited.has(id) || undone.has(id)) continue;
    undone.add(id);
    follow(id);
  }
  return undone;
}

/** Nodes behind its edges; and since edges that leave a loop settle at its end, those behind all of its loops too. */
function successors(plan: Plan, id: string): string[] {
  const node = plan.nodes.get(id);
  if (!node) return [];
  const behind = node.outgoing.flatMap((index) => {
    const edge = plan.edges[index];
    return edge && edge.loop === undefined ? [edge.to] : [];
  });
  const leaving = plan.edges.filter((edge) => edge.leaves.some((loop) => node.loops.includes(loop)));
  return [...behind, ...leaving.map((edge) => edge.to)];
}

interface LoopsAgain {
  states: Record<string, LoopState>;
  /** Loops that are entered anew from outside: they count from the beginning. */
  reentered: Set<number>;
}

function loopStates(options: {
  plan: Plan;
  old: ExecutionState;
  changed: (id: string) => boolean;
  undone: ReadonlySet<string>;
}): LoopsAgain {
  const { plan, old, changed, undone } = options;
  const states: Record<string, LoopState> = {};
  const reentered = new Set<number>();
  plan.loops.forEach((loop, index) => {
    const body = new Set(loop.body);
    const state = old.loops[index];
    if (!loop.body.some(changed)) {
      if (state) states[index] = state;
      return;
    }
    const entries = plan.edges.filter((edge) => edge.to === loop.target && edge.loop === undefined);
    const anew = entries.some((edge) => !body.has(edge.from) && changed(edge.from));
    if (undone.has(loop.target) && (anew || !state)) {
      reentered.add(index);
      return;
    }
    if (!state) return;
    const { restart, ...rest } = state;
    const from = (edge: number) => plan.edges[edge]?.from ?? '';
    const pending = restart && !changed(from(restart.edge)) ? { restart } : {};
    const taken = { ...rest.taken };
    if (restart && !('restart' in pending)) taken[restart.edge] = (taken[restart.edge] ?? 1) - 1;
    const settled = loop.edges.filter((edge) => {
      const source = shelfGet(old.nodes, from(edge));
      const out = source?.out?.[plan.nodes.get(from(edge))?.outgoing.indexOf(edge) ?? -1];
      return !changed(from(edge)) && source?.phase === 'ended' && out !== undefined && out !== 'live';
    });
    states[index] = { taken, notTaken: settled.length, done: false, ...pending };
  });
  // What is inside a loop that is entered anew is so as well.
  for (const index of reentered)
    for (const inner of plan.loops[index]?.inner ?? []) {
      reentered.add(inner);
      delete states[inner];
    }
  return { states, reentered };
}

/** For nodes of loops that are entered anew: the number of their first visit since the old entry. */
function visitsOfReentered(options: {
  plan: Plan;
  old: ExecutionState;
  steps: readonly Step[];
  undone: ReadonlySet<string>;
  reentered: ReadonlySet<number>;
}): Map<string, number> {
  const { plan, old, steps, undone, reentered } = options;
  const visits = new Map<string, number>();
  for (const [id, node] of plan.nodes) {
    const outermost = node.loops.find((loop) => reentered.has(loop));
    if (outermost === undefined || !undone.has(id)) continue;
    const loop = plan.loops[outermost];
    const state = old.loops[outermost];
    const target = shelfGet(old.nodes, loop?.target ?? '');
    const repeats = Object.values(state?.taken ?? {}).reduce((sum, count) => sum + count, 0) - (state?.restart ? 1 : 0);
    const first = (target?.iteration ?? 1) - repeats;
    const entered = steps.findIndex((step) => step.nodeId === loop?.target && step.iteration === first);
    const since = entered === -1 ? [] : steps.slice(entered).filter((step) => step.nodeId === id);
    visits.set(id, since[0]?.iteration ?? shelfGet(old.nodes, id)?.iteration ?? 1);
  }
  return visits;
}

/** Branches that were not merged yet stay with the old execution, so these items are done again. */
function withoutMerges(run: Run, all: readonly Run[]): Run {
  const { map } = run;
  if (!map || map.mergeNext === undefined) return run;
  const { merging: _, ...rest } = map;
  const lost = all.flatMap((item) => {
    const index = item.path.at(-1) ?? -1;
    const mine =
      item.nodeId === run.nodeId && item.iteration === run.iteration && item.path.length === run.path.length + 1;
    const here = mine && run.path.every((place, depth) => item.path[depth] === place);
    return here && item.outcome === 'succeeded' && index >= (map.mergeNext ?? 0) ? [index] : [];
  });
  const again = [...new Set([...(map.again ?? []), ...lost])].toSorted((a, b) => a - b);
  return { ...run, phase: 'map', map: { ...rest, ended: map.ended - lost.length, again } };
}

/** Signals that came during a pause count as received. */
function withDeferred(state: ExecutionState): ExecutionState['signals'] {
  const signals = { ...state.signals };
  for (const event of state.deferred) {
    if (event.type !== 'signal_received') continue;
    const { id, name, data, at } = event;
    const known = Object.hasOwn(signals, name) ? (signals[name] ?? []) : [];
    if (!known.some((other) => other.id === id))
      signals[name] = [...known, { id, at, ...(data === undefined ? {} : { data }) }];
  }
  return signals;
}
