import { describe, expect, test } from 'vitest';
import type { PinnedOutcomes } from '../../contract/pinned-outcomes.ts';
import { WorkflowDocument } from '../../contract/workflow-document.ts';
import { compilePlan } from '../workflow/compile-plan.ts';
import { replayPins } from './replay-pins.ts';
import { edge, ScriptedExecution, shell } from './scripted-execution.ts';

function replay(
  past: ScriptedExecution,
  document: object,
  { given = {}, asksAgain = [] }: { given?: PinnedOutcomes; asksAgain?: string[] } = {},
) {
  const before = { plan: past.plan, state: past.state, steps: [...past.steps.values()] };
  const plan = compilePlan(WorkflowDocument.parse(document));
  const { pinned, runs } = replayPins({ before, plan, given, asksAgain: new Set(asksAgain) });
  const next = new ScriptedExecution({ ...document, pinned });
  return { next, pinned, runs: runs.map(({ nodeId, reason }) => `${nodeId} ${reason}`) };
}

const CHAIN = {
  nodes: [shell('a'), shell('b'), shell('c'), shell('side')],
  edges: [edge('a', 'b'), edge('b', 'c')],
};
const changed = (id: string) => ({
  ...CHAIN,
  nodes: CHAIN.nodes.map((node) => (node.id === id ? shell(id, { config: { command: ['other'] } }) : node)),
});

function ran(document: object = CHAIN, failing: string[] = []): ScriptedExecution {
  const past = new ScriptedExecution(document);
  for (let at = 0; at < past.started.length; at++) {
    const key = past.started[at] ?? '';
    const name = key.split(':')[0] ?? '';
    if (failing.includes(key) || failing.includes(name)) past.fail(key, 'FAILED', { said: key });
    else past.succeed(key, { said: key });
  }
  return past;
}

describe('a replay', () => {
  test('of the same document runs nothing and ends as it ended', () => {
    const { next, runs } = replay(ran(), CHAIN);
    expect(runs).toEqual([]);
    expect(next.started).toEqual([]);
    expect(next.finish).toMatchObject({ status: 'succeeded' });
  });

  test('runs a changed node and what depends on it, and nothing before or beside it', () => {
    const { next, runs, pinned } = replay(ran(), changed('b'));
    expect(runs).toEqual(['b changed', 'c depends']);
    expect(pinned).toEqual({ a: { output: { said: 'a:1:-:1' } }, side: { output: { said: 'side:1:-:1' } } });
    expect(next.started).toEqual(['b:1:-:1']);
  });

  test('takes a new name or place of a node for no change, another edge into it for one, and a new node as new', () => {
    const renamed = { ...CHAIN, nodes: CHAIN.nodes.map((node) => ({ ...node, name: 'N', position: [1, 2] })) };
    expect(replay(ran(), renamed).runs).toEqual([]);
    const more = {
      nodes: [...CHAIN.nodes, shell('more')],
      edges: [...CHAIN.edges, edge('side', 'c'), edge('c', 'more')],
    };
    expect(replay(ran(), more).runs).toEqual(['c changed', 'more new']);
  });

  test('runs files again in another directory, but computes nothing again', () => {
    const document = {
      nodes: [{ id: 'sum', type: 'transform', config: { value: '1 + 1' } }, shell('a')],
    };
    expect(replay(ran(document), { ...document, workspace: { path: '/elsewhere' } }).runs).toEqual(['a changed']);
  });

  test('runs what failed and what was not reached, and keeps a failure that an edge handled', () => {
    const { runs } = replay(ran(CHAIN, ['b']), CHAIN);
    expect(runs).toEqual(['b failed', 'c depends']);
    const handled = { nodes: [shell('a'), shell('fix')], edges: [edge('a', 'fix', { on: 'error' })] };
    const again = replay(ran(handled, ['a']), handled);
    expect(again.runs).toEqual([]);
    expect(again.pinned['a']).toEqual({
      error: { code: 'FAILED', message: 'a:1:-:1 failed' },
      output: { said: 'a:1:-:1' },
    });
    expect(again.next.story).toEqual(['a 1 failed', 'fix 1 succeeded']);
  });

  test('goes through a loop as often as it went, or runs all of it when a part changed', () => {
    const loop = {
      nodes: [shell('work'), shell('test'), shell('publish')],
      edges: [edge('work', 'test'), edge('test', 'work', { on: 'error', max: 3 }), edge('test', 'publish')],
    };
    const past = ran(loop, ['test:1:-:1']);
    const same = replay(past, loop);
    expect(same.runs).toEqual([]);
    expect(same.next.story).toEqual(past.story);
    const other = {
      ...loop,
      nodes: [shell('work'), shell('test', { retry: { max: 1 } }), shell('publish')],
    };
    expect(replay(past, other).runs).toEqual(['work depends', 'test changed', 'publish depends']);
  });

  test('of a race does not start the loser again', () => {
    const race = {
      nodes: [shell('fast'), shell('slow'), shell('first', { join: { quorum: 1, cancelRest: true } })],
      edges: [edge('fast', 'first'), edge('slow', 'first')],
    };
    const past = new ScriptedExecution(race);
    past.succeed('fast', {});
    past.cancelled('slow');
    past.succeed('first', {});
    expect(past.finish).toMatchObject({ status: 'succeeded' });
    const { runs, next } = replay(past, race);
    expect(runs).toEqual([]);
    expect(next.started).toEqual([]);
    expect(next.finish).toMatchObject({ status: 'succeeded' });
  });

  test('asks an approval again where it must, and takes given outcomes in place of past ones', () => {
    const asks = {
      nodes: [shell('a'), { id: 'gate', type: 'approval', config: { title: 'Go?' } }, shell('ship')],
      edges: [edge('a', 'gate'), edge('gate', 'ship')],
    };
    const past = new ScriptedExecution(asks);
    past.succeed('a');
    past.answer('gate', 'approve');
    past.succeed('ship');
    expect(replay(past, asks).runs).toEqual([]);
    expect(replay(past, asks, { asksAgain: ['gate'] }).runs).toEqual(['gate approval', 'ship depends']);
    const given = replay(past, asks, { given: { a: { output: { other: true } } } });
    expect(given.runs).toEqual(['gate depends', 'ship depends']);
    expect(given.pinned).toEqual({ a: { output: { other: true } } });
  });
});
