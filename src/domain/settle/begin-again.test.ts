import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../contract/executions.ts';
import { editRefused } from './begin-again.ts';
import { retryStarts } from './retry-starts.ts';
import { initialState } from './settle.ts';
import { edge, ScriptedExecution, shell } from './scripted-execution.ts';

const CHAIN = {
  nodes: [shell('a'), shell('b'), shell('c'), shell('side')],
  edges: [edge('a', 'b'), edge('b', 'c')],
};

describe('a retry', () => {
  test('R21: runs again what failed and what depends on it, and carries over the rest', () => {
    const first = new ScriptedExecution(CHAIN);
    first.succeed('a', { n: 1 });
    first.succeed('side', 'kept');
    first.fail('b');
    expect(first.finish?.status).toBe('failed');
    const next = first.goOn({ again: starts(first) });
    expect(next.started).toEqual(['b:1:-:1']);
    expect(next.result('a')).toMatchObject({ status: 'succeeded', output: { n: 1 } });
    expect(names(next.beginning.carried)).toEqual(['a 1 succeeded', 'side 1 succeeded']);
    expect(
      next.beginning.carried.every((step) => first.steps.has(step.carriedFrom ?? '') && !first.steps.has(step.id)),
    ).toBe(true);
    next.succeed('b');
    expect(next.started).toEqual(['b:1:-:1', 'c:1:-:1']);
    next.succeed('c');
    expect(next.finish).toMatchObject({ status: 'succeeded' });
  });

  test('from a node of a succeeded execution runs that node and everything behind it', () => {
    const first = new ScriptedExecution(CHAIN);
    for (const id of ['a', 'b', 'side', 'c']) first.succeed(id, id);
    expect(first.goOn({ again: ['b'] }).started).toEqual(['b:1:-:1']);
    const fromStart = first.goOn({ again: ['a'] });
    expect(fromStart.started).toEqual(['a:1:-:1']);
    expect(fromStart.status('c')).toBe('pending');
    expect(names(fromStart.beginning.carried)).toEqual(['side 1 succeeded']);
  });

  test('needs something that failed, or a node that ran', () => {
    const first = new ScriptedExecution({
      nodes: [{ id: 'c', type: 'condition' }, shell('yes'), shell('no')],
      edges: [edge('c', 'yes'), edge('c', 'no', { when: 'false' })],
    });
    first.succeed('yes');
    const ask = (fromNode?: string) =>
      retryStarts({ before: first.plan, plan: first.plan, state: first.state, fromNode });
    expect(ask()).toMatchObject({ outcome: 'nothing' });
    expect(ask('no')).toMatchObject({ outcome: 'nothing', message: expect.stringContaining('skipped') });
    expect(ask('yse')).toMatchObject({ outcome: 'nothing', message: expect.stringContaining('Did you mean yes') });
    expect(ask('yes')).toEqual({ outcome: 'nodes', nodes: ['yes'] });
  });

  test('leaves a failure alone that the workflow handled', () => {
    const first = new ScriptedExecution({
      nodes: [shell('a'), shell('tidy'), shell('b')],
      edges: [edge('a', 'tidy', { on: 'error' })],
    });
    first.fail('a');
    first.succeed('tidy');
    first.fail('b');
    expect(starts(first)).toEqual(['b']);
    const next = first.goOn({ again: ['b'] });
    next.succeed('b');
    expect(next.finish).toMatchObject({ status: 'succeeded' });
  });

  test('of a cancelled execution goes on with what the cancel cut off', () => {
    const first = new ScriptedExecution(CHAIN);
    first.succeed('a');
    first.apply({ type: 'cancel_requested', at: first.now, by: 'ada' });
    first.cancelled('b');
    first.cancelled('side');
    expect(first.finish?.status).toBe('cancelled');
    const next = first.goOn({ again: starts(first) });
    expect(next.started.toSorted()).toEqual(['b:1:-:1', 'side:1:-:1']);
    next.succeed('b');
    next.succeed('side');
    next.succeed('c');
    expect(next.finish).toMatchObject({ status: 'succeeded' });
  });

  test('of a join takes the branches that succeeded as they are', () => {
    const first = new ScriptedExecution({
      nodes: [
        shell('a'),
        shell('b'),
        shell('join'),
        { id: 'end', type: 'transform', config: { value: 'nodes.a.output' } },
      ],
      edges: [edge('a', 'join'), edge('b', 'join'), edge('join', 'end')],
    });
    first.succeed('a', 7);
    first.fail('b');
    const next = first.goOn({ again: starts(first) });
    expect(next.started).toEqual(['b:1:-:1']);
    next.succeed('b');
    next.succeed('join');
    expect(next.result('end')).toMatchObject({ output: 7 });
    expect(next.finish?.status).toBe('succeeded');
  });

  test('of a failed map runs only the items that did not succeed, unless the map is named', () => {
    const first = new ScriptedExecution({
      nodes: [
        {
          id: 'm',
          type: 'map',
          config: { over: '[1,2,3,4]', concurrency: 3, node: { type: 'shell', config: { command: ['x'] } } },
        },
      ],
      outputs: { all: 'nodes.m.output' },
    });
    first.fail('m:1:1:1');
    first.succeed('m:1:0:1', 'a');
    first.succeed('m:1:2:1', 'c');
    expect(first.finish?.status).toBe('failed');
    const next = first.goOn({ again: starts(first), keepItems: true });
    expect(next.started).toEqual(['m:1:1:1', 'm:1:3:1']);
    expect(names(next.beginning.carried)).toEqual(['m[0] 1 succeeded', 'm[2] 1 succeeded']);
    next.succeed('m:1:1:1', 'b');
    next.succeed('m:1:3:1', 'd');
    expect(next.finish).toMatchObject({ status: 'succeeded', outputs: { all: ['a', 'b', 'c', 'd'] } });
    expect(first.goOn({ again: ['m'] }).started).toEqual(['m:1:0:1', 'm:1:1:1', 'm:1:2:1']);
  });

  test('can fail again, and counts the attempts of its own', () => {
    const first = new ScriptedExecution({ nodes: [shell('a', { retry: { max: 1 } })] });
    first.fail('a:1:-:1');
    first.fail('a:1:-:2');
    const next = first.goOn({ again: starts(first) });
    expect(next.started).toEqual(['a:1:-:1']);
    next.fail('a:1:-:1');
    next.fail('a:1:-:2');
    expect(next.finish).toMatchObject({ status: 'failed', error: { nodeId: 'a' } });
  });
});

