import fc from 'fast-check';
import { expect, test } from 'vitest';
import { validateWorkflow } from '../workflow/validate-workflow.ts';
import { edge, NOW, ScriptedExecution } from './scripted-execution.ts';
import type { SettleEvent } from './settle-events.ts';
import {
  type Fate,
  foretell,
  hasCrossingLoops,
  type OracleEdge,
  type OracleGraph,
  type OracleNode,
} from './testing/oracle.ts';

const SIZE = 7;
const on = fc.constantFrom('success' as const, 'success' as const, 'error' as const, 'any' as const);
const someNode = fc.record({
  kind: fc.constantFrom('shell' as const, 'shell' as const, 'shell' as const, 'approval' as const, 'map' as const),
  retries: fc.constantFrom(0, 0, 1, 2),
  continues: fc.nat(4).map((n) => n === 0),
  quorum: fc.constantFrom(0, 0, 0, 0, 1, 2),
  items: fc.nat(3),
  itemContinues: fc.boolean(),
});
const someEdge = fc.record({
  from: fc.nat(SIZE),
  to: fc.nat(SIZE),
  on,
  kind: fc.constantFrom(
    'plain' as const,
    'plain' as const,
    'true' as const,
    'false' as const,
    'back' as const,
    'otherwise' as const,
  ),
});
const someLoop = fc.record({
  from: fc.nat(SIZE),
  to: fc.nat(SIZE),
  on,
  kind: fc.constantFrom('plain' as const, 'back' as const, 'otherwise' as const),
  max: fc.integer({ min: 1, max: 3 }),
});

/** Forward edges as they come, and loops as far as they leave a valid workflow. */
const someGraph = fc
  .tuple(
    fc.array(someNode, { minLength: 2, maxLength: SIZE }),
    fc.array(someEdge, { maxLength: 12 }),
    fc.array(someLoop, { minLength: 2, maxLength: 8 }),
  )
  .map(([given, forward, backward]): OracleGraph => {
    const edges: OracleEdge[] = forward.filter(({ from, to }) => from < to && to < given.length);
    const into = (to: number) => edges.filter((one) => one.to === to).length;
    const nodes = given.map((node, index): OracleNode => ({
      ...node,
      id: `n${index}`,
      quorum: Math.min(node.quorum, into(index)),
      // A `when` may read what only a command says.
      kind: edges.some(({ from, kind }) => from === index && kind === 'back') ? 'shell' : node.kind,
    }));
    let graph = { nodes, edges };
    for (const loop of backward) {
      const isTaken = graph.edges.some(
        ({ from, to, max }) => max !== undefined && (from === loop.from || to === loop.to),
      );
      const isSpoken = loop.kind === 'back' && nodes[loop.from]?.kind !== 'shell';
      // Of two loop edges of one body it depends on the order which one counts.
      if (isTaken || isSpoken || loop.from >= nodes.length || loop.to > loop.from) continue;
      const tried = { nodes, edges: [...graph.edges, loop] };
      if (validateWorkflow(documentOf(tried)).document) graph = tried;
    }
    return graph;
  });

function documentOf({ nodes, edges }: OracleGraph): object {
  return {
    nodes: nodes.map(({ id, kind, retries, continues, quorum, items, itemContinues }) => {
      const options = { ...(continues ? { onError: 'continue' } : {}), ...(quorum > 0 ? { join: { quorum } } : {}) };
      const retry = retries > 0 ? { retry: { max: retries } } : {};
      const config = { command: ['run', id] };
      if (kind === 'approval') return { id, type: 'approval', config: { title: id }, ...options };
      if (kind === 'shell') return { id, type: 'shell', config, ...options, ...retry };
      const inner = { type: 'shell', config, ...retry, ...(itemContinues ? { onError: 'continue' } : {}) };
      const over = `[${Array.from({ length: items }, (_, index) => index).join(', ')}]`;
      return { id, type: 'map', config: { over, concurrency: 1, node: inner }, ...options };
    }),
    edges: edges.map(({ from, to, on: when, kind, max }) =>
      edge(`n${from}`, `n${to}`, {
        on: when,
        ...(max === undefined ? {} : { max }),
        ...(kind === 'otherwise' ? { otherwise: true } : {}),
        ...(kind === 'true' || kind === 'false' ? { when: kind } : {}),
        ...(kind === 'back' ? { when: `has(nodes.n${from}.output) && nodes.n${from}.output.back` } : {}),
      }),
    ),
  };
}

