/** policies. */
import type { Command } from 'commander';
import type { AddPolicyOptions } from '../actions/policies.ts';
import type { CommonOptions } from '../session.ts';
import { type Act, declare, declareGroup, oneOf } from './declare.ts';
import { wholeNumber } from './option-values.ts';

export function declarePolicyCommands(program: Command, act: Act): void {
  const policies = declareGroup(program, {
    name: 'policies',
    summary: 'Answer what agents ask by rules.',
    about: 'Deny outranks ask, and ask outranks allow, whichever rule is older. Without a command: ls.',
    examples: ['pointsman policies', "pointsman policies add deny Bash --pattern 'git push *'"],
  });
  declare(policies, { name: 'ls', summary: 'List the rules.', examples: ['pointsman policies ls'] })
    .option('--limit <number>', 'at most so many', wholeNumber, 200)
    .action(
      act(
        async (io, options: CommonOptions & { limit: number }) =>
          await (await import('../actions/policies.ts')).listPolicies(io, options),
      ),
    );
  declare(policies, {
    name: 'add',
    summary: 'Add a rule.',
    about: 'A tool is named as its CLI names it; * is every tool, and in a pattern any text.',
    examples: [
      "pointsman policies add allow Bash --pattern 'npm test*' --role tester",
      "pointsman policies add deny '*' --agent intern --note 'looks only'",
    ],
  })
    .addArgument(oneOf('<effect>', 'what becomes of a request', ['allow', 'ask', 'deny']))
    .argument('<tool>', 'which tool it is about')
    .option('--pattern <text>', 'what the tool acts on: a command, a path, an address')
    .option('--agent <agent>', 'for this agent alone')
    .option('--role <role>', 'for the agents of this role')
    .option('--note <text>', 'why there is this rule')
    .action(
      act(
        async (
          io,
          effect: AddPolicyOptions['effect'],
          tool: string,
          options: Omit<AddPolicyOptions, 'effect' | 'tool'>,
        ) => await (await import('../actions/policies.ts')).addPolicy(io, { ...options, effect, tool }),
      ),
    );
  declare(policies, {
    name: 'rm <rule>',
    summary: 'Remove a rule, named by its id or the beginning of it.',
    examples: ['pointsman policies rm 0199a1b2-c3d4'],
  }).action(
    act(
      async (io, policy: string, options: CommonOptions) =>
        await (await import('../actions/policies.ts')).removePolicy(io, { ...options, policy }),
    ),
  );
}
