/** A workflow step and the execution it starts, on real rows: who is told what, in which commit, and how often. */
import { describe, expect, test } from 'vitest';
import type { ExecutionRecord } from '../../ports/store/executions.ts';
import {
  mailOf,
  newTask,
  noticesDuring,
  openItems,
  resolve,
  spend,
  stage,
  stepOf,
} from '../budgets/testing/budget-stage.ts';
import { controlExecution } from '../control-execution.ts';
import { MOST_LEVELS } from '../effects/workflow-effect.ts';
import { tellChildren } from './tell-children.ts';
import { tellParent } from './tell-parent.ts';
import { carryOut, childrenOf, insert, intent, KEY, onStageWithWorkflows, save, STEP } from './testing/child-stage.ts';

onStageWithWorkflows();

const BY = { name: 'ada', role: 'operator' };
const at = '2026-03-01T10:00:00.000Z';

describe('a workflow step', () => {
  test('starts its execution in the commit that marks the intent as begun', async () => {
    const workflow = await save({ name: 'Child', inputs: { n: { type: 'integer' }, m: { default: 2 } } });
    const { parent, effect } = await intent({ workflow: 'Child', inputs: { n: 1 } });
    await carryOut(effect);
    const [child, ...others] = await childrenOf(parent);
    expect(others).toEqual([]);
    expect(child).toMatchObject({
      workflowId: workflow.id,
      version: 1,
      name: 'Child',
      status: 'queued',
      inputs: { n: 1, m: 2 },
      parent: { executionId: parent.id, stepId: STEP, effectKey: KEY },
      depth: 1,
      createdBy: parent.createdBy,
    });
    expect(await mailOf(child?.id ?? '')).toEqual([{ type: 'execution_started', at }]);
    expect(await mailOf(parent.id)).toEqual([{ type: 'attempt_started', key: KEY, at, childExecutionId: child?.id }]);
    expect((await stage.store.executions.effect(parent.id, KEY))?.status).toBe('started');
    expect(stage.woken).toEqual([parent.id, child?.id]);
  });

  test('starts one, however many take it up at once or again', async () => {
    await save({ name: 'Child' });
    const { parent, effect } = await intent({ workflow: 'Child' });
    await Promise.all([carryOut(effect), carryOut(effect), carryOut(effect)]);
    await carryOut(effect);
    expect(await childrenOf(parent)).toHaveLength(1);
    expect(await mailOf(parent.id)).toHaveLength(1);
  });

  test('runs the live version, or the one it names', async () => {
    const { id } = await save({ name: 'Child' });
    await stage.database.pool.query(
      `INSERT INTO workflow_versions SELECT workflow_id, 2, document, problems, draft, note, created_at, created_by FROM workflow_versions WHERE workflow_id = '${id}'`,
    );
    await stage.database.pool.query('UPDATE workflows SET version = 2, live_version = 2');
    const live = await intent({ workflow: id });
    await carryOut(live.effect);
    const pinned = await intent({ workflow: id, version: 1 });
    await carryOut(pinned.effect);
    expect((await childrenOf(live.parent))[0]?.version).toBe(2);
    expect((await childrenOf(pinned.parent))[0]?.version).toBe(1);
  });

  test.each([
    ['WORKFLOW_NOT_FOUND', { workflow: 'Nobody' }, undefined],
    ['WORKFLOW_NOT_FOUND', { workflow: 'Child', version: 7 }, undefined],
    ['WORKFLOW_NOT_FOUND', { workflow: 'Twin' }, undefined],
    ['WORKFLOW_DRAFT', { workflow: 'Draft' }, undefined],
    ['INVALID_INPUT', { workflow: 'Child', inputs: { n: 'one' } }, '/config/inputs/n'],
    ['INVALID_INPUT', { workflow: 'Child', inputs: { n: 1, other: 2 } }, '/config/inputs/other'],
    ['INVALID_INPUT', { workflow: 'Child' }, '/config/inputs/n'],
  ])('fails with %s for %o and starts nothing', async (code, config, path) => {
    await save({ name: 'Child', inputs: { n: { type: 'integer' } } });
    await save({ name: 'Twin' });
    await save({ name: 'Twin' });
    await save({ name: 'Draft', nodes: [] }, true);
    const { parent, effect } = await intent(config);
    await carryOut(effect);
    expect(await childrenOf(parent)).toEqual([]);
    const [letter] = await mailOf(parent.id);
    expect(letter).toMatchObject({ type: 'attempt_failed', key: KEY, error: { code, ...(path ? { path } : {}) } });
    expect((await stage.store.executions.effect(parent.id, KEY))?.status).toBe('done');
  });

  test(`has at most ${MOST_LEVELS} executions above it`, async () => {
    await save({ name: 'Child' });
    const last = await intent({ workflow: 'Child' }, { depth: MOST_LEVELS - 1 });
    await carryOut(last.effect);
    expect((await childrenOf(last.parent))[0]?.depth).toBe(MOST_LEVELS);
    const beyond = await intent({ workflow: 'Child' }, { depth: MOST_LEVELS });
    await carryOut(beyond.effect);
    expect(await mailOf(beyond.parent.id)).toMatchObject([{ error: { code: 'WORKFLOW_TOO_DEEP' } }]);
  });

  test('that is cancelled before it began starts nothing, also when that comes at the last moment', async () => {
    await save({ name: 'Child' });
    const { parent, effect } = await intent({ workflow: 'Child' });
    await stage.database.pool.query(`UPDATE effects SET cancel = 'cancelled'`);
    await carryOut(effect); // as it was read before
    expect(await childrenOf(parent)).toEqual([]);
    expect(await mailOf(parent.id)).toEqual([{ type: 'attempt_cancelled', key: KEY, at }]);
  });

  test('of an execution that was paused meanwhile starts one that is paused', async () => {
    await save({ name: 'Child' });
    const { parent, effect } = await intent({ workflow: 'Child' });
    await stage.database.pool.query(`UPDATE executions SET status = 'paused', paused_at = now()`);
    await carryOut(effect);
    const [child] = await childrenOf(parent);
    expect(await mailOf(child?.id ?? '')).toMatchObject([
      { type: 'pause_requested', hold: 'parent' },
      { type: 'execution_started' },
    ]);
    await expect(controlExecution(stage.context, child?.id ?? '', { type: 'resume' }, BY)).rejects.toMatchObject({
      code: 'EXECUTION_WRONG_STATE',
      message: expect.stringContaining(parent.id),
    });
  });

  test('gives the time it may take to its execution', async () => {
    await save({ name: 'Child' });
    const { parent, effect } = await intent({ workflow: 'Child' }, {}, 60_000);
    await carryOut(effect);
    const [child] = await childrenOf(parent);
    expect(await mailOf(child?.id ?? '')).toMatchObject([{ deadline: '2026-03-01T10:01:00.000Z' }]);
  });
});