const LOOP = {
  nodes: [shell('plan'), shell('write'), shell('test'), shell('publish')],
  edges: [
    edge('plan', 'write'),
    edge('write', 'test'),
    edge('test', 'write', { on: 'error', max: 2 }),
    edge('test', 'publish'),
  ],
};

describe('a retry of a loop', () => {
  function exhausted() {
    const first = new ScriptedExecution(LOOP);
    first.succeed('plan');
    for (const iteration of [1, 2, 3]) {
      first.succeed(`write:${iteration}:-:1`, { version: iteration });
      first.fail(`test:${iteration}:-:1`, 'RED', { run: iteration });
    }
    expect(first.finish?.status).toBe('failed');
    return first;
  }

  test('from inside goes on in the iteration it was in, whose other nodes are kept', () => {
    const next = exhausted().goOn({ again: ['test'] });
    expect(next.started).toEqual(['test:3:-:1']);
    expect(next.result('write')).toMatchObject({ iteration: 3, output: { version: 3 } });
    expect(next.result('test')).toMatchObject({ iteration: 2, output: { run: 2 }, error: { code: 'RED' } });
    next.succeed('test:3:-:1');
    next.succeed('publish');
    expect(next.finish?.status).toBe('succeeded');
    const again = exhausted().goOn({ again: ['test'] });
    again.fail('test:3:-:1');
    expect(again.finish?.status).toBe('failed');
  });

  test('from its first node repeats the iteration, and what came before is seen as it was', () => {
    const next = exhausted().goOn({ again: ['write'] });
    expect(next.started).toEqual(['write:3:-:1']);
    expect(next.result('test')).toMatchObject({ iteration: 2 });
    expect(names(next.beginning.carried)).toEqual([
      'plan 1 succeeded',
      'write 1 succeeded',
      'test 1 failed',
      'write 2 succeeded',
      'test 2 failed',
    ]);
  });

  test('from before it begins with the first iteration', () => {
    const next = exhausted().goOn({ again: ['plan'] });
    next.succeed('plan');
    expect(next.started).toEqual(['plan:1:-:1', 'write:1:-:1']);
    expect(next.beginning.carried).toEqual([]);
    next.succeed('write:1:-:1');
    next.fail('test:1:-:1');
    expect(next.started.at(-1)).toBe('write:2:-:1');
  });

  test('an inner loop counts anew when the outer iteration runs again', () => {
    const first = new ScriptedExecution({
      nodes: [shell('a'), shell('x'), shell('y'), shell('z')],
      edges: [
        edge('a', 'x'),
        edge('x', 'y'),
        edge('y', 'x', { when: "nodes.y.output == 'more'", max: 1 }),
        edge('y', 'z', { otherwise: true }),
        edge('z', 'a', { on: 'error', max: 1 }),
      ],
    });
    const inner = (visit: number) => {
      first.succeed(`x:${visit}:-:1`);
      first.succeed(`y:${visit}:-:1`, 'more');
      first.succeed(`x:${visit + 1}:-:1`);
      first.succeed(`y:${visit + 1}:-:1`, 'enough');
    };
    first.succeed('a');
    inner(1);
    first.fail('z');
    first.succeed('a:2:-:1');
    inner(3);
    first.fail('z:2:-:1');
    expect(first.finish?.status).toBe('failed');
    const next = first.goOn({ again: ['a'] });
    expect(next.started).toEqual(['a:2:-:1']);
    next.succeed('a:2:-:1');
    expect(next.started.at(-1)).toBe('x:3:-:1');
    expect(next.result('y')).toMatchObject({ iteration: 2, output: 'enough' });
    next.succeed('x:3:-:1');
    next.succeed('y:3:-:1', 'more');
    expect(next.started.at(-1)).toBe('x:4:-:1');
    next.succeed('x:4:-:1');
    next.succeed('y:4:-:1', 'enough');
    next.succeed('z:2:-:1');
    expect(next.finish?.status).toBe('succeeded');
  });
});

