/** Rules of docs/workflows.md in the cases that people ask about; their plain cases are in settle.test.ts. */
import { describe, expect, test } from 'vitest';
import { edge, NOW, ScriptedExecution, shell } from './scripted-execution.ts';

const approval = (id: string, config: object = {}) => ({ id, type: 'approval', config: { title: id, ...config } });
const condition = (id: string) => ({ id, type: 'condition' });
const wait = (id: string, event: string) => ({ id, type: 'wait', config: { event } });

describe('branches and joins', () => {
  test('R1b: approvals beside a running branch hold only what is behind them, in whatever order they are answered', () => {
    for (const order of [
      ['one', 'two', 'work'],
      ['work', 'two', 'one'],
      ['two', 'work', 'one'],
    ]) {
      const run = new ScriptedExecution({
        nodes: [
          approval('one'),
          approval('two'),
          shell('work'),
          shell('after_one'),
          shell('after_two'),
          shell('more'),
          shell('end'),
        ],
        edges: [
          edge('one', 'after_one'),
          edge('two', 'after_two'),
          edge('work', 'more'),
          ...['after_one', 'after_two', 'more'].map((id) => edge(id, 'end')),
        ],
      });
      expect(run.state.status).toBe('running');
      const behind: Record<string, string> = { one: 'after_one', two: 'after_two', work: 'more' };
      for (const id of order) {
        if (id === 'work') run.succeed('work');
        else run.answer(id, 'approve');
        expect(run.started.at(-1)).toBe(`${behind[id]}:1:-:1`);
        run.succeed(behind[id] ?? '');
      }
      run.succeed('end');
      expect(run.started.filter((key) => key.startsWith('end'))).toHaveLength(1);
      expect(run.finish?.status).toBe('succeeded');
    }
  });

  test('R2c: an otherwise looks at the conditions of its own kind only', () => {
    const run = new ScriptedExecution({
      nodes: [shell('a'), shell('special'), shell('other'), shell('success')],
      edges: [
        edge('a', 'success', { when: 'true' }),
        edge('a', 'special', { on: 'error', when: "error.code == 'SPECIAL'" }),
        edge('a', 'other', { on: 'error', otherwise: true }),
      ],
    });
    run.fail('a', 'PLAIN');
    expect(run.started).toEqual(['a:1:-:1', 'other:1:-:1']);
  });

  test('R3a: a join of branches of uneven depth waits for the deepest, and runs once, also when that one was skipped', () => {
    for (const taken of [true, false]) {
      const run = new ScriptedExecution({
        nodes: [condition('c'), shell('short'), shell('b1'), shell('b2'), shell('b3'), shell('join')],
        edges: [
          edge('c', 'short'),
          edge('c', 'b1', { when: String(taken) }),
          edge('b1', 'b2'),
          edge('b2', 'b3'),
          edge('short', 'join'),
          edge('b3', 'join'),
        ],
      });
      run.succeed('short');
      if (taken) for (const id of ['b1', 'b2', 'b3']) run.succeed(id);
      else expect(['b1', 'b2', 'b3'].map((id) => run.status(id))).toEqual(['skipped', 'skipped', 'skipped']);
      expect(run.started.filter((key) => key.startsWith('join'))).toEqual(['join:1:-:1']);
      run.succeed('join');
      expect(run.finish?.status).toBe('succeeded');
    }
  });

  test('R3b: one broken edge skips a join although others are live, and waits for those to settle', () => {
    const run = new ScriptedExecution({
      nodes: [shell('bad'), shell('good'), shell('join')],
      edges: [edge('bad', 'join'), edge('good', 'join')],
    });
    run.fail('bad');
    expect(run.status('join')).toBe('pending');
    run.succeed('good');
    expect(run.result('join')).toMatchObject({ status: 'skipped', reason: 'upstream_failed' });
  });

  test('R3c: a join all of whose branches were skipped is skipped, and so is what is behind it; nothing has failed', () => {
    const run = new ScriptedExecution({
      nodes: [condition('c'), shell('x'), shell('y'), shell('join'), shell('behind')],
      edges: [
        edge('c', 'x', { when: 'false' }),
        edge('c', 'y', { when: 'false' }),
        edge('x', 'join'),
        edge('y', 'join'),
        edge('join', 'behind'),
      ],
    });
    expect(['x', 'y', 'join', 'behind'].map((id) => run.status(id))).toEqual(Array(4).fill('skipped'));
    expect(run.started).toEqual([]);
    expect(run.finish?.status).toBe('succeeded');
  });

  test('R4d: a loser that also leads elsewhere is not cancelled', () => {
    const run = new ScriptedExecution({
      nodes: [shell('fast'), shell('slow'), shell('best', { join: { quorum: 1, cancelRest: true } }), shell('report')],
      edges: [edge('fast', 'best'), edge('slow', 'best'), edge('slow', 'report')],
    });
    run.succeed('fast');
    run.succeed('best');
    expect(run.find('cancel_attempt')).toEqual([]);
    run.succeed('slow');
    run.succeed('report');
    expect(run.started.filter((key) => key.startsWith('best'))).toHaveLength(1);
    expect(run.finish?.status).toBe('succeeded');
  });
});