/** The same seed, visit and attempt always go the same way. */
function fateOf(seed: number): Fate {
  const draw = (text: string): number => {
    let hash = seed ^ 0x9e3779b9;
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    return ((hash ^ (hash >>> 13)) >>> 0) % 100;
  };
  return {
    fails: (id, iteration, item, attempt) => draw(`${id} ${iteration} ${item} ${attempt} fails`) < 35,
    says: (id, iteration) => draw(`${id} ${iteration} says`) < 60,
  };
}

/** Reports what begins in an order drawn from `picks`, until nothing is left that could be reported. */
function play(graph: OracleGraph, fate: Fate, picks: readonly number[]): ScriptedExecution {
  const run = new ScriptedExecution(documentOf(graph));
  const open: { key: string; isApproval: boolean }[] = [];
  let seen = 0;
  for (let turn = 0; ; turn++) {
    if (turn > 2_000) throw new Error('it never ends');
    for (const effect of run.effects.slice(seen)) {
      if (effect.type === 'start_attempt') open.push({ key: effect.key, isApproval: false });
      if (effect.type === 'open_approval') open.push({ key: effect.key, isApproval: true });
    }
    seen = run.effects.length;
    const [next] = open.splice((picks[turn % picks.length] ?? 0) % Math.max(1, open.length), 1);
    if (!next) return run;
    const event = eventOf(next, fate);
    // Told twice, and together with the next one, now and then.
    const pick = picks[(turn * 7) % picks.length] ?? 0;
    const [other] = pick % 5 === 0 ? open.splice(0, 1) : [];
    run.apply(event, ...(pick % 3 === 0 ? [event] : []), ...(other ? [eventOf(other, fate)] : []));
  }
}

function eventOf({ key, isApproval }: { key: string; isApproval: boolean }, fate: Fate): SettleEvent {
  const [id = '', iteration = '', item = '', attempt = ''] = key.split(':');
  const fails = fate.fails(id, Number(iteration), item === '-' ? null : Number(item), Number(attempt));
  if (isApproval) return { type: 'approval_answered', key, at: NOW, by: 'ada', decision: fails ? 'reject' : 'approve' };
  const output = { back: fate.says(id, Number(iteration)) };
  if (fails) return { type: 'attempt_failed', key, at: NOW, error: { code: 'X', message: 'x' }, output };
  return { type: 'attempt_succeeded', key, at: NOW, output };
}

/** The visits of nodes: of several attempts the last. */
function visitsOf(run: ScriptedExecution): string[] {
  const last = new Map<string, string>();
  for (const { nodeId, iteration, item, status } of run.steps.values())
    if (!item) last.set(`${nodeId}:${iteration}`, status);
  return [...last].map(([visit, status]) => `${visit} ${status}`).toSorted();
}

const order = fc.array(fc.nat(1000), { minLength: 5, maxLength: 20 });
let loopsTurned = 0;

test(
  'graphs with loops, maps, approvals, retries and joins do what a reader of the rules foretells, in any order',
  { timeout: 120_000 },
  () => {
    fc.assert(
      fc.property(someGraph, fc.nat(1_000_000), order, order, (graph, seed, one, two) => {
        const fate = fateOf(seed);
        const foretold = hasCrossingLoops(graph) ? null : foretell(graph, fate);
        const runs = [play(graph, fate, one), play(graph, fate, two)];
        for (const run of runs) {
          const begun = run.effects.flatMap((effect) =>
            effect.type === 'start_attempt' || effect.type === 'open_approval' ? [effect.key] : [],
          );
          expect(new Set(begun).size, 'nothing runs twice').toBe(begun.length);
          if (foretold) {
            expect(run.finish?.status, 'how it ends').toBe(foretold.status);
            expect(visitsOf(run), 'every visit of every node').toEqual(foretold.visits);
            // Nothing that is ready is forgotten.
            expect(begun.toSorted(), 'what began').toEqual(foretold.begins);
          }
          expect(run.find('finish')).toHaveLength(1);
          expect(run.state.counts).toEqual({ live: 0, active: 0, waiting: 0 });
          expect(run.state.runs).toEqual({});
        }
        if (foretold?.visits.some((visit) => visit.includes(':2 '))) loopsTurned += 1;
      }),
      { numRuns: 300 },
    );
    expect(loopsTurned, 'graphs in which something was visited again').toBeGreaterThan(15);
  },
);