describe('another version', () => {
  const first = () => {
    const run = new ScriptedExecution(CHAIN);
    run.succeed('a', 1);
    run.succeed('side');
    run.fail('b');
    return run;
  };

  test('may differ in what runs again', () => {
    const document = {
      nodes: [
        shell('side'),
        shell('new'),
        shell('b', { config: { command: ['better'] } }),
        shell('a', { name: 'First' }),
      ],
      edges: [edge('b', 'new'), edge('a', 'b')],
      outputs: { one: 'nodes.a.output' },
    };
    const next = first().goOn({ again: ['b'], document });
    expect(next.beginning.misfits).toEqual([]);
    expect(next.started).toEqual(['b:1:-:1']);
    next.succeed('b');
    next.succeed('new');
    expect(next.finish).toMatchObject({ status: 'succeeded', outputs: { one: 1 } });
  });

  test('decides the edges that are new in it', () => {
    const document = {
      nodes: [shell('a'), shell('b'), shell('side')],
      edges: [edge('a', 'b', { when: 'nodes.a.output > 1' })],
    };
    const next = first().goOn({ again: ['b'], document });
    expect(next.started).toEqual([]);
    expect(next.finish?.status).toBe('succeeded');
    expect(next.status('b')).toBe('skipped');
  });

  test('must have what is kept as it was', () => {
    const gone = first().goOn({ again: ['b'], document: { nodes: [shell('a'), shell('b')], edges: [edge('a', 'b')] } });
    expect(gone.beginning.misfits).toMatchObject([{ nodeId: 'side' }]);
    const other = first().goOn({
      again: ['b'],
      document: { ...CHAIN, nodes: [shell('a', { config: { command: ['x'] } }), ...CHAIN.nodes.slice(1)] },
    });
    expect(other.beginning.misfits).toMatchObject([{ nodeId: 'a' }]);
    const moved = first().goOn({ again: ['b'], document: { ...CHAIN, edges: [...CHAIN.edges, edge('a', 'side')] } });
    expect(moved.beginning.misfits).toMatchObject([{ nodeId: 'side' }]);
  });
});

