import { describe, expect, test } from 'vitest';
import { edge, NOW, ScriptedExecution, shell } from './scripted-execution.ts';
import { initialState } from './settle.ts';

describe('running', () => {
  test('R1a, R1b: nodes without incoming edges start at once, and an open approval holds only what depends on it', () => {
    const run = new ScriptedExecution({
      nodes: [shell('a'), { id: 'gate', type: 'approval', config: { title: 'Go?' } }, shell('b'), shell('after')],
      edges: [edge('a', 'b'), edge('gate', 'after')],
    });
    expect(run.started).toEqual(['a:1:-:1']);
    run.succeed('a');
    expect(run.started).toEqual(['a:1:-:1', 'b:1:-:1']);
    run.succeed('b');
    expect(run.state.status).toBe('waiting');
    run.answer('gate', 'approve');
    run.succeed('after');
    expect(run.finish).toMatchObject({ status: 'succeeded' });
  });

  test('R2a: an edge is live when its condition is true, and otherwise is taken when no other condition of the same kind is', () => {
    const document = {
      inputs: { n: { type: 'integer' } },
      nodes: [{ id: 'c', type: 'condition' }, shell('big'), shell('small'), shell('always')],
      edges: [edge('c', 'big', { when: 'inputs.n > 5' }), edge('c', 'small', { otherwise: true }), edge('c', 'always')],
    };
    expect(new ScriptedExecution(document, { n: 9 }).started).toEqual(['big:1:-:1', 'always:1:-:1']);
    expect(new ScriptedExecution(document, { n: 1 }).started).toEqual(['small:1:-:1', 'always:1:-:1']);
  });

  test('R2b, R3a, R3b: a skipped branch never hangs a join, and a broken one skips it with upstream_failed', () => {
    const run = new ScriptedExecution({
      nodes: [{ id: 'c', type: 'condition' }, shell('no'), shell('later'), shell('yes'), shell('join')],
      edges: [
        edge('c', 'no', { when: 'false' }),
        edge('no', 'later'),
        edge('c', 'yes'),
        edge('later', 'join'),
        edge('yes', 'join'),
      ],
    });
    run.succeed('yes');
    run.succeed('join');
    expect(run.status('later')).toBe('skipped');
    expect(run.finish?.status).toBe('succeeded');

    const broken = new ScriptedExecution({
      nodes: [shell('a'), shell('b'), shell('join'), shell('after')],
      edges: [edge('a', 'join'), edge('b', 'join'), edge('join', 'after')],
    });
    broken.fail('a');
    broken.succeed('b');
    expect(broken.result('join')).toMatchObject({ status: 'skipped', reason: 'upstream_failed' });
    expect(broken.result('after')).toMatchObject({ status: 'skipped', reason: 'upstream_failed' });
    expect(broken.story).toContain('after 1 skipped');
    expect(broken.finish).toMatchObject({ status: 'failed', error: { nodeId: 'a', code: 'FAILED' } });
  });

  test('R4a, R4c, R4d: a quorum fires once at its n-th live edge, handles failures, and cancels what only served it', () => {
    const run = new ScriptedExecution({
      nodes: [
        shell('a'),
        shell('b'),
        shell('c'),
        shell('c2'),
        shell('d'),
        shell('best', { join: { quorum: 2, cancelRest: true } }),
      ],
      edges: [edge('a', 'best'), edge('b', 'best'), edge('c', 'c2'), edge('c2', 'best'), edge('d', 'best')],
    });
    run.fail('a');
    run.succeed('b');
    run.succeed('d');
    expect(run.started.filter((key) => key.startsWith('best'))).toEqual(['best:1:-:1']);
    expect(run.find('cancel_attempt')).toEqual([{ type: 'cancel_attempt', key: 'c:1:-:1', reason: 'lost_quorum' }]);
    run.succeed('best');
    expect(run.finish).toBeUndefined();
    run.cancelled('c');
    expect(run.finish).toMatchObject({ status: 'succeeded' });
    expect(run.status('c')).toBe('cancelled');
    expect(run.status('c2')).toBe('cancelled');
    expect(run.story).toContain('c2 1 cancelled');
  });

  test('R4b: a quorum that cannot be reached any more fails, and one whose edges are all dead is skipped', () => {
    const run = new ScriptedExecution({
      nodes: [shell('a'), shell('b'), shell('best', { join: { quorum: 2 } })],
      edges: [edge('a', 'best'), edge('b', 'best')],
    });
    run.fail('a');
    expect(run.result('best')).toMatchObject({ status: 'failed', error: { code: 'QUORUM_UNREACHABLE' } });
    run.succeed('b');
    expect(run.finish).toMatchObject({ status: 'failed', error: { nodeId: 'a' } });

    const dead = new ScriptedExecution({
      nodes: [shell('a'), shell('b'), shell('any', { join: 'any' })],
      edges: [edge('a', 'any', { when: 'false' }), edge('b', 'any', { when: 'false' })],
    });
    dead.succeed('a');
    dead.succeed('b');
    expect(dead.status('any')).toBe('skipped');
    expect(dead.finish?.status).toBe('succeeded');
  });

  test('R4d: approvals of a lost race are withdrawn', () => {
    const run = new ScriptedExecution({
      nodes: [
        shell('a'),
        { id: 'ask', type: 'approval', config: { title: 'Or you?', expires: 'P1D' } },
        shell('best', { join: { quorum: 1, cancelRest: true } }),
      ],
      edges: [edge('a', 'best'), edge('ask', 'best')],
    });
    run.succeed('a');
    expect(run.find('withdraw_item')).toEqual([{ type: 'withdraw_item', key: 'ask:1:-:1', reason: 'lost_quorum' }]);
    expect(run.find('clear_timer')).toHaveLength(1);
    run.succeed('best');
    expect(run.finish?.status).toBe('succeeded');
  });

  test('R5a, R5b: an error edge handles a failure and hands on its error; siblings of an unhandled failure still run', () => {
    const handled = new ScriptedExecution({
      nodes: [
        shell('a'),
        shell('ok'),
        { id: 'fix', type: 'shell', config: { command: ['fix', '{{ error.code }} {{ error.output.exitCode }}'] } },
      ],
      edges: [edge('a', 'ok'), edge('a', 'fix', { on: 'error', when: "error.code == 'FAILED'" })],
    });
    handled.fail('a', 'FAILED', { exitCode: 2 });
    expect(handled.find('start_attempt').at(-1)?.config).toEqual({ command: ['fix', 'FAILED 2'] });
    handled.succeed('fix');
    expect(handled.status('ok')).toBe('skipped');
    expect(handled.finish?.status).toBe('succeeded');

    const unhandled = new ScriptedExecution({ nodes: [shell('a'), shell('b'), shell('c')], edges: [edge('b', 'c')] });
    unhandled.fail('a');
    expect(unhandled.finish).toBeUndefined();
    unhandled.succeed('b');
    unhandled.succeed('c');
    expect(unhandled.finish).toMatchObject({ status: 'failed', error: { nodeId: 'a' } });
  });

  test('R5c: onError continue settles success edges although the status stays failed', () => {
    const run = new ScriptedExecution({
      nodes: [shell('a', { onError: 'continue' }), { id: 'b', type: 'transform', config: { value: 'nodes.a.status' } }],
      edges: [edge('a', 'b')],
    });
    run.fail('a');
    expect(run.result('b')?.output).toBe('failed');
    expect(run.finish?.status).toBe('succeeded');
  });

  test('R6a, R6b: retries count after the first attempt, wait for their back-off, and cover only the codes of `on`', () => {
    const run = new ScriptedExecution({
      nodes: [shell('a', { timeout: 'PT1M', retry: { max: 2, backoff: 'PT5S', factor: 2, on: ['TIMEOUT'] } })],
    });
    expect(run.find('start_attempt')[0]?.timeoutMs).toBe(60_000);
    run.fail('a:1:-:1', 'TIMEOUT');
    expect(run.find('set_timer')).toEqual([
      { type: 'set_timer', timerId: 'retry:a:1:-:1', at: '2026-01-01T00:00:05.000Z' },
    ]);
    expect(run.state.status).toBe('waiting');
    run.apply({ type: 'timer_fired', timerId: 'retry:a:1:-:1', at: NOW });
    run.fail('a:1:-:2', 'TIMEOUT');
    expect(run.find('set_timer')[1]?.at).toBe('2026-01-01T00:00:10.000Z');
    run.apply({ type: 'timer_fired', timerId: 'retry:a:1:-:2', at: NOW });
    run.fail('a:1:-:3', 'TIMEOUT');
    expect(run.started).toEqual(['a:1:-:1', 'a:1:-:2', 'a:1:-:3']);
    expect(run.finish).toMatchObject({ status: 'failed', error: { code: 'TIMEOUT' } });

    const other = new ScriptedExecution({ nodes: [shell('a', { retry: { max: 2, on: ['TIMEOUT'] } })] });
    other.fail('a', 'NON_ZERO_EXIT');
    expect(other.finish?.status).toBe('failed');
  });

  test('R6c: an attempt of unknown outcome asks a person and is repeated only on their word, or where `on` lists unknown', () => {
    const run = new ScriptedExecution({ nodes: [shell('a', { retry: { max: 5 } })] });
    run.unknown('a');
    expect(run.find('open_failure')).toMatchObject([{ key: 'a:1:-:1', error: { code: 'OUTCOME_UNKNOWN' } }]);
    expect(run.state.status).toBe('waiting');
    expect(run.started).toHaveLength(1);
    run.apply({ type: 'failure_resolved', key: 'a:1:-:1', at: NOW, decision: 'retry', by: 'ada' });
    expect(run.started).toEqual(['a:1:-:1', 'a:1:-:2']);
    run.unknown('a:1:-:2');
    run.apply({
      type: 'failure_resolved',
      key: 'a:1:-:2',
      at: NOW,
      decision: 'mark_succeeded',
      form: { done: true },
      by: 'ada',
    });
    expect(run.result('a')).toMatchObject({ status: 'succeeded', output: { done: true } });
    expect(run.finish?.status).toBe('succeeded');

    const listed = new ScriptedExecution({ nodes: [shell('a', { retry: { max: 1, on: ['unknown'] } })] });
    listed.unknown('a');
    expect(listed.started).toEqual(['a:1:-:1', 'a:1:-:2']);
  });

  test('R7a: a reject fails an approval without conditions, and is only an answer where edges decide', () => {
    const plain = new ScriptedExecution({
      nodes: [{ id: 'gate', type: 'approval', config: { title: 'Go {{ 1 + 1 }}?' } }, shell('b')],
      edges: [edge('gate', 'b')],
    });
    expect(plain.find('open_approval')[0]?.title).toBe('Go 2?');
    plain.answer('gate', 'reject', { note: 'no' });
    expect(plain.finish).toMatchObject({ status: 'failed', error: { code: 'APPROVAL_REJECTED' } });

    const branching = new ScriptedExecution({
      nodes: [{ id: 'gate', type: 'approval', config: { title: 'Go?' } }, shell('yes'), shell('no')],
      edges: [
        edge('gate', 'yes', { when: "nodes.gate.output.decision == 'approve'" }),
        edge('gate', 'no', { otherwise: true }),
      ],
    });
    branching.answer('gate', 'reject');
    expect(branching.started).toEqual(['no:1:-:1']);
  });

  test('R7b, R7c: expiry answers by onExpire, and a late answer changes nothing', () => {
    const gate = (onExpire: string) =>
      new ScriptedExecution({
        nodes: [{ id: 'gate', type: 'approval', config: { title: 'Go?', expires: 'PT1H', onExpire } }],
      });
    const approve = gate('approve');
    expect(approve.find('open_approval')[0]).toMatchObject({
      expiresAt: '2026-01-01T01:00:00.000Z',
      onExpire: 'approve',
    });
    approve.apply({ type: 'timer_fired', timerId: 'expiry:gate:1:-:1', at: NOW });
    expect(approve.result('gate')?.output).toMatchObject({ decision: 'approve', by: null, expired: true });
    const before = approve.state;
    approve.answer('gate', 'reject');
    expect(approve.state).toEqual(before);

    const reject = gate('reject');
    reject.apply({ type: 'timer_fired', timerId: 'expiry:gate:1:-:1', at: NOW });
    expect(reject.finish?.error?.code).toBe('APPROVAL_REJECTED');
    const fail = gate('fail');
    fail.apply({ type: 'timer_fired', timerId: 'expiry:gate:1:-:1', at: NOW });
    expect(fail.finish?.error?.code).toBe('APPROVAL_EXPIRED');
  });

  test('R7d: a wait ends at its time, and an event that arrives early is kept for it', () => {
    const run = new ScriptedExecution({
      nodes: [
        shell('a'),
        { id: 'w', type: 'wait', config: { event: 'deployed' } },
        { id: 't', type: 'wait', config: { duration: 'PT10M' } },
        { id: 'past', type: 'wait', config: { until: "'2020-01-01T00:00:00Z'" } },
      ],
      edges: [edge('a', 'w')],
    });
    expect(run.status('past')).toBe('succeeded');
    run.apply({ type: 'signal_received', id: 'x1', name: 'deployed', data: { sha: 'abc' }, at: NOW });
    run.apply({ type: 'signal_received', id: 'x1', name: 'deployed', data: { sha: 'abc' }, at: NOW });
    run.succeed('a');
    expect(run.result('w')?.output).toEqual({ at: NOW, data: { sha: 'abc' } });
    expect(run.find('set_timer')).toEqual([
      { type: 'set_timer', timerId: 'wait:t:1:-:1', at: '2026-01-01T00:10:00.000Z' },
    ]);
    run.apply({ type: 'timer_fired', timerId: 'wait:t:1:-:1', at: '2026-01-01T00:10:00.000Z' });
    expect(run.finish?.status).toBe('succeeded');
  });
});

