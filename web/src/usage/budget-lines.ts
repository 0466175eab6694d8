/** How much of a day's budget is used, limit by limit; pure. */
import type { Agent } from '../../../src/contract/agents.ts';
import type { Usage } from '../../../src/contract/tasks.ts';
import { countWords, moneyWords } from '../ui/time-words.ts';
import { t } from '../words/words.ts';

export interface BudgetLine {
  what: 'usd' | 'tokens';
  share: number;
  words: string;
}

export function budgetLines(
  limits: { usdPerDay?: number | undefined; tokensPerDay?: number | undefined },
  used: Pick<Usage, 'inputTokens' | 'outputTokens' | 'cost'> | undefined,
): BudgetLine[] {
  const cost = used?.cost ?? 0;
  const tokens = (used?.inputTokens ?? 0) + (used?.outputTokens ?? 0);
  const { usdPerDay, tokensPerDay } = limits;
  return [
    ...(usdPerDay === undefined
      ? []
      : [
          {
            what: 'usd' as const,
            share: cost / usdPerDay,
            words: t('{cost} of {usdPerDay}', { cost: moneyWords(cost), usdPerDay: moneyWords(usdPerDay) }),
          },
        ]),
    ...(tokensPerDay === undefined
      ? []
      : [
          {
            what: 'tokens' as const,
            share: tokens / tokensPerDay,
            words: t('{tokens} of {tokensPerDay} tokens', {
              tokens: countWords(tokens),
              tokensPerDay: countWords(tokensPerDay),
            }),
          },
        ]),
  ];
}

/** Agents a budget may concern, those that wait for an answer first; a shell costs nothing. */
export function budgetAgents(agents: readonly Agent[]): Agent[] {
  const rank = ({ heldBy, budget }: Agent): number => (heldBy ? 0 : budget ? 1 : 2);
  return agents
    .filter(({ kind, budget }) => kind !== 'shell' || budget !== undefined)
    .toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}
