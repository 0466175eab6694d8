/** usage and budgets. */
import type { Command } from 'commander';
import type { AnswerBudgetOptions, BudgetAmounts } from '../actions/budgets.ts';
import type { UsageOptions } from '../actions/usage.ts';
import type { CommonOptions } from '../session.ts';
import { type Act, choice, declare, declareGroup } from './declare.ts';
import { amount, wholeNumber } from './option-values.ts';

export function declareUsageCommands(program: Command, act: Act): void {
  declare(program, {
    name: 'usage',
    summary: 'Show the tokens and cost of days.',
    about: 'Without days: the last seven. Days are in UTC, such as 2026-01-31, and both count.',
    examples: ['pointsman usage', 'pointsman usage --by agent --from 2026-01-01 --to 2026-01-31'],
  })
    .addOption(choice('--by <what>', 'a row for each', ['day', 'agent', 'workflow']).default('day'))
    .option('--from <day>', 'first day')
    .option('--to <day>', 'last day')
    .action(
      act(async (io, options: UsageOptions) => await (await import('../actions/usage.ts')).showUsage(io, options)),
    );

  const budgets = declareGroup(program, {
    name: 'budgets',
    summary: 'See what a day may use, change it, and answer when it is used up.',
    about:
      'An agent is named by its name or id. The budget of all agents together is set by POINTSMAN_BUDGET_USD_PER_DAY. Without a command: ls.',
    examples: ['pointsman budgets', 'pointsman budgets set backend --usd 5'],
  });
  declare(budgets, {
    name: 'ls',
    summary: "List today's budgets and what is used of them.",
    examples: ['pointsman budgets ls'],
  }).action(
    act(async (io, options: CommonOptions) => await (await import('../actions/budgets.ts')).listBudgets(io, options)),
  );
  withAmounts(
    declare(budgets, {
      name: 'set <agent>',
      summary: 'Give an agent a budget for each day.',
      about: 'It takes the place of the one it had, and counts at once.',
      examples: ['pointsman budgets set backend --usd 5 --tokens 2000000'],
    }),
  ).action(
    act(
      async (io, agent: string, options: CommonOptions & BudgetAmounts) =>
        await (await import('../actions/budgets.ts')).setBudget(io, { ...options, agent }),
    ),
  );
  declare(budgets, {
    name: 'clear <agent>',
    summary: 'Take the budget of an agent away.',
    examples: ['pointsman budgets clear backend'],
  }).action(
    act(
      async (io, agent: string, options: CommonOptions) =>
        await (await import('../actions/budgets.ts')).clearBudget(io, { ...options, agent }),
    ),
  );
  const raise = declare(budgets, {
    name: 'raise [agent]',
    summary: 'Raise a budget that is used up, for today.',
    about: 'The amount is a new limit, above what is spent. What waits begins.',
    examples: ['pointsman budgets raise backend --usd 10', 'pointsman budgets raise --all --usd 50'],
  });
  answers(withAmounts(raise), 'raise');
  answers(
    declare(budgets, {
      name: 'stop [agent]',
      summary: 'Stop for today what a used-up budget holds; what waits fails.',
      examples: ['pointsman budgets stop backend', 'pointsman budgets stop --all'],
    }),
    'stop',
  );

  function answers(command: Command, decision: AnswerBudgetOptions['decision']): void {
    command
      .option('--all', 'the budget of all agents together')
      .action(
        act(
          async (io, agent: string | undefined, options: Omit<AnswerBudgetOptions, 'agent' | 'decision'>) =>
            await (
              await import('../actions/budgets.ts')
            ).answerBudget(io, { ...options, decision, ...(agent === undefined ? {} : { agent }) }),
        ),
      );
  }
}

function withAmounts(command: Command): Command {
  return command
    .option('--usd <amount>', 'US dollars', amount)
    .option('--tokens <number>', 'tokens read and written', wholeNumber);
}