describe('loops', () => {
  const reviewed = {
    nodes: [shell('build'), shell('test'), shell('review'), shell('done')],
    edges: [
      edge('build', 'test'),
      edge('test', 'build', { on: 'error', max: 2 }),
      edge('test', 'review'),
      edge('review', 'build', { max: 1, when: 'nodes.review.output.again == true' }),
      edge('review', 'done', { otherwise: true }),
    ],
  };

  test('R9a: a body repeats with new iterations, and an inner loop counts anew in each iteration of the outer', () => {
    const run = new ScriptedExecution(reviewed);
    for (const iteration of [1, 2]) {
      run.succeed(`build:${iteration}:-:1`);
      run.fail(`test:${iteration}:-:1`);
    }
    run.succeed('build:3:-:1');
    run.succeed('test:3:-:1');
    run.succeed('review:1:-:1', { again: true });
    for (const iteration of [4, 5]) {
      run.succeed(`build:${iteration}:-:1`);
      run.fail(`test:${iteration}:-:1`);
    }
    run.succeed('build:6:-:1');
    run.succeed('test:6:-:1');
    run.succeed('review:2:-:1', { again: false });
    expect(run.started.at(-1)).toBe('done:1:-:1');
    run.succeed('done');
    expect(run.finish?.status).toBe('succeeded');
  });

  test('R9b: edges that leave the body settle once, with the iteration in which no loop edge went live', () => {
    const run = new ScriptedExecution({
      nodes: [shell('a'), shell('b'), { id: 'seen', type: 'transform', config: { value: 'nodes.a.output.n' } }],
      edges: [edge('a', 'b'), edge('a', 'seen'), edge('b', 'a', { max: 5, when: 'nodes.b.output.more == true' })],
    });
    run.succeed('a', { n: 1 });
    expect(run.status('seen')).toBe('pending');
    run.succeed('b', { more: true });
    run.succeed('a:2:-:1', { n: 2 });
    expect(run.status('seen')).toBe('pending');
    run.succeed('b:2:-:1', { more: false });
    expect(run.result('seen')?.output).toBe(2);
    expect(run.finish?.status).toBe('succeeded');
  });

  test('R9a: a node may go back to its own start through a helper, inside an outer loop', () => {
    const run = new ScriptedExecution({
      nodes: [shell('build'), shell('test'), shell('fix'), shell('review')],
      edges: [
        edge('build', 'test'),
        edge('test', 'fix', { on: 'error' }),
        edge('fix', 'test', { max: 2 }),
        edge('test', 'review'),
        edge('review', 'build', { max: 1, when: 'nodes.review.output.again == true' }),
      ],
    });
    run.succeed('build');
    run.fail('test');
    run.succeed('fix');
    run.succeed('test:2:-:1');
    expect(run.started).not.toContain('fix:2:-:1');
    run.succeed('review', { again: true });
    expect(run.started.at(-1)).toBe('build:2:-:1');
    run.succeed('build:2:-:1');
    run.succeed('test:3:-:1');
    run.succeed('review:2:-:1', { again: false });
    expect(run.finish?.status).toBe('succeeded');
  });

  test('R10: a spent loop edge is not taken: a succeeded node then fails with LOOP_EXHAUSTED, a failed one keeps its error', () => {
    const run = new ScriptedExecution({
      nodes: [shell('a'), shell('out')],
      edges: [edge('a', 'a', { max: 1, when: 'true' }), edge('a', 'out', { when: 'false' })],
    });
    run.succeed('a');
    run.succeed('a:2:-:1');
    expect(run.started).toEqual(['a:1:-:1', 'a:2:-:1']);
    expect(run.finish).toMatchObject({ status: 'failed', error: { code: 'LOOP_EXHAUSTED', nodeId: 'a' } });
    expect(run.status('out')).toBe('skipped');

    const failing = new ScriptedExecution({ nodes: [shell('a')], edges: [edge('a', 'a', { max: 1, on: 'error' })] });
    failing.fail('a');
    failing.fail('a:2:-:1', 'STILL');
    expect(failing.finish?.error).toMatchObject({ code: 'STILL' });
  });
});