describe('failures', () => {
  test('R5b: an error beside siblings stops none of them, and what they lead to runs too', () => {
    const run = new ScriptedExecution({
      nodes: [shell('bad'), shell('behind_bad'), approval('gate'), shell('after'), shell('slow')],
      edges: [edge('bad', 'behind_bad'), edge('gate', 'after')],
    });
    run.fail('bad');
    expect(run.find('cancel_attempt')).toEqual([]);
    expect(run.find('withdraw_item')).toEqual([]);
    run.answer('gate', 'approve');
    run.succeed('after');
    expect(run.finish).toBeUndefined();
    run.succeed('slow');
    expect(run.result('behind_bad')).toMatchObject({ status: 'skipped', reason: 'upstream_failed' });
    expect(run.finish).toMatchObject({ status: 'failed', error: { nodeId: 'bad', code: 'FAILED' } });
  });

  test('R5d: an error edge does not fire for a skipped node, and any is a success or a failure', () => {
    const nodes = [condition('c'), shell('a'), shell('rescue'), shell('always')];
    const edges = (when: string) => [
      edge('c', 'a', { when }),
      edge('a', 'rescue', { on: 'error' }),
      edge('a', 'always', { on: 'any' }),
    ];
    const skipped = new ScriptedExecution({ nodes, edges: edges('false') });
    expect(['a', 'rescue', 'always'].map((id) => skipped.status(id))).toEqual(Array(3).fill('skipped'));
    const failed = new ScriptedExecution({ nodes, edges: edges('true') });
    failed.fail('a');
    expect(failed.started.slice(1).toSorted()).toEqual(['always:1:-:1', 'rescue:1:-:1']);
    const succeeded = new ScriptedExecution({ nodes, edges: edges('true') });
    succeeded.succeed('a');
    expect(succeeded.started.slice(1)).toEqual(['always:1:-:1']);
  });
});

describe('people and time', () => {
  test('R7c: an answer to an approval that a lost race has withdrawn changes nothing', () => {
    const run = new ScriptedExecution({
      nodes: [shell('a'), approval('ask'), shell('best', { join: { quorum: 1, cancelRest: true } })],
      edges: [edge('a', 'best'), edge('ask', 'best')],
    });
    run.succeed('a');
    const before = run.state;
    expect(run.answer('ask', 'approve')).toEqual([]);
    expect(run.state).toEqual(before);
  });

  test('R7d: every wait for an event gets it, also when it came first; one in a loop takes the next with each visit', () => {
    const run = new ScriptedExecution({
      nodes: [shell('a'), wait('first', 'go'), wait('second', 'go'), shell('b')],
      edges: [
        edge('a', 'first'),
        edge('first', 'second'),
        edge('second', 'b'),
        edge('b', 'first', { on: 'error', max: 1 }),
      ],
    });
    const signal = (id: string, name = 'go') => run.apply({ type: 'signal_received', id, name, data: id, at: NOW });
    signal('one');
    signal('other', 'stop');
    run.succeed('a');
    expect(run.result('first')?.output).toMatchObject({ data: 'one' });
    expect(run.result('second')?.output).toMatchObject({ data: 'one' });
    run.fail('b');
    expect(run.state.status).toBe('waiting');
    signal('two');
    expect(run.result('second')).toMatchObject({ iteration: 2, output: { data: 'two' } });
    run.succeed('b:2:-:1');
    expect(run.finish?.status).toBe('succeeded');
  });
});

describe('loops and maps', () => {
  test('R9c: a join at the head of a body waits for its entries once, and not for the loop edge', () => {
    const run = new ScriptedExecution({
      nodes: [shell('a'), shell('b'), shell('head'), shell('test')],
      edges: [
        edge('a', 'head'),
        edge('b', 'head'),
        edge('head', 'test'),
        edge('test', 'head', { on: 'error', max: 1 }),
      ],
    });
    run.succeed('a');
    run.succeed('b');
    run.succeed('head');
    run.fail('test');
    expect(run.started.at(-1)).toBe('head:2:-:1');
    run.succeed('head:2:-:1');
    run.succeed('test:2:-:1');
    expect(run.finish?.status).toBe('succeeded');
  });

  test('R11d: a map inside a loop goes over its list anew in each iteration', () => {
    const run = new ScriptedExecution({
      nodes: [
        shell('list'),
        {
          id: 'm',
          type: 'map',
          config: {
            over: 'nodes.list.output.items',
            node: { type: 'shell', config: { command: ['x', '{{ item }}'] } },
          },
        },
        shell('test'),
      ],
      edges: [edge('list', 'm'), edge('m', 'test'), edge('test', 'list', { on: 'error', max: 2 })],
    });
    run.succeed('list', { items: [1, 2] });
    run.succeed('m:1:0:1', 'a');
    run.succeed('m:1:1:1', 'b');
    run.fail('test');
    run.succeed('list:2:-:1', { items: [3] });
    expect(run.started.filter((key) => key.startsWith('m:2'))).toEqual(['m:2:0:1']);
    run.succeed('m:2:0:1', 'c');
    expect(run.result('m')).toMatchObject({ iteration: 2, output: ['c'] });
    run.succeed('test:2:-:1');
    expect(run.finish?.status).toBe('succeeded');
  });

  test('R11d: an item of a map that comes late, from the iteration before, changes nothing', () => {
    const run = new ScriptedExecution({
      nodes: [
        { id: 'm', type: 'map', config: { over: '[1]', node: { type: 'shell', config: { command: ['x'] } } } },
        shell('test'),
      ],
      edges: [edge('m', 'test'), edge('test', 'm', { on: 'error', max: 1 })],
    });
    run.succeed('m:1:0:1', 'old');
    run.fail('test');
    const before = run.state;
    run.succeed('m:1:0:1', 'late');
    expect(run.state).toEqual(before);
    run.succeed('m:2:0:1', 'new');
    expect(run.result('m')?.output).toEqual(['new']);
  });
});
