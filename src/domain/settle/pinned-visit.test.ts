import { describe, expect, test } from 'vitest';
import { edge, ScriptedExecution, shell } from './scripted-execution.ts';

describe('a node with a pinned outcome', () => {
  test('ends at once with that output, and nothing is started for it', () => {
    const execution = new ScriptedExecution({
      nodes: [shell('look'), shell('then')],
      edges: [edge('look', 'then', { when: "nodes.look.output.stdout == 'good'" })],
      pinned: { look: { output: { stdout: 'good' } } },
    });
    expect(execution.started).toEqual(['then:1:-:1']);
    expect([...execution.steps.values()][0]).toMatchObject({
      nodeId: 'look',
      status: 'succeeded',
      pinned: true,
      reason: 'pinned',
      output: { stdout: 'good' },
    });
    execution.succeed('then');
    expect(execution.steps.get('s2')).not.toHaveProperty('pinned');
    expect(execution.finish).toMatchObject({ status: 'succeeded' });
  });

  test('fails finally with that error, takes the error edge and keeps the output beside it', () => {
    const execution = new ScriptedExecution({
      nodes: [
        shell('test', { retry: { max: 3 } }),
        { id: 'why', type: 'transform', config: { value: '[error.code, error.output.stderr]' } },
      ],
      edges: [edge('test', 'why', { on: 'error' })],
      outputs: { why: 'nodes.why.output' },
      pinned: { test: { error: { code: 'NON_ZERO_EXIT' }, output: { stderr: 'no' } } },
    });
    expect(execution.effects).toEqual([
      { type: 'finish', status: 'succeeded', outputs: { why: ['NON_ZERO_EXIT', 'no'] } },
    ]);
    expect(execution.story).toEqual(['test 1 failed', 'why 1 succeeded']);
  });

  test('gives one outcome for each visit of a loop, and the last one from then on', () => {
    const pinned = {
      work: { output: {} },
      test: [{ error: { code: 'FAILED' } }, { error: { code: 'FAILED' } }, { output: { ok: true } }],
    };
    const document = (max: number) => ({
      nodes: [shell('work'), shell('test'), shell('publish')],
      edges: [edge('work', 'test'), edge('test', 'work', { on: 'error', max }), edge('test', 'publish')],
      pinned,
    });
    const execution = new ScriptedExecution(document(3));
    expect(execution.story).toEqual([
      'work 1 succeeded',
      'test 1 failed',
      'work 2 succeeded',
      'test 2 failed',
      'work 3 succeeded',
      'test 3 succeeded',
      'publish 1 pending',
    ]);
    expect(new ScriptedExecution(document(1)).finish).toMatchObject({ status: 'failed', error: { code: 'FAILED' } });
  });

  test('is rejected by a pinned decision where no edge decides, and decided by edges where one does', () => {
    const gate = { id: 'gate', type: 'approval', config: { title: 'Ship?' } };
    const pinned = { gate: { output: { decision: 'reject', by: 'ada' } } };
    const plain = new ScriptedExecution({ nodes: [gate, shell('ship')], edges: [edge('gate', 'ship')], pinned });
    expect(plain.finish).toMatchObject({ status: 'failed', error: { code: 'APPROVAL_REJECTED', nodeId: 'gate' } });
    expect(plain.find('open_approval')).toEqual([]);
    const branching = new ScriptedExecution({
      nodes: [gate, shell('ship')],
      edges: [edge('gate', 'ship', { when: "nodes.gate.output.decision == 'approve'" })],
      pinned,
    });
    expect(branching.finish).toMatchObject({ status: 'succeeded' });
    expect(branching.status('ship')).toBe('skipped');
  });

  test('stands for a whole map, and stays pinned when what is before it runs again', () => {
    const document = {
      nodes: [
        shell('list'),
        {
          id: 'each',
          type: 'map',
          config: { over: '[1, 2]', as: 'n', node: { type: 'shell', config: { command: ['run'] } } },
        },
      ],
      edges: [edge('list', 'each')],
      outputs: { all: 'nodes.each.output' },
      pinned: { each: { output: ['a', 'b'] } },
    };
    const execution = new ScriptedExecution(document);
    execution.succeed('list');
    expect(execution.finish).toMatchObject({ outputs: { all: ['a', 'b'] } });
    const again = execution.goOn({ again: ['list'] });
    again.succeed('list');
    expect(again.started).toEqual(['list:1:-:1']);
    expect(again.finish).toMatchObject({ outputs: { all: ['a', 'b'] } });
  });
});