describe('maps', () => {
  const item = (more: object = {}) => ({
    type: 'shell',
    config: { command: ['do', '{{ task.id }}', '{{ index }}'] },
    ...more,
  });
  const map = (more: object = {}, node: object = item()) => ({
    id: 'm',
    type: 'map',
    config: { over: 'inputs.list', as: 'task', key: 'task.id', concurrency: 2, node, ...more },
  });
  const inputs = { list: { type: 'array' } };
  const list = [{ id: 'x' }, { id: 'y' }, { id: 'z' }];

  test('R11a: items start in input order up to the concurrency, and the output is in input order', () => {
    const run = new ScriptedExecution({ inputs, nodes: [map()] }, { list });
    expect(run.started).toEqual(['m:1:0:1', 'm:1:1:1']);
    expect(run.find('start_attempt')[1]).toMatchObject({
      config: { command: ['do', 'y', '1'] },
      step: { item: { index: 1, key: 'y' } },
    });
    run.succeed('m:1:1:1', 'Y');
    expect(run.started.at(-1)).toBe('m:1:2:1');
    run.succeed('m:1:2:1', 'Z');
    run.succeed('m:1:0:1', 'X');
    expect(run.result('m')?.output).toEqual(['X', 'Y', 'Z']);
    expect(run.story).toEqual(['m 1 succeeded', 'm[0] 1 succeeded', 'm[1] 1 succeeded', 'm[2] 1 succeeded']);
  });

  test('R11b: an empty list gives an empty list, and what is no list fails the node', () => {
    expect(new ScriptedExecution({ inputs, nodes: [map()] }, { list: [] }).result('m')?.output).toEqual([]);
    const wrong = new ScriptedExecution({ inputs, nodes: [map()] }, { list: 'x' });
    expect(wrong.finish).toMatchObject({ status: 'failed', error: { code: 'EXPRESSION_FAILED' } });
  });

  test('R11c: a map inside a map sees both names and keeps the order', () => {
    const inner = {
      type: 'map',
      config: { over: 'row', as: 'cell', node: { type: 'transform', config: { value: 'cell * 10 + index' } } },
    };
    const run = new ScriptedExecution(
      { inputs, nodes: [{ id: 'm', type: 'map', config: { over: 'inputs.list', as: 'row', node: inner } }] },
      { list: [[1, 2], [3]] },
    );
    expect(run.result('m')?.output).toEqual([[10, 21], [30]]);
  });

  test('R12a, R12b: after a failed item nothing new starts, running ones end, and the map fails; continue leaves a null', () => {
    const run = new ScriptedExecution({ inputs, nodes: [map()] }, { list });
    run.fail('m:1:0:1');
    expect(run.finish).toBeUndefined();
    run.succeed('m:1:1:1');
    expect(run.started).toHaveLength(2);
    expect(run.finish).toMatchObject({ status: 'failed', error: { code: 'MAP_ITEM_FAILED', nodeId: 'm' } });

    const goesOn = new ScriptedExecution(
      { inputs, nodes: [map({}, item({ onError: 'continue', retry: { max: 1 } }))] },
      { list },
    );
    goesOn.fail('m:1:0:1');
    goesOn.fail('m:1:0:2');
    goesOn.succeed('m:1:1:1', 'Y');
    goesOn.succeed('m:1:2:1', 'Z');
    expect(goesOn.result('m')).toMatchObject({
      output: [null, 'Y', 'Z'],
      itemErrors: [{ index: 0, key: 'x', code: 'FAILED' }],
    });
  });

  test('R12c: a map over a workflow starts child executions', () => {
    const run = new ScriptedExecution(
      {
        inputs,
        nodes: [
          {
            id: 'm',
            type: 'map',
            config: {
              over: 'inputs.list',
              as: 'task',
              workflow: { workflow: 'child', version: 3, inputs: { id: '{{ task.id }}', task: '{{ task }}' } },
            },
          },
        ],
      },
      { list },
    );
    expect(run.find('start_attempt')[0]).toMatchObject({
      kind: 'workflow',
      config: { workflow: 'child', version: 3, inputs: { id: 'x', task: { id: 'x' } } },
    });
  });

  test('R13: worktree items merge one at a time in input order, and a conflict fails the map', () => {
    const document = {
      inputs,
      workspace: { path: '/srv/app', merge: 'sequential' },
      nodes: [
        map(
          { concurrency: 3 },
          { type: 'agent', config: { agent: 'coder', prompt: 'Do {{ task.id }}', workspace: 'worktree' } },
        ),
      ],
    };
    const run = new ScriptedExecution(document, { list });
    run.succeed('m:1:1:1');
    expect(run.find('merge_item')).toEqual([]);
    run.succeed('m:1:0:1');
    expect(run.find('merge_item').map(({ key }) => key)).toEqual(['m:1:0:1']);
    run.succeed('m:1:2:1');
    run.apply({ type: 'merge_finished', key: 'm:1:0:1', at: NOW, outcome: 'merged' });
    run.apply({ type: 'merge_finished', key: 'm:1:0:1', at: NOW, outcome: 'merged' });
    expect(run.find('merge_item').map(({ key }) => key)).toEqual(['m:1:0:1', 'm:1:1:1']);
    run.apply({ type: 'merge_finished', key: 'm:1:1:1', at: NOW, outcome: 'conflict', detail: 'src/a.ts' });
    expect(run.finish).toMatchObject({ status: 'failed', error: { code: 'MERGE_CONFLICT' } });
  });
});

