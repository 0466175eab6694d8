/** Booking on real rows. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { newAgent, onStage, report, spend, stage, stepOf } from '../budgets/testing/budget-stage.ts';

onStage();

describe('usage', () => {
  test('is booked on day, agent, task and execution at once, and what is told again is not', async () => {
    const { agent, task, execution } = await stepOf({ workflowId: randomUUID() });
    await spend(agent, { task, inputTokens: 100, outputTokens: 10, cost: 0.5 });
    await spend(agent, { task, inputTokens: 100, outputTokens: 10, cost: 0.5 });
    // The CLI was restarted and resumed its conversation; then /clear began another one.
    await spend(agent, { task, inputTokens: 150, outputTokens: 20, cost: 0.75 });
    await spend(agent, { task, conversation: 'after clear', inputTokens: 10, outputTokens: 1, cost: 0.25 });
    const used = { inputTokens: 160, outputTokens: 21, cost: 1 };
    expect((await stage.store.tasks.get(task.id))?.usage).toEqual(used);
    expect((await stage.store.executions.get(execution.id))?.usage).toEqual(used);
    expect(await stage.store.agents.get(agent.id)).toMatchObject({ tokens: 181, cost: 1 });
    expect(await stage.store.usage.ofDay('2026-03-01', 'all')).toEqual(used);
    expect(await report('workflow')).toEqual([{ key: execution.workflowId, name: 'saved', usage: used }]);
  });

  test('of many agents at once is lost by none, and belongs to the day on which it was told', async () => {
    const agents = await Promise.all([1, 2, 3].map(() => newAgent()));
    await Promise.all(
      agents.flatMap((agent) => [1, 2, 3].map((n) => spend(agent, { conversation: `c${n}`, cost: 1 }))),
    );
    stage.now = '2026-03-02T00:00:00.000Z';
    await spend(agents[0] ?? expect.fail(), { conversation: 'c1', cost: 1.5 });
    expect((await report('day')).map(({ key, usage }) => [key, usage.cost])).toEqual([
      ['2026-03-01', 9],
      ['2026-03-02', 0.5],
    ]);
    expect((await report('agent')).map(({ key, usage }) => [key, usage.cost])[0]).toEqual([agents[0]?.id, 3.5]);
  });
});
