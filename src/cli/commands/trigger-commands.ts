/** triggers. */
import type { Command } from 'commander';
import type { CommonOptions } from '../session.ts';
import { type Act, declare, declareGroup } from './declare.ts';
import { wholeNumber } from './option-values.ts';

export function declareTriggerCommands(program: Command, act: Act): void {
  const triggers = declareGroup(program, {
    name: 'triggers',
    summary: 'See what starts workflows by itself, and stop it.',
    about:
      'Triggers are written in the workflow; a trigger is named by its id or the beginning of it. Without a command: ls.',
    examples: ['pointsman triggers', 'pointsman triggers disable 0199a3f2'],
  });
  declare(triggers, {
    name: 'ls',
    summary: 'List the triggers, with their next moment and what they did last.',
    examples: ['pointsman triggers ls --workflow "Ship a change"'],
  })
    .option('--workflow <workflow>', 'only those of this workflow')
    .option('--limit <number>', 'at most so many', wholeNumber, 200)
    .action(
      act(
        async (io, options: CommonOptions & { workflow?: string; limit: number }) =>
          await (await import('../actions/triggers.ts')).listTriggers(io, options),
      ),
    );
  for (const [name, enabled, summary] of [
    ['enable', true, 'Let it start its workflow again, from now on.'],
    ['disable', false, 'Keep it from starting its workflow; what happens meanwhile starts nothing, also later.'],
  ] as const)
    declare(triggers, { name: `${name} <trigger>`, summary, examples: [`pointsman triggers ${name} 0199a3f2`] }).action(
      act(
        async (io, trigger: string, options: CommonOptions) =>
          await (await import('../actions/triggers.ts')).switchTrigger(io, { ...options, trigger, enabled }),
      ),
    );
  declare(triggers, {
    name: 'secret <trigger>',
    summary: 'Give a webhook a new secret and show it, once.',
    about: 'Callers sign with it. The one before ends at once.',
    examples: ['pointsman triggers secret 0199a3f2'],
  }).action(
    act(
      async (io, trigger: string, options: CommonOptions) =>
        await (await import('../actions/triggers.ts')).rotateSecret(io, { ...options, trigger }),
    ),
  );
}
