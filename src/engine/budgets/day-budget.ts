/**
 * The budgets of a day: of an agent, and of all agents together. An agent whose day is used up begins no task; what it
 * is on ends. Whether it is held follows from what was booked and from what people decided, so nothing can miss it.
 */
import type { BudgetLimit } from '../../contract/budgets.ts';
import {
  dayOf,
  endOfDay,
  higherLimits,
  type Limits,
  reachedLimits,
  reachedWords,
  type Spent,
  spentOf,
} from '../../domain/budget.ts';
import type { AgentRecord } from '../../ports/store/agents.ts';
import type { StoreRooms, StoreTransaction } from '../../ports/store/store.ts';
import type { BudgetDay } from '../../ports/store/usage.ts';
import type { EngineContext } from '../engine-context.ts';
import { publishAgent } from '../agents/agent-view.ts';
import { closeBudgetItem, openBudgetItem } from './budget-item.ts';

export const EVERYBODY = 'all';

interface UsedUp {
  scope: string;
  day: string;
  limits: Limits;
  spent: Spent;
  reached: BudgetLimit[];
  decided: BudgetDay | null;
}

/** `held`: its tasks wait; `stopped`: somebody said that they shall fail. */
export type DayVerdict = 'free' | 'held' | 'stopped';

/** What stands now between this agent and its next task. Asks nobody, changes nothing. */
export async function usedUpToday(context: EngineContext, rooms: StoreRooms, agent: AgentRecord): Promise<UsedUp[]> {
  const found = await Promise.all(
    scopesOf(context, agent).map(({ scope, limits }) => usedUp(context, rooms, scope, limits)),
  );
  return found.filter((one) => one !== null);
}

/** The limits in force of one scope today, and whether they are used up. */
export async function usedUp(
  context: EngineContext,
  rooms: StoreRooms,
  scope: string,
  budget: Limits,
): Promise<UsedUp | null> {
  const day = dayOf(context.clock.now().toISOString());
  const decided = await rooms.usage.budgetDay(day, scope);
  const limits = higherLimits(budget, decided?.raised ?? {});
  const spent = spentOf(await rooms.usage.ofDay(day, scope));
  const reached = reachedLimits(limits, spent);
  return reached.length === 0 ? null : { scope, day, limits, spent, reached, decided };
}

export function limitsOfAgent({ budget }: Pick<AgentRecord, 'budget'>): Limits {
  return {
    ...(budget?.usdPerDay === undefined ? {} : { usd: budget.usdPerDay }),
    ...(budget?.tokensPerDay === undefined ? {} : { tokens: budget.tokensPerDay }),
  };
}

/** Shows on the agent, which is locked, whether it is held; asks a person when nobody was asked yet. */
export async function reviewDay(
  context: EngineContext,
  transaction: StoreTransaction,
  agent: AgentRecord,
): Promise<DayVerdict> {
  const found = await usedUpToday(context, transaction, agent);
  for (const one of found) await askOnce(context, transaction, one, agent);
  const [first] = found;
  const reason = first ? reasonOf(first) : null;
  if (reason !== (agent.held?.reason ?? null)) {
    const since = agent.held?.since ?? context.clock.now().toISOString();
    const held = reason === null ? null : { code: 'BUDGET_EXCEEDED' as const, reason, since };
    const after = await transaction.agents.update(agent.id, { held });
    const begun = (await transaction.tasks.open(agent.id)).find(({ status }) => status !== 'queued');
    if (after) publishAgent(transaction, after, begun?.id);
  }
  if (found.some(({ decided }) => decided?.stopped)) return 'stopped';
  return found.length > 0 ? 'held' : 'free';
}

/** A budget that a person sets counts from now on: what was asked, raised or stopped today was about the old one. */
export async function startDayAnew(
  context: EngineContext,
  transaction: StoreTransaction,
  agent: AgentRecord,
): Promise<void> {
  const day = dayOf(context.clock.now().toISOString());
  const { itemId } = await transaction.usage.lockBudgetDay(day, agent.id);
  if (itemId !== null) await closeBudgetItem(transaction, itemId, 'withdrawn');
  await transaction.usage.changeBudgetDay(day, agent.id, { raised: null, stopped: false, itemId: null });
  await reviewDay(context, transaction, agent);
  transaction.notify({ channel: 'tasks', key: agent.id });
}

/** Before a task is delivered. Costs nothing to an agent that no budget concerns. */
export async function mayBegin(context: EngineContext, agentId: string): Promise<DayVerdict> {
  const agent = await context.store.agents.get(agentId);
  if (!agent || (agent.held === null && scopesOf(context, agent).length === 0)) return 'free';
  return context.store.transaction(async (transaction) => {
    const locked = await transaction.agents.lock(agentId);
    return locked ? reviewDay(context, transaction, locked) : 'free';
  });
}

/** An agent of kind shell costs nothing, so what all agents cost is nothing to it. */
function scopesOf(context: EngineContext, agent: AgentRecord): { scope: string; limits: Limits }[] {
  return [
    ...(agent.budget ? [{ scope: agent.id, limits: limitsOfAgent(agent) }] : []),
    ...(context.budgetPerDay && agent.kind !== 'shell' ? [{ scope: EVERYBODY, limits: context.budgetPerDay }] : []),
  ];
}

async function askOnce(
  context: EngineContext,
  transaction: StoreTransaction,
  { scope, day, limits, spent, reached }: UsedUp,
  agent: AgentRecord,
): Promise<void> {
  const state = await transaction.usage.lockBudgetDay(day, scope);
  const asked = state.itemId === null ? null : await transaction.inbox.get(state.itemId);
  // Since it was read, somebody else may have asked, or a person may have answered.
  if (state.stopped || asked?.state === 'open') return;
  if (reachedLimits(higherLimits(limits, state.raised ?? {}), spent).length === 0) return;
  const own = scope !== EVERYBODY;
  const whose = own ? `${agent.name} has` : 'All agents together have';
  const spenders = own ? [] : (await transaction.usage.report({ from: day, to: day, by: 'agent' })).slice(0, 20);
  const itemId = await openBudgetItem(
    context,
    transaction,
    {
      title: `${whose} used up the budget of ${day}: ${reachedWords(limits, spent, reached)}`,
      limits,
      spent,
      reached,
      about: own
        ? { agent: agent.name, day }
        : { day, by: spenders.map(({ name, usage }) => ({ agent: name ?? 'a removed agent', usage })) },
    },
    { ...(own ? { agentId: agent.id } : {}), expiresAt: endOfDay(day), effectKey: null },
  );
  await transaction.usage.changeBudgetDay(day, scope, { itemId });
}

function reasonOf({ scope, day, decided }: UsedUp): string {
  const whose = scope === EVERYBODY ? 'the budget of all agents' : 'its budget';
  const next = decided?.stopped
    ? 'its tasks were stopped for this day'
    : 'its tasks wait for an answer in the inbox or the next day';
  return `${whose} for ${day} is used up; ${next}`;
}
