/** How commands are written down: name, sentence, example, options. What they do is imported when they are called. */
import { Argument, type Command, Option } from 'commander';
import type { CommandIo } from '../command-io.ts';

/** Turns what a command does into commander's action, and keeps its exit code. */
export type Act = <Args extends unknown[]>(
  body: (io: CommandIo, ...args: Args) => Promise<number | void>,
) => (...args: Args) => Promise<void>;

export interface Declaration {
  /** As commander writes it: `show <execution>`. */
  name: string;
  summary: string;
  /** More about it, in sentences. */
  about?: string;
  /** What people of other tools type for it. */
  alias?: string;
  examples: readonly string[];
  /** Prints no result, so it has no --json. */
  withoutJson?: true;
}

/** A command with the options that all have. */
export function declare(parent: Command, { name, summary, about, alias, examples, withoutJson }: Declaration): Command {
  const command = parent
    .command(name)
    .summary(summary)
    .description(about ? `${summary}\n\n${about}` : summary)
    .addHelpText('after', exampleText(examples));
  const otherName = alias ?? (command.name() === 'ls' ? 'list' : undefined);
  if (otherName) command.alias(otherName);
  if (!withoutJson) command.option('--json', 'print JSON for programs, and nothing else, on standard output');
  return command.option(
    '--home <dir>',
    'data directory of the Pointsman meant (default: $POINTSMAN_HOME or ~/.pointsman)',
  );
}

/** A command that only holds others. */
export function declareGroup(parent: Command, { name, summary, about, examples }: Declaration): Command {
  return parent
    .command(name)
    .summary(summary)
    .description(about ? `${summary}\n\n${about}` : summary)
    .addHelpText('after', exampleText(examples))
    .helpCommand(false);
}

/** `choices` written into the help and checked before anything is sent. */
export function choice(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, description).choices(choices);
}

/** `…` as an argument that may be one of a few words. */
export function oneOf(name: string, description: string, choices: readonly string[]): Argument {
  return new Argument(name, description).choices(choices);
}

function exampleText(examples: readonly string[]): string {
  return `\nExample${examples.length > 1 ? 's' : ''}:\n${examples.map((example) => `  $ ${example}`).join('\n')}`;
}
