/** The budgets of a day on real rows, with a clock that is moved by hand. */
import { describe, expect, test } from 'vitest';
import { createTask } from '../create-task.ts';
import { mayBegin } from './day-budget.ts';
import { watchBudgets } from './watch-budgets.ts';
import {
  BY,
  engineWith,
  newAgent,
  onStage,
  openItems,
  resolve,
  setBudget,
  spend,
  stage,
} from './testing/budget-stage.ts';

onStage();

describe('the budget of a day', () => {
  test('holds the tasks of its agent and nobody else, asks once, and says so on the agent', async () => {
    const [agent, other] = [await newAgent({ usdPerDay: 1 }), await newAgent({ usdPerDay: 1 })];
    await spend(agent, { cost: 1.5 });
    expect(await mayBegin(stage.context, agent.id)).toBe('held');
    expect(await mayBegin(stage.context, other.id)).toBe('free');
    expect(await openItems()).toMatchObject([
      { agentId: agent.id, expiresAt: '2026-03-02T00:00:00.000Z', payload: { agent: agent.name, day: '2026-03-01' } },
    ]);
    expect((await stage.store.agents.get(agent.id))?.held).toMatchObject({ code: 'BUDGET_EXCEEDED', since: stage.now });
  });

  test('is new with the next day, by itself', async () => {
    const agent = await newAgent({ tokensPerDay: 10 });
    await spend(agent, { inputTokens: 10 });
    expect(await mayBegin(stage.context, agent.id)).toBe('held');
    stage.now = '2026-03-02T00:00:00.000Z';
    await watchBudgets(stage.context);
    expect(await mayBegin(stage.context, agent.id)).toBe('free');
    expect(await stage.store.inbox.list({}, { limit: 10 })).toMatchObject([{ state: 'expired' }]);
    expect((await stage.store.agents.get(agent.id))?.held).toBeNull();
  });

  test('that is raised lets go until the new limit, for this day only', async () => {
    const agent = await newAgent({ usdPerDay: 1 });
    await spend(agent, { cost: 1.5 });
    await expect(resolve('raise', { usd: 1.5 })).rejects.toMatchObject({ problems: [{ path: '/form/usd' }] });
    await resolve('raise', { usd: 2 });
    expect(await mayBegin(stage.context, agent.id)).toBe('free');
    await spend(agent, { cost: 2 });
    expect(await mayBegin(stage.context, agent.id)).toBe('held');
    expect(await openItems()).toMatchObject([{ payload: { limits: { usd: 2 } } }]);
    stage.now = '2026-03-02T09:00:00.000Z';
    await spend(agent, { cost: 3 });
    expect(await mayBegin(stage.context, agent.id)).toBe('held');
    expect((await openItems()).at(-1)).toMatchObject({ payload: { limits: { usd: 1 }, spent: { usd: 1 } } });
  });

  test('that is stopped refuses tasks until the next day or a new budget', async () => {
    const agent = await newAgent({ usdPerDay: 1 });
    const give = () => createTask(stage.context, { agent, task: { prompt: 'hello' }, by: BY });
    await spend(agent, { cost: 1 });
    await expect(give()).resolves.toMatchObject({ status: 'queued' });
    await resolve('stop');
    expect(await mayBegin(stage.context, agent.id)).toBe('stopped');
    expect(await openItems()).toEqual([]);
    await expect(give()).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
    await setBudget(agent, { usdPerDay: 5 });
    expect(await mayBegin(stage.context, agent.id)).toBe('free');
  });

  test('that is set higher meanwhile, or removed, takes the question back at once and lets go', async () => {
    for (const budget of [{ usdPerDay: 5 }, null]) {
      const agent = await newAgent({ usdPerDay: 1 });
      await spend(agent, { cost: 1 });
      const [item] = await openItems();
      await setBudget(agent, budget);
      expect(await stage.store.inbox.get(item?.id ?? expect.fail())).toMatchObject({ state: 'withdrawn' });
      expect((await stage.store.agents.get(agent.id))?.held).toBeNull();
      await expect(resolve('raise', { usd: 9 }, item)).rejects.toMatchObject({ code: 'INBOX_ITEM_CLOSED' });
      expect(await mayBegin(stage.context, agent.id)).toBe('free');
    }
  });

  test('that is set anew and used up as well is asked about anew, by its own numbers', async () => {
    const agent = await newAgent({ usdPerDay: 1 });
    await spend(agent, { cost: 1.5 });
    await setBudget(agent, { usdPerDay: 1.25 });
    expect(await openItems()).toMatchObject([{ payload: { limits: { usd: 1.25 }, spent: { usd: 1.5 } } }]);
    expect((await stage.store.agents.get(agent.id))?.held).toMatchObject({ code: 'BUDGET_EXCEEDED' });
  });

  test('of the installation that is higher after a restart, and an agent that is gone, ask nothing more', async () => {
    stage.context = engineWith({ usd: 1 });
    const agent = await newAgent({ usdPerDay: 1 });
    await spend(agent, { cost: 1 });
    expect(await openItems()).toHaveLength(2);
    stage.context = engineWith({ usd: 5 });
    await stage.store.agents.remove(agent.id);
    await watchBudgets(stage.context);
    expect(await stage.store.inbox.list({}, { limit: 10 })).toMatchObject([
      { state: 'withdrawn' },
      { state: 'withdrawn' },
    ]);
  });

  test('of all agents together holds each of them, but no shell, and one item asks', async () => {
    stage.context = engineWith({ usd: 2 });
    const [one, two, shell] = [await newAgent(), await newAgent(), await newAgent(null, 'shell')];
    await spend(one, { cost: 1.5 });
    expect(await mayBegin(stage.context, two.id)).toBe('free');
    await spend(two, { cost: 0.5 });
    expect(await Promise.all([one, two, shell].map(({ id }) => mayBegin(stage.context, id)))).toEqual([
      'held',
      'held',
      'free',
    ]);
    const [item, ...others] = await openItems();
    expect(others).toEqual([]);
    expect(item).toMatchObject({
      title: 'All agents together have used up the budget of 2026-03-01: $2.00 of $2.00',
      payload: { by: [{ agent: one.name }, { agent: two.name }] },
    });
    await resolve('raise', { usd: 3 });
    expect(await mayBegin(stage.context, one.id)).toBe('free');
  });

  test('is asked about once by many agents at once', async () => {
    stage.context = engineWith({ usd: 1 });
    const agents = await Promise.all([1, 2, 3, 4].map(() => newAgent()));
    await Promise.all(agents.map((agent) => spend(agent, { cost: 1 })));
    expect(await openItems()).toHaveLength(1);
  });
});