describe('a child', () => {
  test.each([
    [
      { status: 'succeeded', outputs: { ok: true } },
      { type: 'attempt_succeeded', output: { ok: true } },
    ],
    [{ status: 'cancelled' }, { type: 'attempt_cancelled' }],
    [
      { status: 'cancelled', error: { code: 'TIMEOUT', message: 'Too long.' } },
      { type: 'attempt_failed', error: { code: 'TIMEOUT', message: 'Too long.' } },
    ],
    [
      { status: 'failed', error: { code: 'X', message: 'No.', nodeId: 'inner', path: '/a' } },
      { type: 'attempt_failed', error: { code: 'X', message: 'No.' } },
    ],
  ] as const)('that ended as %o tells its parent once', async (changes, letter) => {
    const { parent, child } = await family();
    const execution = { ...child, ...changes } as ExecutionRecord;
    const tell = () =>
      stage.store.transaction((transaction) => tellParent(transaction, { execution, waits: null, at }));
    expect(await tell()).toEqual([parent.id]);
    expect(await tell()).toEqual([]);
    const told = (await mailOf(parent.id)) as { error?: { executionId: string } }[];
    expect(told).toMatchObject([{ key: KEY, at, ...letter }]);
    if ('error' in letter) expect(told[0]?.error?.executionId).toBe(child.id);
    expect((await stage.store.executions.effect(parent.id, KEY))?.status).toBe('done');
  });

  test('names the execution deep below in which it failed', async () => {
    const { parent, child } = await family();
    const error = { code: 'X', message: 'No.', executionId: STEP };
    const execution = { ...child, status: 'failed' as const, error };
    await stage.store.transaction((transaction) => tellParent(transaction, { execution, waits: null, at }));
    expect(await mailOf(parent.id)).toMatchObject([{ error }]);
  });

  test('says when it waits only for people, and when it goes on', async () => {
    const { parent, child } = await family();
    for (const waits of [true, null, false])
      await stage.store.transaction((transaction) => tellParent(transaction, { execution: child, waits, at }));
    expect(await mailOf(parent.id)).toEqual([
      { type: 'attempt_waiting', key: KEY, at, waiting: true, reason: 'child_execution' },
      { type: 'attempt_waiting', key: KEY, at, waiting: false },
    ]);
  });

  test('is told of a pause, of its end, and only then', async () => {
    const { parent, child } = await family();
    const tell = (after: Partial<ExecutionRecord>, cancelled: string[], before: Partial<ExecutionRecord> = {}) =>
      stage.store.transaction((transaction) =>
        tellChildren(transaction, {
          before: { ...parent, ...before },
          after: { ...parent, ...after },
          cancelled,
          at,
        }),
      );
    expect(await tell({ status: 'waiting' }, ['other:1:-:1'])).toEqual([]);
    expect(await tell({ pausedAt: at }, [])).toEqual([child.id]);
    expect(await tell({}, [], { pausedAt: at })).toEqual([child.id]);
    expect(await tell({}, [KEY], { pausedAt: at })).toEqual([child.id]);
    expect(await mailOf(child.id)).toMatchObject([
      { type: 'pause_requested', hold: 'parent' },
      { type: 'resume_requested', hold: 'parent' },
      { type: 'cancel_requested', by: null },
    ]);
    await stage.database.pool.query(`UPDATE executions SET completed_at = now() WHERE id = '${child.id}'`);
    expect(await tell({}, [KEY])).toEqual([]);
  });

  test('goes with its parent when that is removed', async () => {
    const { parent, child } = await family();
    await stage.database.pool.query(`DELETE FROM executions WHERE id = '${parent.id}'`);
    expect(await stage.store.executions.get(child.id)).toBeNull();
  });
});

