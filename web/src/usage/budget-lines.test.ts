import { expect, it } from 'vitest';
import type { Agent } from '../../../src/contract/agents.ts';
import { budgetAgents, budgetLines } from './budget-lines.ts';

it('each limit that is set has a line, and tokens are those read and written', () => {
  const used = { inputTokens: 1000, outputTokens: 500, cost: 0.5 };
  expect(budgetLines({ usdPerDay: 2, tokensPerDay: 1000 }, used)).toEqual([
    { what: 'usd', share: 0.25, words: '$0.50 of $2.00' },
    { what: 'tokens', share: 1.5, words: '1,500 of 1,000 tokens' },
  ]);
  expect(budgetLines({ usdPerDay: 2 }, undefined)).toEqual([{ what: 'usd', share: 0, words: '$0.00 of $2.00' }]);
  expect(budgetLines({}, used)).toEqual([]);
});

it('agents that are held come first, then those with a budget; shells are left out', () => {
  const agent = (name: string, more: Partial<Agent> = {}) => ({ name, kind: 'claude', ...more }) as Agent;
  const heldBy = { code: 'BUDGET_EXCEEDED' as const, reason: '', since: '' };
  const found = budgetAgents([
    agent('free'),
    agent('shell', { kind: 'shell' }),
    agent('limited', { budget: { usdPerDay: 1 } }),
    agent('held', { heldBy }),
    agent('also free'),
  ]);
  expect(found.map(({ name }) => name)).toEqual(['held', 'limited', 'also free', 'free']);
});
