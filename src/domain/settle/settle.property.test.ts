import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import { compilePlan } from '../workflow/compile-plan.ts';
import { initialState, settle } from './settle.ts';
import type { SettleEvent } from './settle-events.ts';
import { edge, NOW, ScriptedExecution, shell } from './scripted-execution.ts';
import { documentOf, type RandomNode, randomGraph } from './testing/random-graph.ts';

/** The rules read off the page, without any cleverness: nodes in order, every edge looked at again and again. */
function oracle(graph: RandomNode[]): { statuses: string[]; failed: boolean } {
  const statuses: string[] = [];
  const outcomes: ('live' | 'dead' | 'broken')[][] = [];
  const caught: boolean[] = [];
  const fired: boolean[] = [];
  graph.forEach((node, index) => {
    const into = graph.flatMap((from, i) => from.edges.flatMap((e, k) => (e.to === index ? [outcomes[i]?.[k]] : [])));
    const count = (outcome: string) => into.filter((one) => one === outcome).length;
    let status = node.fails ? 'failed' : 'succeeded';
    fired[index] = node.quorum > 0 && count('live') >= node.quorum;
    if (node.quorum > 0 && !fired[index]) status = count('dead') === into.length ? 'skipped' : 'failed';
    else if (node.quorum === 0 && into.length > 0) {
      if (count('broken') > 0) status = 'skipped:upstream_failed';
      else if (count('live') === 0) status = 'skipped';
    }
    statuses[index] = status;
    const failed = status === 'failed';
    const matches = (on: string) => on === 'any' || (on === 'error' ? failed : !failed || node.continues);
    const live = node.edges.map(({ on, kind }) => {
      if (!matches(on) || kind === 'false') return false;
      return kind !== 'otherwise' || !node.edges.some((other) => other.on === on && other.kind === 'true');
    });
    caught[index] = node.continues || node.edges.some(({ on }, k) => on !== 'success' && live[k]);
    outcomes[index] = live.map((isLive) => {
      if (status.startsWith('skipped')) return status === 'skipped' ? 'dead' : 'broken';
      return isLive ? 'live' : failed && !caught[index] ? 'broken' : 'dead';
    });
  });
  const unhandled = statuses.some((status, index) => {
    if (status !== 'failed' || caught[index]) return false;
    const success = (graph[index]?.edges ?? []).filter(({ on }) => on === 'success');
    return success.length === 0 || !success.every(({ to }) => fired[to]);
  });
  return { statuses, failed: unhandled };
}

/** Reports outcomes in an order drawn from `picks`, with pauses, duplicates and nonsense in between. */
function play(run: ScriptedExecution, picks: number[], eventOf: (key: string) => SettleEvent): void {
  const open = new Set(run.started);
  let seen = run.effects.length;
  for (let turn = 0; open.size > 0; turn++) {
    if (turn > 500) throw new Error('it never ends');
    const pick = picks[turn % picks.length] ?? 0;
    const key = [...open][pick % open.size] ?? '';
    open.delete(key);
    const events: SettleEvent[] = [eventOf(key)];
    if (pick % 3 === 0) events.unshift({ type: 'pause_requested', at: NOW });
    if (pick % 4 === 0) events.push(eventOf(key), { type: 'timer_fired', timerId: `retry:${key}`, at: NOW });
    run.apply(...events);
    run.apply({ type: 'resume_requested', at: NOW });
    for (const effect of run.effects.slice(seen)) if (effect.type === 'start_attempt') open.add(effect.key);
    seen = run.effects.length;
  }
}

const order = fc.array(fc.nat(1000), { minLength: 5, maxLength: 20 });

test('any graph ends as the rules say, whatever the order of events, and nothing runs twice', () => {
  fc.assert(
    fc.property(randomGraph, order, (graph, picks) => {
      const run = new ScriptedExecution(documentOf(graph));
      play(run, picks, (key) => {
        const fails = graph[Number(key.slice(1, key.indexOf(':')))]?.fails;
        return fails
          ? { type: 'attempt_failed', key, at: NOW, error: { code: 'X', message: 'x' } }
          : { type: 'attempt_succeeded', key, at: NOW };
      });
      const expected = oracle(graph);
      const found = graph.map((_, index) => {
        const result = run.result(`n${index}`);
        return result?.reason === 'upstream_failed'
          ? `${result.status}:upstream_failed`
          : (result?.status ?? 'forgotten');
      });
      expect(found).toEqual(expected.statuses);
      expect(run.finish?.status).toBe(expected.failed ? 'failed' : 'succeeded');
      expect(new Set(run.started).size).toBe(run.started.length);
      expect(run.find('finish')).toHaveLength(1);
      expect(run.story).toHaveLength(graph.length);
      expect(run.state.counts).toEqual({ live: 0, active: 0, waiting: 0 });
    }),
    { numRuns: 400 },
  );
});