describe('what a child uses', () => {
  test('counts for all above it, and the budget of one of them pauses that one and holds everything below', async () => {
    const top = await insert({ budget: { version: 1, limits: { usd: 1 }, itemId: null } });
    const middle = await insert({ parent: { executionId: top.id, stepId: STEP, effectKey: KEY }, depth: 1 });
    const parent = { executionId: middle.id, stepId: STEP, effectKey: KEY };
    const { agent, task, execution } = await stepOf({ parent, depth: 2 });
    const later = await newTask(agent, { executionId: execution.id });
    await spend(agent, { task, cost: 0.5 });
    for (const { id } of [top, middle, execution])
      expect((await stage.store.executions.get(id))?.usage.cost, id).toBe(0.5);
    expect(await openItems()).toEqual([]);
    await stage.store.tasks.update(task.id, { status: 'running' });
    expect((await stage.store.tasks.nextQueued(agent.id))?.id).toBe(later.id);
    await spend(agent, { task, cost: 1 });
    expect(await openItems()).toMatchObject([
      { executionId: top.id, payload: { by: [{ agent: agent.name, usage: { cost: 1 } }] } },
    ]);
    expect(stage.woken).toEqual([top.id]);
    expect(await mailOf(execution.id)).toEqual([]);
    expect(await stage.store.tasks.nextQueued(agent.id), 'held at once, before it is told').toBeNull();
    expect((await stage.store.usage.ofDay('2026-03-01', 'all')).cost, 'of a day it is booked once').toBe(1);
    const [item] = await openItems();

    expect(await noticesDuring(() => resolve('raise', { usd: 2 }, item))).toContain(`tasks ${agent.id}`);
    expect((await stage.store.tasks.nextQueued(agent.id))?.id).toBe(later.id);
  });
});

/** A parent whose step has started its execution, and that one. */
async function family(): Promise<{ parent: ExecutionRecord; child: ExecutionRecord }> {
  await save({ name: 'Child' });
  const { parent, effect } = await intent({ workflow: 'Child' });
  await carryOut(effect);
  const [child = expect.fail()] = await childrenOf(parent);
  await stage.database.pool.query('DELETE FROM mailbox');
  return { parent, child };
}
