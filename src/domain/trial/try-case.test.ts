import { describe, expect, test } from 'vitest';
import type { PinnedOutcomes } from '../../contract/pinned-outcomes.ts';
import type { ExpectedEnd } from '../../contract/workflow-cases.ts';
import { WorkflowDocument } from '../../contract/workflow-document.ts';
import { judgeCase } from './judge-case.ts';
import { tryCase } from './try-case.ts';

const shell = (id: string) => ({ id, type: 'shell', config: { command: ['run'] } });

function tried(document: object, pinned: PinnedOutcomes = {}, inputs: Record<string, unknown> = {}) {
  return tryCase({ document: WorkflowDocument.parse(document), inputs, pinned });
}

function ended(...given: Parameters<typeof tried>) {
  const trial = tried(...given);
  if (trial.outcome !== 'ended') throw new Error(`not pinned: ${JSON.stringify(trial.nodes)}`);
  return trial.end;
}

const CHOICE = {
  inputs: { n: { type: 'integer' } },
  nodes: [
    shell('look'),
    shell('ship'),
    shell('fix'),
    { id: 'sum', type: 'transform', config: { value: 'inputs.n + 1' } },
  ],
  edges: [
    { from: 'look', to: 'ship', when: 'nodes.look.output.good' },
    { from: 'look', to: 'fix', otherwise: true },
    { from: 'ship', to: 'sum' },
  ],
  outputs: { sum: "nodes.sum.status == 'succeeded' ? nodes.sum.output : 0" },
};
const PINNED = { look: { output: { good: true } }, ship: { output: {} } };

describe('a case', () => {
  test('goes the way that its pinned outcomes decide, and computes the rest', () => {
    const end = ended(CHOICE, PINNED, { n: 2 });
    expect(end).toMatchObject({ status: 'succeeded', outputs: { sum: 3 } });
    expect(end.steps.map(({ nodeId, status }) => `${nodeId} ${status}`)).toEqual([
      'look succeeded',
      'ship succeeded',
      'fix skipped',
      'sum succeeded',
    ]);
  });

  test.each<[string, object, string]>([
    ['a command', { nodes: [shell('a')] }, 'a shell'],
    ['an approval', { nodes: [{ id: 'a', type: 'approval', config: { title: 'Go?' } }] }, 'a approval'],
    ['an event', { nodes: [{ id: 'a', type: 'wait', config: { event: 'x' } }] }, 'a wait for an event'],
    [
      'what a map does',
      {
        nodes: [{ id: 'a', type: 'map', config: { over: '[1]', node: { type: 'shell', config: { command: ['x'] } } } }],
      },
      'a shell',
    ],
  ])('that reaches %s which is not pinned says so and stops there', (_what, document, named) => {
    const trial = tried(document);
    expect(trial.outcome === 'unpinned' && trial.nodes.map(({ nodeId, type }) => `${nodeId} ${type}`)).toEqual([named]);
  });

  test('waits for no time, and knows what time it is then', () => {
    const end = ended({
      nodes: [
        { id: 'long', type: 'wait', config: { duration: 'P30D' } },
        { id: 'short', type: 'wait', config: { duration: 'PT1S' } },
      ],
    });
    expect(end.steps.map(({ nodeId, finishedAt }) => `${nodeId} ${finishedAt}`)).toEqual([
      'long 2026-01-31T00:00:00.000Z',
      'short 2026-01-01T00:00:01.000Z',
    ]);
  });
});

describe('the judgement', () => {
  const good = () => ended(CHOICE, PINNED, { n: 2 });

  test('of a case that ends as expected finds nothing', () => {
    expect(
      judgeCase(good(), {
        status: 'succeeded',
        path: ['sum', 'look', 'ship'],
        nodes: { fix: 'skipped' },
        visits: { look: 1, fix: 0 },
        outputs: { sum: 3 },
      }),
    ).toEqual([]);
    expect(judgeCase(good(), {})).toEqual([]);
  });

  test.each<[ExpectedEnd, string]>([
    [{ status: 'failed' }, 'It succeeded instead of having failed.'],
    [{ error: { code: 'X' } }, 'It succeeded instead of having failed.'],
    [{ path: ['look', 'ship'] }, 'sum ran, but is not on the expected path.'],
    [{ path: ['look', 'ship', 'sum', 'fix'] }, 'fix did not run: it is skipped (not taken).'],
    [{ nodes: { fix: 'succeeded' } }, 'fix is skipped instead of succeeded.'],
    [{ visits: { look: 2 } }, 'look was visited once instead of 2 times.'],
    [{ outputs: { sum: 4 } }, 'The output sum is 3 instead of 4.'],
    [{ outputs: { som: 4 } }, 'There is no output som.'],
  ])('finds that %j is not so', (expected, failure) => {
    expect(judgeCase(good(), expected)[0]).toBe(failure);
  });

  test('names the failure, and where two values differ', () => {
    const failed = ended({ nodes: [shell('a')] }, { a: { error: { code: 'NO', message: 'way' } } });
    expect(judgeCase(failed, {})).toEqual(['It failed (a: NO: way) instead of having succeeded.']);
    expect(judgeCase(failed, { error: { code: 'NO', node: 'a' } })).toEqual([]);
    expect(judgeCase(failed, { error: { code: 'YES' } })).toEqual(['The error is NO instead of YES.']);
    const list = ended({
      nodes: [{ id: 'a', type: 'transform', config: { value: "{'b': [1, 2]}" } }],
      outputs: { a: 'nodes.a.output' },
    });
    expect(judgeCase(list, { outputs: { a: { b: [1, 3] } } })).toEqual([
      'The output a is {"b":[1,2]} instead of {"b":[1,3]} (they differ at /b/1).',
    ]);
  });

  test('does not take a join that cannot fire for a node that ran', () => {
    const end = ended(
      {
        nodes: [shell('a'), { id: 'end', type: 'transform', join: 'any', config: { value: '1' } }],
        edges: [{ from: 'a', to: 'end' }],
      },
      { a: { error: { code: 'NO' } } },
    );
    expect(judgeCase(end, { error: { node: 'a' }, path: ['a'] })).toEqual([]);
    expect(judgeCase(end, { error: {}, path: ['a', 'end'] })).toEqual([
      'end did not run: it is failed (QUORUM_UNREACHABLE).',
    ]);
  });
});