test('nested loops end, stay within their maxima, and do not depend on the order of events', () => {
  const document = (inner: number, outer: number) => ({
    nodes: [shell('a'), shell('b'), shell('x'), shell('y'), shell('c'), shell('d'), shell('out'), shell('side')],
    edges: [
      edge('a', 'b'), edge('b', 'x'), edge('b', 'y'), edge('x', 'c'), edge('y', 'c'), edge('b', 'side'),
      edge('c', 'b', { max: inner, on: 'any', when: "execution.id != '' && nodes.c.output.back" }),
      edge('c', 'd', { on: 'any', otherwise: true }),
      edge('d', 'a', { max: outer, when: 'nodes.d.output.back' }), edge('d', 'out', { otherwise: true }),
    ],
  }); // prettier-ignore
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 3 }),
      fc.infiniteStream(fc.boolean()),
      order,
      order,
      (inner, outer, stream, one, two) => {
        const decisions = new Map<string, boolean>();
        const eventOf = (key: string): SettleEvent => {
          if (!decisions.has(key)) decisions.set(key, stream.next().value);
          return { type: 'attempt_succeeded', key, at: NOW, output: { back: decisions.get(key) } };
        };
        const first = new ScriptedExecution(document(inner, outer));
        play(first, one, eventOf);
        const second = new ScriptedExecution(document(inner, outer));
        play(second, two, eventOf);
        expect(first.finish).toBeDefined();
        expect(second.finish).toEqual(first.finish);
        expect(second.started.toSorted()).toEqual(first.started.toSorted());
        expect(second.story.toSorted()).toEqual(first.story.toSorted());
        const visits = (id: string) => first.started.filter((key) => key.startsWith(`${id}:`)).length;
        expect(visits('a')).toBeLessThanOrEqual(outer + 1);
        expect(visits('b')).toBeLessThanOrEqual((outer + 1) * (inner + 1));
        expect(visits('side')).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 100 },
  );
});

test('the same events give the same state, effects and steps', () => {
  fc.assert(
    fc.property(randomGraph, order, (graph, picks) => {
      const events = (key: string): SettleEvent => ({ type: 'attempt_succeeded', key, at: NOW, output: { key } });
      const [one, two] = [new ScriptedExecution(documentOf(graph)), new ScriptedExecution(documentOf(graph))];
      play(one, picks, events);
      play(two, picks, events);
      expect(two.state).toEqual(one.state);
      expect(two.effects).toEqual(one.effects);
    }),
    { numRuns: 50 },
  );
});