describe('a fork', () => {
  test('R22: with another output takes the other branch; the edited node does not run', () => {
    const first = new ScriptedExecution({
      nodes: [shell('look'), shell('fix'), shell('ship')],
      edges: [edge('look', 'fix', { when: 'nodes.look.output.bad' }), edge('look', 'ship', { otherwise: true })],
    });
    first.succeed('look', { bad: false });
    expect(first.started).toEqual(['look:1:-:1', 'ship:1:-:1']);
    const next = first.goOn({ outputs: { look: { bad: true } } });
    expect(next.started).toEqual(['fix:1:-:1']);
    expect(next.beginning.carried).toMatchObject([
      { nodeId: 'look', status: 'succeeded', reason: 'edited', output: { bad: true } },
    ]);
    next.succeed('fix');
    expect(next.finish?.status).toBe('succeeded');
    expect(next.status('ship')).toBe('skipped');
  });

  test('R22: starts anew what was under way, asks again what was asked, and waits again', () => {
    const first = new ScriptedExecution(
      {
        nodes: [
          shell('run'),
          shell('lost'),
          shell('flaky', { retry: { max: 3, backoff: 'PT1M' } }),
          { id: 'gate', type: 'approval', config: { title: 'Go {{ inputs.to }}?', expires: 'P1D' } },
          { id: 'event', type: 'wait', config: { event: 'go' } },
          {
            id: 'build',
            type: 'map',
            config: { over: "['x','y','z']", concurrency: 2, node: { type: 'shell', config: { command: ['b'] } } },
          },
        ],
        inputs: { to: { type: 'string', default: 'north' } },
      },
      { to: 'north' },
    );
    first.apply({ type: 'attempt_started', key: 'run:1:-:1', at: first.now });
    first.unknown('lost');
    first.fail('flaky');
    first.succeed('build:1:0:1', 'X');
    const next = first.goOn({ inputs: { to: 'south' } });
    expect(next.started.toSorted()).toEqual(['build:1:1:1', 'build:1:2:1', 'flaky:1:-:2', 'run:1:-:1']);
    expect(next.find('open_approval')).toMatchObject([{ key: 'gate:1:-:1', title: 'Go south?' }]);
    expect(next.find('open_failure')).toMatchObject([{ key: 'lost:1:-:1' }]);
    expect(next.find('set_timer')).toMatchObject([{ timerId: 'expiry:gate:1:-:1' }]);
    expect(names(next.beginning.carried).toSorted()).toEqual([
      'build 1 running',
      'build[0] 1 succeeded',
      'flaky 1 failed',
      'lost 1 unknown',
    ]);
    next.succeed('build:1:1:1', 'Y');
    next.succeed('build:1:2:1', 'Z');
    expect(next.result('build')).toMatchObject({ output: ['X', 'Y', 'Z'] });
    next.apply({ type: 'signal_received', id: '1', name: 'go', at: next.now });
    next.apply({ type: 'failure_resolved', key: 'lost:1:-:1', at: next.now, decision: 'mark_succeeded', by: 'ada' });
    next.answer('gate', 'approve');
    next.succeed('run');
    next.succeed('flaky:1:-:2');
    expect(next.finish?.status).toBe('succeeded');
  });

  test('from before the beginning is a fresh execution', () => {
    const first = new ScriptedExecution(CHAIN);
    const { plan } = first;
    first.state = initialState({ plan, inputs: {}, execution: { id: 'e1', workflowId: null, version: 0, name: 'x' } });
    const next = first.goOn({});
    expect(next.started).toEqual(['a:1:-:1', 'side:1:-:1']);
    expect(next.beginning.carried).toEqual([]);
  });

  test('of an execution that has only begun where another one was makes the moves that are still before it', () => {
    const first = new ScriptedExecution(CHAIN);
    first.succeed('a');
    first.succeed('side');
    first.fail('b');
    for (const beginning of [first.goOn({ again: ['b'] }), first.goOn({ outputs: { a: 1 } })]) {
      beginning.state = beginning.beginning.state;
      const next = beginning.goOn({});
      expect(next.started).toEqual(['b:1:-:1']);
      expect(beginning.goOn({ outputs: { side: 2 } }).started).toEqual(['b:1:-:1']);
      next.succeed('b');
      next.succeed('c');
      expect(next.finish?.status).toBe('succeeded');
    }
  });

  test('gives what was under way its output, so it does not run', () => {
    const first = new ScriptedExecution(CHAIN);
    first.succeed('side');
    const next = first.goOn({ outputs: { a: 'given' } });
    expect(next.started).toEqual(['b:1:-:1']);
    expect(next.result('a')).toMatchObject({ status: 'succeeded', output: 'given' });
  });

  test('an edit inside a loop decides again whether it repeats', () => {
    const first = new ScriptedExecution(LOOP);
    first.succeed('plan');
    first.succeed('write');
    first.fail('test');
    first.succeed('write:2:-:1');
    const green = first.goOn({ outputs: { test: 'green' } });
    expect(green.started).toEqual(['publish:1:-:1']);
    const other = first.goOn({ outputs: { write: 'other' } });
    expect(other.started).toEqual(['test:2:-:1']);
    first.fail('test:2:-:1');
    first.succeed('write:3:-:1');
    first.fail('test:3:-:1');
    expect(first.goOn({ outputs: { test: 'green' } }).started).toEqual(['publish:1:-:1']);
    expect(first.goOn({ outputs: { plan: 'other' } }).started).toEqual(['write:1:-:1']);
  });

  test('edits only what had begun in its present iteration', () => {
    const first = new ScriptedExecution(LOOP);
    first.succeed('plan');
    first.succeed('write');
    first.fail('test');
    const refused = (id: string) => editRefused(first.plan, first.state, id);
    expect(refused('plan')).toBeUndefined();
    expect(refused('write')).toBeUndefined();
    expect(refused('test')).toContain('not begun');
    expect(refused('publish')).toContain('not begun');
    expect(refused('paln')).toContain('Did you mean plan');
  });

  test('merges of a map that were not made yet are left to new items', () => {
    const first = new ScriptedExecution({
      workspace: { path: '/srv', isolation: 'worktree', merge: 'sequential' },
      nodes: [
        {
          id: 'm',
          type: 'map',
          config: {
            over: '[1,2,3]',
            node: { type: 'agent', config: { agent: 'x', prompt: 'p', workspace: 'worktree' } },
          },
        },
      ],
    });
    first.succeed('m:1:0:1');
    first.apply({ type: 'merge_finished', key: 'm:1:0:1', at: first.now, outcome: 'merged' });
    first.succeed('m:1:2:1');
    const next = first.goOn({});
    expect(next.started.toSorted()).toEqual(['m:1:1:1', 'm:1:2:2']);
    next.succeed('m:1:1:1');
    next.succeed('m:1:2:2');
    next.apply({ type: 'merge_finished', key: 'm:1:1:1', at: next.now, outcome: 'merged' });
    next.apply({ type: 'merge_finished', key: 'm:1:2:2', at: next.now, outcome: 'merged' });
    expect(next.finish?.status).toBe('succeeded');
  });
});

