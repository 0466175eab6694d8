/** The budget of an execution on real rows, with a clock that is moved by hand. */
import { describe, expect, test } from 'vitest';
import { watchBudgets } from './watch-budgets.ts';
import {
  mailOf,
  newAgent,
  newTask,
  noticesDuring,
  onStage,
  openItems,
  resolve,
  spend,
  stage,
  stepOf,
} from './testing/budget-stage.ts';

onStage();

describe('the budget of an execution', () => {
  test('pauses it and asks in the commit that uses it up, once, and says who spent what', async () => {
    const { agent, task, execution } = await stepOf({ limits: { usd: 1, tokens: 1000 } });
    await spend(agent, { task, inputTokens: 100, cost: 0.9 });
    expect(await openItems()).toEqual([]);
    await spend(agent, { task, inputTokens: 200, cost: 1.2 });
    await spend(agent, { task, inputTokens: 300, cost: 1.4 });
    const [item, ...others] = await openItems();
    expect(others).toEqual([]);
    expect(item).toMatchObject({
      type: 'budget',
      title: '“test” has used up its budget: $1.20 of $1.00',
      executionId: execution.id,
      choices: ['raise', 'stop'],
      payload: {
        limits: { usd: 1, tokens: 1000 },
        spent: { usd: 1.2, tokens: 200 },
        reached: ['usd'],
        by: [{ agent: agent.name, usage: { inputTokens: 200, outputTokens: 0, cost: 1.2 } }],
      },
    });
    expect(await mailOf(execution.id)).toEqual([expect.objectContaining({ type: 'pause_requested', hold: 'budget' })]);
    expect(stage.woken).toEqual([execution.id]);
  });

  test('keeps tasks that were handed over already from beginning, and lets others begin', async () => {
    const { agent, task } = await stepOf({ limits: { usd: 1 } });
    const later = await newTask(agent, { executionId: task.executionId ?? expect.fail() });
    expect((await stage.store.tasks.nextQueued(agent.id))?.id).toBe(task.id);
    await stage.store.tasks.update(task.id, { status: 'running' });
    await spend(agent, { task, cost: 1 });
    expect(await stage.store.tasks.nextQueued(agent.id)).toBeNull();
    const own = await newTask(agent);
    expect((await stage.store.tasks.nextQueued(agent.id))?.id).toBe(own.id);
    await resolve('raise', { usd: 2 });
    expect((await stage.store.tasks.nextQueued(agent.id))?.id).toBe(later.id);
  });

  test('asks again beyond the raised limit, refuses one that is spent already, and resumes', async () => {
    const { agent, task, execution } = await stepOf({ limits: { usd: 1 } });
    await spend(agent, { task, cost: 1.5 });
    for (const [form, path] of [
      [{ usd: 1.5 }, '/form/usd'],
      [{}, '/form/usd'],
      [{ usd: 'much' }, '/form/usd'],
      [{ usd: 2, euros: 3 }, '/form/euros'],
    ] as const)
      await expect(resolve('raise', form)).rejects.toMatchObject({ code: 'INVALID_REQUEST', problems: [{ path }] });
    expect(await openItems()).toHaveLength(1);
    await resolve('raise', { usd: 2 });
    expect(await openItems()).toEqual([]);
    expect((await mailOf(execution.id)).at(-1)).toMatchObject({ type: 'resume_requested', hold: 'budget', by: 'ada' });
    await spend(agent, { task, cost: 1.9 });
    expect(await openItems()).toEqual([]);
    await spend(agent, { task, cost: 2.1 });
    expect(await openItems()).toMatchObject([{ payload: { limits: { usd: 2 }, spent: { usd: 2.1 } } }]);
  });

  test('that is stopped cancels the execution', async () => {
    const { agent, task, execution } = await stepOf({ limits: { tokens: 100 } });
    await spend(agent, { task, inputTokens: 90, outputTokens: 10 });
    await resolve('stop');
    expect((await mailOf(execution.id)).at(-1)).toMatchObject({ type: 'cancel_requested', by: 'ada' });
  });

  test('is asked about by one of two answers at once', async () => {
    const { agent, task } = await stepOf({ limits: { usd: 1 } });
    await spend(agent, { task, cost: 1 });
    const [item] = await openItems();
    const answers = await Promise.allSettled([resolve('raise', { usd: 2 }, item), resolve('stop', undefined, item)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('that is raised before the pause was taken wakes the agents whose queues were held', async () => {
    const { agent, task } = await stepOf({ limits: { usd: 1 } });
    await newTask(agent, { executionId: task.executionId ?? expect.fail() });
    await spend(agent, { task, cost: 1 });
    const noticed = await noticesDuring(() => resolve('raise', { usd: 2 }));
    expect(noticed).toContain(`tasks ${agent.id}`);
  });

  test('counts what other agents use on tasks that its own have sent, and holds those too', async () => {
    const { agent, task, execution } = await stepOf({ limits: { usd: 1 } });
    const helper = await newAgent();
    const delegation = { version: 1 as const, taskId: task.id, agentId: agent.id, depth: 1, executionId: execution.id };
    const [sent, later] = [await newTask(helper, { delegation }), await newTask(helper, { delegation })];
    expect((await stage.store.tasks.nextQueued(helper.id))?.id).toBe(sent.id);
    await stage.store.tasks.update(sent.id, { status: 'running' });
    await spend(agent, { task, cost: 0.25 });
    await spend(helper, { task: sent, cost: 0.75 });
    expect((await stage.store.executions.get(execution.id))?.usage.cost).toBe(1);
    expect(await openItems()).toMatchObject([
      { executionId: execution.id, payload: { by: [{ agent: helper.name }, { agent: agent.name }] } },
    ]);
    expect(await stage.store.tasks.nextQueued(helper.id)).toBeNull();
    await resolve('raise', { usd: 2 });
    expect((await stage.store.tasks.nextQueued(helper.id))?.id).toBe(later.id);
  });

  test('counts usage that is told after the end of the execution, and asks nobody', async () => {
    const { agent, task, execution } = await stepOf({ limits: { usd: 1 } });
    await stage.database.pool.query(`UPDATE executions SET status = 'succeeded', completed_at = now()`);
    await spend(agent, { task, cost: 2 });
    expect((await stage.store.executions.get(execution.id))?.usage.cost).toBe(2);
    expect(await openItems()).toEqual([]);
  });

  test('of time is used up by the clock alone', async () => {
    const { execution } = await stepOf({ limits: { duration: 'PT1M' }, startedAt: stage.now });
    await stage.store.executions.setBudgetTimer(execution.id, '2026-03-01T10:01:00.000Z');
    await watchBudgets(stage.context);
    expect(await openItems()).toEqual([]);
    stage.now = '2026-03-01T10:01:00.000Z';
    expect(await stage.store.executions.fireTimers(stage.now)).toEqual([]);
    await watchBudgets(stage.context);
    expect(await openItems()).toMatchObject([{ payload: { reached: ['duration'], spent: { durationMs: 60_000 } } }]);
    expect(stage.woken).toEqual([execution.id]);
    stage.now = '2026-03-01T10:03:00.000Z';
    await resolve('raise', { duration: 'PT4M' });
    expect(await stage.store.executions.nextTimer()).toBe('2026-03-01T10:04:00.000Z');
  });

  test('of time is timed on when it was raised after another worker had read that it is used up', async () => {
    const { execution } = await stepOf({ limits: { duration: 'PT5M' }, startedAt: stage.now });
    await stage.store.executions.setBudgetTimer(execution.id, stage.now);
    await watchBudgets(stage.context);
    expect(await openItems()).toEqual([]);
    expect(await stage.store.executions.nextTimer()).toBe('2026-03-01T10:05:00.000Z');
  });
});
