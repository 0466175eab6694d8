/** The inbox item that asks whether a used-up budget may be raised, and the form of the answer. */
import type { BudgetLimit } from '../../contract/budgets.ts';
import type { Limits, Spent } from '../../domain/budget.ts';
import type { InboxRecord } from '../../ports/store/inbox.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import type { EngineContext } from '../engine-context.ts';
import { inboxView } from '../inbox-view.ts';
import { payloadHash } from '../payload-hash.ts';

export interface BudgetQuestion {
  title: string;
  limits: Limits;
  spent: Spent;
  reached: readonly BudgetLimit[];
  /** What else whoever answers has to see. */
  about: Record<string, unknown>;
}

export async function openBudgetItem(
  context: EngineContext,
  transaction: StoreTransaction,
  { title, limits, spent, reached, about }: BudgetQuestion,
  of: Pick<InboxRecord, 'agentId' | 'executionId' | 'expiresAt'> & { effectKey: string | null },
): Promise<string> {
  const payload = { ...about, limits, spent, reached: [...reached], form: raiseForm(limits, reached) };
  const item: InboxRecord = {
    id: context.ids.next(),
    type: 'budget',
    state: 'open',
    title,
    payload,
    hash: payloadHash(payload),
    choices: ['raise', 'stop'],
    createdAt: context.clock.now().toISOString(),
    roles: null,
    form: null,
    requestId: null,
    ...of,
  };
  await transaction.inbox.open(item);
  transaction.publish({ topic: 'inbox', event: 'inbox.opened', data: inboxView(item) });
  return item.id;
}

export async function closeBudgetItem(
  transaction: StoreTransaction,
  itemId: string,
  state: 'expired' | 'withdrawn',
): Promise<void> {
  const closed = await transaction.inbox.close(itemId, { state });
  if (closed) transaction.publish({ topic: 'inbox', event: 'inbox.closed', data: inboxView(closed) });
}

const FIELDS: Record<BudgetLimit, Record<string, unknown>> = {
  usd: { type: 'number', title: 'New limit in US dollars' },
  tokens: { type: 'integer', title: 'New limit of tokens' },
  duration: { type: 'string', title: 'New limit of running time', description: 'As in the workflow, such as PT3H' },
};

/** What is used up has to be raised; the other limits may be. */
function raiseForm(limits: Limits, reached: readonly BudgetLimit[]): Record<string, unknown> {
  const names = (['usd', 'tokens', 'duration'] as const).filter((name) => limits[name] !== undefined);
  return {
    type: 'object',
    required: [...reached],
    properties: Object.fromEntries(names.map((name) => [name, FIELDS[name]])),
  };
}