describe('whatever the graph', () => {
  const graphs = fc
    .tuple(
      fc.integer({ min: 2, max: 7 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('success', 'error', 'any')), { maxLength: 14 }),
      fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
    )
    .map(([size, pairs, luck]) => {
      const ids = Array.from({ length: size }, (_, index) => `n${index}`);
      const edges = new Map(
        pairs.flatMap(([a, b, on]) => {
          const from = a % size;
          const to = b % size;
          return from < to ? [[`${from}-${to}`, edge(`n${from}`, `n${to}`, { on })] as const] : [];
        }),
      );
      return { document: { nodes: ids.map((id) => shell(id)), edges: [...edges.values()] }, luck };
    });

  function drive(run: ScriptedExecution, outcome: () => boolean): void {
    for (let open = openOf(run); open.length > 0 && !run.finish; open = openOf(run)) {
      const key = open[0] ?? '';
      if (outcome()) run.succeed(key, key);
      else run.fail(key);
    }
  }

  function openOf(run: ScriptedExecution): string[] {
    const ended = new Set(
      [...run.steps.values()].filter((step) => step.finishedAt).map((step) => `${step.nodeId}:1:-:1`),
    );
    return run.started.filter((key) => !ended.has(key));
  }

  test('a retry ends, runs nothing that was kept, and with everything succeeding it ends as a fresh one would', () => {
    fc.assert(
      fc.property(graphs, fc.nat(), ({ document, luck }, pick) => {
        const first = new ScriptedExecution(document);
        let turn = 0;
        drive(first, () => luck[turn++] ?? true);
        const ran = document.nodes.filter(({ id }) => !['skipped', 'pending'].includes(first.status(id)));
        const from = ran[pick % ran.length]?.id ?? 'n0';
        const next = first.goOn({ again: [from] });
        const kept = new Set(next.beginning.carried.map((step) => step.nodeId));
        drive(next, () => true);
        expect(next.finish).toBeDefined();
        expect(next.started.some((key) => kept.has(key.split(':')[0] ?? ''))).toBe(false);
        expect(next.started).toContain(`${from}:1:-:1`);
        // The same results, given to an execution from the beginning, lead to the same end.
        const fresh = new ScriptedExecution(document);
        const status = (key: string) => next.status(key.split(':')[0] ?? '') === 'succeeded';
        for (let open = openOf(fresh); open.length > 0 && !fresh.finish; open = openOf(fresh)) {
          const key = open[0] ?? '';
          if (status(key)) fresh.succeed(key, key);
          else fresh.fail(key);
        }
        expect(document.nodes.map(({ id }) => next.status(id))).toEqual(
          document.nodes.map(({ id }) => fresh.status(id)),
        );
        expect(next.finish?.status).toBe(fresh.finish?.status);
      }),
      { numRuns: 300 },
    );
  });

  test('an execution that is forked at any moment ends as it would have without', () => {
    fc.assert(
      fc.property(graphs, fc.nat({ max: 10 }), ({ document, luck }, moment) => {
        const outcome = (key: string) => luck[Number(key.slice(1, key.indexOf(':')))] ?? true;
        const play = (run: ScriptedExecution, most: number) => {
          for (let open = openOf(run), at = 0; open.length > 0 && at < most && !run.finish; open = openOf(run), at++) {
            const key = open[0] ?? '';
            if (outcome(key)) run.succeed(key, key);
            else run.fail(key);
          }
        };
        const first = new ScriptedExecution(document);
        play(first, moment);
        const next = first.goOn({});
        play(first, Infinity);
        play(next, Infinity);
        expect(next.finish?.status).toBe(first.finish?.status);
        expect(document.nodes.map(({ id }) => next.status(id))).toEqual(
          document.nodes.map(({ id }) => first.status(id)),
        );
      }),
      { numRuns: 200 },
    );
  });
});

function starts(run: ScriptedExecution): string[] {
  const found = retryStarts({ before: run.plan, plan: run.plan, state: run.state });
  if (found.outcome === 'nothing') throw new Error(found.message);
  return found.nodes;
}

function names(steps: readonly Step[]): string[] {
  return steps.map(
    ({ nodeId, item, iteration, status }) => `${nodeId}${item ? `[${item.index}]` : ''} ${iteration} ${status}`,
  );
}
