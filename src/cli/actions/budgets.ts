/** `pointsman budgets`: what a day may use and has used, and the answer to a budget that is used up. */
import type { Agent } from '../../contract/agents.ts';
import type { AgentBudget } from '../../contract/budgets.ts';
import { PointsmanError } from '../../contract/errors.ts';
import type { InboxItem } from '../../contract/inbox.ts';
import type { ApiClient } from '../api-client.ts';
import type { CommandIo } from '../command-io.ts';
import { findAgent } from '../find-named.ts';
import { printable } from '../output/printable-text.ts';
import { dollars } from '../output/quantities.ts';
import { type CommonOptions, openSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

interface BudgetRow {
  /** Null: of all agents together. */
  agent: { id: string; name: string } | null;
  limits: AgentBudget;
  spent: { usd: number; tokens: number };
  /** Why tasks wait; null while they do not. */
  heldBy: string | null;
  /** The inbox item that asks. */
  itemId: string | null;
}

export async function listBudgets(io: CommandIo, options: CommonOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const rows = await readBudgets(api);
  if (options.json) return print.json(rows);
  print.table<BudgetRow>(
    [
      { title: 'OF', value: ({ agent }) => agent?.name ?? '(all agents)', shrinks: true },
      { title: 'COST', value: ({ limits, spent }) => ofLimit(dollars, spent.usd, limits.usdPerDay), align: 'right' },
      {
        title: 'TOKENS',
        value: ({ limits, spent }) => ofLimit(String, spent.tokens, limits.tokensPerDay),
        align: 'right',
      },
      {
        title: 'STATE',
        value: ({ itemId, heldBy }) => (itemId || heldBy ? 'paused' : 'open'),
        paint: (cell, { itemId, heldBy }) => print.paint(itemId || heldBy ? 'yellow' : 'green', cell),
      },
      { title: 'WHY', value: ({ heldBy }) => heldBy ?? '', shrinks: true },
    ],
    rows,
    'There are no budgets. Give an agent one with `pointsman budgets set AGENT --usd 5`.',
  );
  if (rows.some(({ itemId }) => itemId !== null))
    print.note(
      'Answer with `pointsman budgets raise AGENT --usd N` or `pointsman budgets stop AGENT`; --all for all agents.',
    );
}

export interface BudgetAmounts {
  usd?: number;
  tokens?: number;
}

export async function setBudget(
  io: CommandIo,
  options: CommonOptions & BudgetAmounts & { agent: string },
): Promise<void> {
  const { usd, tokens } = required(options);
  await changeBudget(io, options, {
    ...(usd === undefined ? {} : { usdPerDay: usd }),
    ...(tokens === undefined ? {} : { tokensPerDay: tokens }),
  });
}

export async function clearBudget(io: CommandIo, options: CommonOptions & { agent: string }): Promise<void> {
  await changeBudget(io, options, null);
}

async function changeBudget(
  io: CommandIo,
  options: CommonOptions & { agent: string },
  budget: AgentBudget | null,
): Promise<void> {
  const { api, print } = openSession(io, options);
  const { id } = await findAgent(api, options.agent);
  const agent = await api.call('updateAgent', { params: { id }, body: { budget } });
  if (options.json) return print.json(agent);
  print.note(
    budget
      ? `${printable(agent.name)} may use ${limitWords(budget)} a day, from now on.`
      : `${printable(agent.name)} has no budget of its own.`,
  );
}

export interface AnswerBudgetOptions extends CommonOptions, BudgetAmounts {
  agent?: string;
  all?: boolean;
  decision: 'raise' | 'stop';
}

/** Answers the open question about today's budget of one agent, or of all of them together. */
export async function answerBudget(io: CommandIo, options: AnswerBudgetOptions): Promise<void> {
  if ((options.agent === undefined) === !options.all)
    throw new UsageError('Name one budget.', 'Name an agent, or give --all for that of all agents together.');
  const form = options.decision === 'raise' ? { form: required(options) } : {};
  const { api, print } = openSession(io, options);
  const agent = options.agent === undefined ? null : await findAgent(api, options.agent);
  const item = await openQuestion(api, agent);
  const answered = await api.call('resolveInboxItem', {
    params: { id: item.id },
    body: { decision: options.decision, hash: item.hash, ...form },
  });
  if (options.json) return print.json(answered);
  print.note(`Answered “${options.decision}”: ${printable(item.title)}`);
}

async function openQuestion(api: ApiClient, agent: Agent | null): Promise<InboxItem> {
  const item = (await openQuestions(api)).find(({ agentId }) => agentId === agent?.id);
  if (item) return item;
  const whose = agent ? `the budget of ${printable(agent.name)}` : 'the budget of all agents';
  throw new PointsmanError('INBOX_ITEM_NOT_FOUND', {
    detail: `Nothing is asked about ${whose} today.`,
    cause: { next: 'See what is used with `pointsman budgets`.' },
  });
}

/** Those about a day; what executions may use is asked with their own id. */
async function openQuestions(api: ApiClient): Promise<InboxItem[]> {
  const { items } = await api.list('listInbox', { query: { state: 'open', type: 'budget' } });
  return items.filter(({ executionId }) => executionId === undefined);
}

async function readBudgets(api: ApiClient): Promise<BudgetRow[]> {
  const today = (await api.call('getUsage', { query: { by: 'day' } })).to;
  const [usage, { items: agents }, asked] = await Promise.all([
    api.call('getUsage', { query: { by: 'agent', from: today, to: today } }),
    api.list('listAgents', {}),
    openQuestions(api),
  ]);
  const questionOf = (agentId: string | undefined) => asked.find((item) => item.agentId === agentId)?.id ?? null;
  const spentOf = (used: { inputTokens: number; outputTokens: number; cost: number } | undefined) => ({
    usd: used?.cost ?? 0,
    tokens: (used?.inputTokens ?? 0) + (used?.outputTokens ?? 0),
  });
  const together: BudgetRow[] =
    usage.usdPerDay === undefined
      ? []
      : [
          {
            agent: null,
            limits: { usdPerDay: usage.usdPerDay },
            spent: spentOf(usage.total),
            heldBy: null,
            itemId: questionOf(undefined),
          },
        ];
  return [
    ...together,
    ...agents
      .filter(({ budget, heldBy }) => budget !== undefined || heldBy !== undefined)
      .map(({ id, name, budget, heldBy }) => ({
        agent: { id, name },
        limits: budget ?? {},
        spent: spentOf(usage.entries.find(({ key }) => key === id)),
        heldBy: heldBy?.reason ?? null,
        itemId: questionOf(id),
      })),
  ];
}

function required({ usd, tokens }: BudgetAmounts): BudgetAmounts {
  if (usd === undefined && tokens === undefined)
    throw new UsageError('No limit is named.', 'Name one with --usd or --tokens.');
  return { ...(usd === undefined ? {} : { usd }), ...(tokens === undefined ? {} : { tokens }) };
}

function ofLimit(words: (value: number) => string, spent: number, limit: number | undefined): string {
  return limit === undefined ? '-' : `${words(spent)} of ${words(limit)}`;
}

function limitWords({ usdPerDay, tokensPerDay }: AgentBudget): string {
  return [
    ...(usdPerDay === undefined ? [] : [dollars(usdPerDay)]),
    ...(tokensPerDay === undefined ? [] : [`${tokensPerDay} tokens`]),
  ].join(' and ');
}