describe('expressions at work', () => {
  test('R14a: a text that is exactly one template keeps its type where any JSON fits, and a result is never expanded again', () => {
    const run = new ScriptedExecution(
      {
        inputs: { list: { type: 'array' }, evil: { type: 'string' } },
        nodes: [
          {
            id: 'w',
            type: 'workflow',
            config: {
              workflow: 'child',
              inputs: { list: '{{ inputs.list }}', text: '{{ inputs.evil }} {{ inputs.list }}' },
            },
          },
        ],
      },
      { list: [1, 'a'], evil: '{{ 1 + 1 }}' },
    );
    expect(run.find('start_attempt')[0]?.config['inputs']).toEqual({ list: [1, 'a'], text: '{{ 1 + 1 }} [1,"a"]' });
  });

  test('R15: nodes.ID is the newest finished iteration, and status and has() work before a node ran', () => {
    const run = new ScriptedExecution({
      nodes: [
        shell('a'),
        { id: 't', type: 'transform', config: { value: { seen: 'has(nodes.b.output)', status: 'nodes.b.status' } } },
        shell('b'),
      ],
      edges: [edge('a', 't'), edge('t', 'b'), edge('b', 'a', { max: 1, when: 'true' })],
    });
    run.succeed('a');
    expect(run.result('t')?.output).toEqual({ seen: false, status: 'pending' });
    run.succeed('b');
    run.succeed('a:2:-:1');
    expect(run.result('t')?.output).toEqual({ seen: true, status: 'succeeded' });
  });

  test('R16b: reading what did not run fails the reader, a failing when fails the target, a failing output the execution', () => {
    const reader = new ScriptedExecution({
      nodes: [shell('a'), shell('b'), { id: 't', type: 'transform', config: { value: 'nodes.b.output' } }],
      edges: [edge('a', 'b', { when: 'false' }), edge('a', 't'), edge('b', 't')],
    });
    reader.succeed('a');
    expect(reader.finish?.error).toMatchObject({ code: 'EXPRESSION_FAILED', nodeId: 't' });
    expect(reader.finish?.error?.message).toContain('nodes.b has no output (skipped)');

    const when = new ScriptedExecution({
      nodes: [shell('a'), shell('b')],
      edges: [edge('a', 'b', { when: 'nodes.a.output.missing > 1' })],
    });
    when.succeed('a');
    expect(when.started).toEqual(['a:1:-:1']);
    expect(when.result('b')).toMatchObject({ status: 'failed', error: { code: 'EXPRESSION_FAILED' } });
    expect(when.finish?.error?.nodeId).toBe('b');

    const output = new ScriptedExecution({ nodes: [shell('a')], outputs: { 'x/y': 'nodes.a.output.missing' } });
    output.succeed('a', {});
    expect(output.finish).toMatchObject({ status: 'failed', error: { code: 'OUTPUT_FAILED', path: '/outputs/x~1y' } });
  });

  test('R17: whole results are JSON numbers', () => {
    const run = new ScriptedExecution({
      nodes: [{ id: 't', type: 'transform', config: { value: '[7 / 2, 7 / 2.0, 2 + 0.5]' } }],
      outputs: { all: 'nodes.t.output' },
    });
    expect(run.finish?.outputs).toEqual({ all: [3, 3.5, 2.5] });
  });

  test('R18: values reach a shell command through list items and env', () => {
    const run = new ScriptedExecution(
      {
        inputs: { x: {} },
        nodes: [{ id: 's', type: 'shell', config: { command: 'echo "$X"', env: { X: '{{ inputs.x }}' } } }],
      },
      { x: '$(rm)' },
    );
    expect(run.find('start_attempt')[0]?.config).toEqual({ command: 'echo "$X"', env: { X: '$(rm)' } });
  });
});