test('a lost race leaves nothing running and nothing pending behind', () => {
  fc.assert(
    fc.property(randomGraph, order, (graph, picks) => {
      const last = graph.length;
      const document = documentOf(graph);
      document.nodes.push(shell('join', { join: { quorum: 1, cancelRest: true } }));
      document.edges.push(...graph.map((_, index) => edge(`n${index}`, 'join')));
      const run = new ScriptedExecution(document);
      const told = new Set<string>();
      play(run, picks, (key) => {
        for (const { key: cancelled } of run.find('cancel_attempt')) told.add(cancelled);
        if (told.has(key)) return { type: 'attempt_cancelled', key, at: NOW };
        const fails = graph[Number(key.slice(1, key.indexOf(':')))]?.fails;
        return fails
          ? { type: 'attempt_failed', key, at: NOW, error: { code: 'X', message: 'x' } }
          : { type: 'attempt_succeeded', key, at: NOW };
      });
      expect(run.finish).toBeDefined();
      for (let index = 0; index < last; index++) expect(run.status(`n${index}`)).not.toBe('pending');
      expect(run.status('join')).not.toBe('pending');
      expect([...run.steps.values()].filter(({ status }) => status === 'pending' || status === 'running')).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test('a map gives every item its place, whatever fails, is retried, paused or comes late', () => {
  const items = fc.array(fc.record({ failures: fc.nat(3) }), { maxLength: 9 });
  fc.assert(
    fc.property(
      items,
      fc.integer({ min: 1, max: 4 }),
      fc.nat(2),
      fc.boolean(),
      order,
      (list, concurrency, max, continues, picks) => {
        const node = {
          type: 'shell',
          config: { command: ['x'] },
          retry: { max },
          ...(continues ? { onError: 'continue' } : {}),
        };
        const run = new ScriptedExecution(
          {
            inputs: { list: {} },
            nodes: [{ id: 'm', type: 'map', config: { over: 'inputs.list', concurrency, node } }],
          },
          { list },
        );
        let running = 0;
        let most = 0;
        play(run, picks, (key) => {
          const [, , index, attempt] = key.split(':').map(Number);
          running = [...run.steps.values()].filter(({ item, status }) => item && status === 'pending').length;
          most = Math.max(most, running);
          const fails = (list[index ?? 0]?.failures ?? 0) >= (attempt ?? 0);
          return fails
            ? { type: 'attempt_failed', key, at: NOW, error: { code: 'X', message: 'x' } }
            : { type: 'attempt_succeeded', key, at: NOW, output: index };
        });
        const lost = list.map(({ failures }) => failures > max);
        expect(most).toBeLessThanOrEqual(concurrency);
        expect(new Set(run.started).size).toBe(run.started.length);
        if (lost.includes(true) && !continues) {
          expect(run.finish).toMatchObject({ status: 'failed', error: { code: 'MAP_ITEM_FAILED' } });
        } else {
          expect(run.result('m')?.output).toEqual(lost.map((isLost, index) => (isLost ? null : index)));
          expect(run.result('m')?.itemErrors?.map(({ index }) => index)).toEqual(
            lost.flatMap((isLost, index) => (isLost ? [index] : [])),
          );
        }
        expect(run.state.runs).toEqual({});
        expect(run.state.lists).toEqual({});
      },
    ),
    { numRuns: 150 },
  );
});

test('a loop around a race ends, and the cancelled execution too, at any moment', () => {
  const document = {
    nodes: [
      shell('a'),
      shell('b'),
      shell('c'),
      shell('d', { join: { quorum: 1, cancelRest: true } }),
      shell('e', { join: 'any' }),
      shell('out'),
    ],
    edges: [
      edge('a', 'b'),
      edge('a', 'c'),
      edge('b', 'd'),
      edge('c', 'd'),
      edge('c', 'e'),
      edge('d', 'e', { on: 'any' }),
      edge('e', 'a', { max: 3, when: 'nodes.e.output.back' }),
      edge('e', 'out', { otherwise: true }),
      edge('b', 'out', { on: 'error' }),
    ],
  };
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(5)), order, fc.nat(12), (stream, picks, cancelAt) => {
      const run = new ScriptedExecution(document);
      let turn = 0;
      play(run, picks, (key) => {
        if (turn++ === cancelAt) run.apply({ type: 'cancel_requested', at: NOW, by: null });
        const luck = stream.next().value;
        if (luck === 0) return { type: 'attempt_failed', key, at: NOW, error: { code: 'X', message: 'x' } };
        return { type: 'attempt_succeeded', key, at: NOW, output: { back: luck > 2 } };
      });
      expect(run.find('finish')).toHaveLength(1);
      expect(run.state.counts).toEqual({ live: 0, active: 0, waiting: 0 });
      expect(run.started.filter((key) => key.startsWith('a:')).length).toBeLessThanOrEqual(4);
      expect([...run.steps.values()].filter(({ status }) => status === 'pending' || status === 'running')).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('an event touches the same number of entries however large the graph is', () => {
  const ids = (size: number) => Array.from({ length: size }, (_, index) => `n${index}`);
  const chain = (size: number) => ({
    nodes: ids(size).map((id) => shell(id)),
    edges: ids(size)
      .slice(1)
      .map((id, index) => edge(`n${index}`, id)),
  });
  const fan = (size: number) => ({
    nodes: [...ids(size).map((id) => shell(id)), shell('join')],
    edges: ids(size).map((id) => edge(id, 'join')),
  });
  const mostTouched = (document: object, size: number): number => {
    const plan = compilePlan(document as WorkflowDocument);
    let id = 0;
    let state = initialState({ plan, execution: { id: 'e', workflowId: null, version: 0, name: 'x' }, inputs: {} });
    const apply = (event: SettleEvent): number => {
      const settled = settle({ plan, state, events: [event], now: NOW, ids: { next: () => `s${++id}` } });
      ({ state } = settled);
      return settled.changed.nodes.length + settled.changed.runs.length + settled.steps.length;
    };
    apply({ type: 'execution_started' });
    const touched = ids(size).map((name) => apply({ type: 'attempt_succeeded', key: `${name}:1:-:1`, at: NOW }));
    apply({ type: 'attempt_succeeded', key: 'join:1:-:1', at: NOW });
    expect(state.status).toBe('succeeded');
    return Math.max(...touched);
  };
  for (const graph of [chain, fan]) expect(mostTouched(graph(2000), 2000)).toBe(mostTouched(graph(20), 20));
});
