/** What time does to budgets: it uses up that of an execution, and a new day gives agents theirs anew. */
import { dayOf } from '../../domain/budget.ts';
import type { InboxRecord } from '../../ports/store/inbox.ts';
import type { StoreRooms } from '../../ports/store/store.ts';
import type { EffectContext } from '../effects/effect-runner.ts';
import { closeBudgetItem } from './budget-item.ts';
import { EVERYBODY, limitsOfAgent, reviewDay, usedUp, usedUpToday } from './day-budget.ts';
import { pauseWhenUsedUp, setTimer } from './execution-budget.ts';

export async function watchBudgets(context: EffectContext): Promise<void> {
  await pauseOverdue(context);
  await closeOldItems(context);
  await letGo(context);
}

async function pauseOverdue(context: EffectContext): Promise<void> {
  const { store, clock, mailroom } = context;
  for (const id of await store.executions.budgetsDue(clock.now().toISOString())) {
    const paused = await store.transaction(async (transaction) => {
      const record = await transaction.executions.lock(id);
      if (!record) return false;
      const isPaused = await pauseWhenUsedUp(context, transaction, record);
      // Raised by somebody since the timer was read.
      if (!isPaused) await setTimer(transaction, record);
      return isPaused;
    });
    if (paused) await mailroom.wake(id);
  }
}

/** Items of a day that is over, and of a budget that was raised or removed elsewhere. */
async function closeOldItems(context: EffectContext): Promise<void> {
  const { store, clock } = context;
  const now = clock.now().toISOString();
  for (const item of await store.inbox.openOf({ type: 'budget' })) {
    if (item.executionId) continue;
    const isOver = item.expiresAt !== undefined && item.expiresAt <= now;
    if (!isOver && (await isStillUsedUp(context, store, item))) continue;
    await store.transaction(async (transaction) => {
      await transaction.usage.lockBudgetDay(dayOf(item.createdAt), item.agentId ?? EVERYBODY);
      if (isOver || !(await isStillUsedUp(context, transaction, item)))
        await closeBudgetItem(transaction, item.id, isOver ? 'expired' : 'withdrawn');
    });
  }
}

async function isStillUsedUp(context: EffectContext, rooms: StoreRooms, { agentId }: InboxRecord): Promise<boolean> {
  const agent = agentId ? await rooms.agents.get(agentId) : null;
  const limits = agentId ? (agent ? limitsOfAgent(agent) : {}) : (context.budgetPerDay ?? {});
  return (await usedUp(context, rooms, agentId ?? EVERYBODY, limits)) !== null;
}

/** Agents that are held and need not be any more; the one that runs looks at its queue. */
async function letGo(context: EffectContext): Promise<void> {
  for (const agent of await context.store.agents.held()) {
    if ((await usedUpToday(context, context.store, agent)).length > 0) continue;
    await context.store.transaction(async (transaction) => {
      const locked = await transaction.agents.lock(agent.id);
      if (locked && (await reviewDay(context, transaction, locked)) === 'free')
        transaction.notify({ channel: 'tasks', key: agent.id });
    });
  }
}