describe('control', () => {
  test('R19a: cancel stops what runs, withdraws what is asked, and is over when every effect has ended or is unknown', () => {
    const run = new ScriptedExecution({
      nodes: [shell('a'), shell('b'), { id: 'gate', type: 'approval', config: { title: 'Go?' } }, shell('next')],
      edges: [edge('a', 'next')],
    });
    run.apply({ type: 'cancel_requested', at: NOW, by: 'ada' });
    expect(
      run
        .find('cancel_attempt')
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(['a:1:-:1', 'b:1:-:1']);
    expect(run.find('withdraw_item')).toEqual([{ type: 'withdraw_item', key: 'gate:1:-:1', reason: 'cancelled' }]);
    run.succeed('a');
    expect(run.started).toHaveLength(2);
    expect(run.finish).toBeUndefined();
    run.unknown('b');
    expect(run.finish).toEqual({ type: 'finish', status: 'cancelled' });
    expect(run.find('open_failure')).toEqual([]);
  });

  test('R19a: cancel ends maps, back-offs and waits', () => {
    const run = new ScriptedExecution({
      nodes: [
        { id: 'm', type: 'map', config: { over: '[1, 2]', node: { type: 'shell', config: { command: ['x'] } } } },
        shell('r', { retry: { max: 1, backoff: 'PT1H' } }),
        { id: 'w', type: 'wait', config: { event: 'never' } },
      ],
    });
    run.fail('r');
    run.apply({ type: 'cancel_requested', at: NOW, by: null });
    run.cancelled('m:1:0:1');
    expect(run.finish).toBeUndefined();
    run.cancelled('m:1:1:1');
    expect(run.finish?.status).toBe('cancelled');
    expect(run.find('clear_timer')).toHaveLength(1);
  });

  test('R19b: a pause starts nothing new, records answers, and resume acts on them', () => {
    const run = new ScriptedExecution({
      nodes: [
        shell('a'),
        shell('b'),
        { id: 'gate', type: 'approval', config: { title: 'Go?' } },
        shell('after'),
        shell('r', { retry: { max: 1 } }),
      ],
      edges: [edge('a', 'b'), edge('gate', 'after')],
    });
    run.apply({ type: 'pause_requested', at: NOW });
    expect(run.state.status).toBe('paused');
    run.succeed('a');
    run.fail('r');
    run.answer('gate', 'approve');
    expect(run.started).toHaveLength(2);
    expect(run.status('a')).toBe('succeeded');
    run.apply({ type: 'resume_requested', at: NOW });
    expect(run.started.slice(2).toSorted()).toEqual(['after:1:-:1', 'b:1:-:1', 'r:1:-:2']);
    for (const key of ['after', 'b', 'r:1:-:2']) run.succeed(key);
    expect(run.finish?.status).toBe('succeeded');
  });

  // Found by simulator seed 8088: the clock was set back between the expiry and the answer.
  test('R19b: an answer that was taken during a pause counts, also when the expiry was noted before it', () => {
    const run = new ScriptedExecution({
      nodes: [{ id: 'gate', type: 'approval', config: { title: 'Go?', expires: 'PT1H' } }],
    });
    run.apply({ type: 'pause_requested', at: NOW });
    run.apply({ type: 'timer_fired', timerId: 'expiry:gate:1:-:1', at: NOW });
    run.answer('gate', 'approve');
    run.apply({ type: 'resume_requested', at: NOW });
    expect(run.result('gate')?.output).toMatchObject({ decision: 'approve', by: 'ada' });
    expect(run.find('withdraw_item')).toEqual([]);
    expect(run.finish?.status).toBe('succeeded');
  });

  test('R19b: a pause of a person and one of a used-up budget are taken back each by itself', () => {
    const run = new ScriptedExecution({ nodes: [shell('a'), shell('b')], edges: [edge('a', 'b')] });
    run.apply({ type: 'pause_requested', at: NOW, hold: 'budget' }, { type: 'pause_requested', at: NOW });
    run.succeed('a');
    run.apply({ type: 'resume_requested', at: NOW, hold: 'budget' });
    expect(run.state.status).toBe('paused');
    expect(run.started).toEqual(['a:1:-:1']);
    run.apply({ type: 'pause_requested', at: NOW, hold: 'budget' }, { type: 'resume_requested', at: NOW });
    expect(run.state.status).toBe('paused');
    run.apply({ type: 'resume_requested', at: NOW, hold: 'budget' });
    expect(run.started).toEqual(['a:1:-:1', 'b:1:-:1']);
  });

  test('R19b: an execution whose last step used up its budget ends all the same', () => {
    const run = new ScriptedExecution({ nodes: [shell('a')] });
    run.apply({ type: 'pause_requested', at: NOW, hold: 'budget' });
    run.succeed('a');
    expect(run.finish?.status).toBe('succeeded');
  });

  test('R6d: duplicate, late and unheard-of events change nothing', () => {
    const run = new ScriptedExecution({ nodes: [shell('a'), shell('b')], edges: [edge('a', 'b')] });
    run.succeed('a');
    const before = structuredClone(run.state);
    run.succeed('a', 'other');
    run.fail('a');
    run.fail('zzz');
    run.fail('b:7:-:1');
    run.apply(
      { type: 'execution_started' },
      { type: 'timer_fired', timerId: 'retry:a:1:-:1', at: NOW },
      { type: 'resume_requested', at: NOW },
    );
    expect(run.state).toEqual(before);
  });

  test('an agent that waits for a person makes the execution wait', () => {
    const run = new ScriptedExecution({ nodes: [{ id: 'a', type: 'agent', config: { agent: 'x', prompt: 'p' } }] });
    run.apply({ type: 'attempt_started', key: 'a:1:-:1', at: NOW, taskId: 't1' });
    run.apply({ type: 'attempt_waiting', key: 'a:1:-:1', at: NOW, waiting: true, reason: 'permission' });
    expect(run.state.status).toBe('waiting');
    run.apply({ type: 'attempt_waiting', key: 'a:1:-:1', at: NOW, waiting: false });
    expect(run.state.status).toBe('running');
    expect([...run.steps.values()][0]).toMatchObject({ status: 'running', taskId: 't1' });
  });

  test('an execution that waits only for one it has started waits, and names it', () => {
    const run = new ScriptedExecution({ nodes: [{ id: 'w', type: 'workflow', config: { workflow: 'child' } }] });
    run.apply({ type: 'attempt_started', key: 'w:1:-:1', at: NOW, childExecutionId: 'e2' });
    expect([...run.steps.values()]).toMatchObject([{ status: 'running', childExecutionId: 'e2' }]);
    run.apply({ type: 'attempt_waiting', key: 'w:1:-:1', at: NOW, waiting: true, reason: 'child_execution' });
    expect(run.state.status).toBe('waiting');
    const error = { code: 'NON_ZERO_EXIT', message: 'Exit status 1.', executionId: 'e2' };
    run.apply({ type: 'attempt_failed', key: 'w:1:-:1', at: NOW, error });
    expect(run.finish).toMatchObject({ status: 'failed', error: { ...error, nodeId: 'w' } });
    expect([...run.steps.values()]).toMatchObject([{ status: 'failed', childExecutionId: 'e2', error }]);
  });

  test('R6a: workflows that start each other too deep are not started again by a retry', () => {
    const retry = { max: 3 };
    const run = new ScriptedExecution({ nodes: [{ id: 'w', type: 'workflow', config: { workflow: 'child' }, retry }] });
    run.fail('w', 'NON_ZERO_EXIT');
    run.fail('w:1:-:2', 'WORKFLOW_TOO_DEEP');
    expect(run.started).toEqual(['w:1:-:1', 'w:1:-:2']);
    expect(run.finish).toMatchObject({ status: 'failed', error: { code: 'WORKFLOW_TOO_DEEP' } });
  });

  test('R4d: a lost race tells a workflow step to stop, and ends when its execution has', () => {
    const run = new ScriptedExecution({
      nodes: [
        { id: 'slow', type: 'workflow', config: { workflow: 'child' } },
        shell('fast'),
        shell('first', { join: { quorum: 1, cancelRest: true } }),
      ],
      edges: [edge('slow', 'first'), edge('fast', 'first')],
    });
    run.apply({ type: 'attempt_started', key: 'slow:1:-:1', at: NOW, childExecutionId: 'e2' });
    run.succeed('fast');
    expect(run.find('cancel_attempt')).toEqual([{ type: 'cancel_attempt', key: 'slow:1:-:1', reason: 'lost_quorum' }]);
    run.succeed('first');
    expect(run.finish).toBeUndefined();
    run.cancelled('slow');
    expect(run.finish?.status).toBe('succeeded');
    expect(run.result('slow')).toMatchObject({ status: 'cancelled', reason: 'lost_quorum' });
  });

  describe('a deadline', () => {
    const asks = { nodes: [{ id: 'ask', type: 'approval', config: { title: 'Go on?' } }, shell('work')] };
    const due = '2026-01-01T00:01:00.000Z';
    const timed = (run: ScriptedExecution) => {
      run.state = initialState({ plan: run.plan, execution: run.state.execution, inputs: {} });
      delete run.state.execution.startedAt;
      run.apply({ type: 'execution_started', at: NOW, deadline: due });
      return run;
    };

    test('cancels the execution, also while it is paused, and says why', () => {
      const run = timed(new ScriptedExecution(asks));
      expect(run.find('set_timer').at(-1)).toEqual({ type: 'set_timer', timerId: 'deadline', at: due });
      run.apply({ type: 'pause_requested', at: NOW, hold: 'parent' });
      run.apply({ type: 'timer_fired', timerId: 'deadline', at: due });
      expect(run.find('withdraw_item')).toMatchObject([{ key: 'ask:1:-:1' }]);
      expect(run.finish).toBeUndefined();
      run.cancelled('work');
      expect(run.finish).toMatchObject({ status: 'cancelled', error: { code: 'TIMEOUT' } });
    });

    test('is forgotten at the end, and means nothing after a cancel', () => {
      const ended = timed(new ScriptedExecution({ nodes: [shell('work')] }));
      ended.succeed('work');
      expect(ended.find('clear_timer')).toEqual([{ type: 'clear_timer', timerId: 'deadline' }]);
      const cancelled = timed(new ScriptedExecution({ nodes: [shell('work')] }));
      cancelled.apply({ type: 'cancel_requested', at: NOW, by: 'ada' });
      cancelled.apply({ type: 'timer_fired', timerId: 'deadline', at: due });
      cancelled.cancelled('work');
      expect(cancelled.finish).toEqual({ type: 'finish', status: 'cancelled' });
    });

    test('belongs to that execution: one that goes on from it has none', () => {
      const run = timed(new ScriptedExecution({ nodes: [shell('work')] }));
      run.fail('work');
      const again = run.goOn({ again: ['work'] });
      expect(again.find('set_timer')).toEqual([]);
      expect(again.state.deadline).toBeUndefined();
      expect(again.started).toEqual(['work:1:-:1']);
    });
  });

  test('R19b: an execution that is paused before it begins starts nothing until its parent goes on', () => {
    const run = new ScriptedExecution({ nodes: [shell('a')] });
    const fresh = initialState({ plan: run.plan, execution: { ...run.state.execution, id: 'e2' }, inputs: {} });
    delete fresh.execution.startedAt;
    run.state = fresh;
    run.effects.length = 0;
    run.apply({ type: 'pause_requested', at: NOW, by: null, hold: 'parent' }, { type: 'execution_started', at: NOW });
    expect(run.started).toEqual([]);
    expect(run.state.status).toBe('paused');
    run.apply({ type: 'resume_requested', at: NOW });
    expect(run.started, 'a person cannot take back what the parent holds').toEqual([]);
    run.apply({ type: 'resume_requested', at: NOW, hold: 'parent' });
    expect(run.started).toEqual(['a:1:-:1']);
  });

  test('R7e: a map whose items wait for people is ended by its timeout, and nobody is asked any more', () => {
    const run = new ScriptedExecution({
      nodes: [
        {
          id: 'm',
          type: 'map',
          timeout: 'PT1M',
          config: { over: '[1, 2, 3]', concurrency: 2, node: { type: 'approval', config: { title: 'Go?' } } },
        },
      ],
    });
    expect(run.state.status).toBe('waiting');
    run.apply({ type: 'timer_fired', timerId: 'timeout:m:1:-:1', at: NOW });
    expect(run.find('withdraw_item').map(({ key }) => key)).toEqual(['m:1:0:1', 'm:1:1:1']);
    expect(run.finish).toMatchObject({ status: 'failed', error: { code: 'TIMEOUT' } });
  });

  test('R6b: a map that takes longer than its timeout stops its items and fails with TIMEOUT', () => {
    const run = new ScriptedExecution({
      nodes: [
        {
          id: 'm',
          type: 'map',
          timeout: 'PT1M',
          config: { over: '[1, 2]', node: { type: 'shell', config: { command: ['x'] } } },
        },
      ],
    });
    run.apply({ type: 'timer_fired', timerId: 'timeout:m:1:-:1', at: NOW });
    run.cancelled('m:1:0:1');
    run.cancelled('m:1:1:1');
    expect(run.finish).toMatchObject({ status: 'failed', error: { code: 'TIMEOUT' } });
  });
});
