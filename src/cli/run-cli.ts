/** The whole command line as a function: arguments in, exit code out. Declares every command, imports none of their work. */
import { Command, CommanderError } from 'commander';
import type { CommandIo } from './command-io.ts';
import { declareAgentCommands } from './commands/agent-commands.ts';
import { declareChannelCommands } from './commands/channel-commands.ts';
import { declareGraphCommands } from './commands/graph-commands.ts';
import { declareTriggerCommands } from './commands/trigger-commands.ts';
import type { Act } from './commands/declare.ts';
import { declareAssistantCommand } from './commands/assistant-command.ts';
import { declareInboxCommands } from './commands/inbox-commands.ts';
import { declareIncidentCommands } from './commands/incident-commands.ts';
import { declarePeopleCommands } from './commands/people-commands.ts';
import { declarePolicyCommands } from './commands/policy-commands.ts';
import { declareRunCommands } from './commands/run-command.ts';
import { declareServerCommands } from './commands/server-commands.ts';
import { declareTaskCommands } from './commands/task-commands.ts';
import { declareUsageCommands } from './commands/usage-commands.ts';
import { declareWorkflowCommands } from './commands/workflow-commands.ts';
import { EXIT } from './output/exit-codes.ts';
import { productVersion } from './product-version.ts';
import { UsageError } from './usage-error.ts';

/** What `pointsman agents` alone means. */
const LISTED = new Set([
  'agents',
  'inbox',
  'incidents',
  'executions',
  'workflows',
  'budgets',
  'policies',
  'tokens',
  'users',
  'secrets',
  'channels',
  'triggers',
  'audit',
]);

export async function runCli(argv: readonly string[], io: CommandIo): Promise<number> {
  let exitCode: number = EXIT.ok;
  const act: Act =
    (body) =>
    async (...args) => {
      exitCode = (await body(io, ...args)) ?? EXIT.ok;
    };
  const program = createProgram(io, act);
  const words = argv.length === 0 ? ['--help'] : withDefaultCommand(program, argv);
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok; // help or version was printed
    const { reportError } = await import('./output/error-report.ts');
    return reportError(error instanceof CommanderError ? usageError(program, words, error) : error, io);
  }
}

export function createProgram(io: CommandIo, act: Act): Command {
  const program = new Command('pointsman')
    .description(
      'Pointsman is the control plane for a team of CLI coding agents: see each one live, answer those that are blocked, and run durable workflows across them.',
    )
    .version(productVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help about a command')
    .addHelpText(
      'after',
      '\nExample:\n  $ pointsman up\n  $ pointsman run examples/release-check.yaml --wait\n\nThe server is found by $POINTSMAN_HOME, or by $POINTSMAN_URL with $POINTSMAN_TOKEN.',
    )
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => helpWidth(io.stdout.columns),
      getErrHelpWidth: () => helpWidth(io.stderr.columns),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: () => undefined, // said by us, with what to do next
    })
    // Options count where they stand: --version after `run` is the workflow's.
    .enablePositionalOptions()
    .exitOverride();
  declareServerCommands(program, act);
  declareRunCommands(program, act);
  declareAgentCommands(program, act);
  declareTaskCommands(program, act);
  declareInboxCommands(program, act);
  declareIncidentCommands(program, act);
  declareWorkflowCommands(program, act);
  declareUsageCommands(program, act);
  declarePeopleCommands(program, act);
  declarePolicyCommands(program, act);
  declareChannelCommands(program, act);
  declareGraphCommands(program, act);
  declareTriggerCommands(program, act);
  declareAssistantCommand(program, act);
  return program;
}

/** `pointsman agents --json` is `pointsman agents ls --json`; a group alone that lists nothing prints its help. */
function withDefaultCommand(program: Command, argv: readonly string[]): string[] {
  const [name = '', next] = argv;
  const group = program.commands.find((command) => command.name() === name);
  if (!group || group.commands.length === 0 || next === '--help' || next === '-h') return [...argv];
  if (next !== undefined && !next.startsWith('-')) return [...argv];
  return LISTED.has(name) ? [name, 'ls', ...argv.slice(1)] : next === undefined ? [name, '--help'] : [...argv];
}

function usageError(program: Command, words: readonly string[], error: CommanderError): UsageError {
  const path = ['pointsman'];
  let at = program;
  for (const word of words) {
    const inner = at.commands.find((command) => isCalled(command, word));
    if (!inner) break;
    path.push(inner.name());
    at = inner;
  }
  const unknown = words[path.length - 1] ?? '';
  const elsewhere = error.code === 'commander.unknownCommand' ? inGroups(program, unknown) : [];
  if (elsewhere.length > 0 && elsewhere.length <= MOST_OTHERS)
    return new UsageError(`Unknown command '${unknown}'.`, `There is ${elsewhere.join(', ')}.`);
  const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  return new UsageError(
    `${message.charAt(0).toUpperCase()}${message.slice(1)}`.replace(/[^.?!)]$/, '$&.'),
    `See \`${path.join(' ')} --help\`.`,
  );
}

/** More than these are no hint: `ls` is in nearly every group. */
const MOST_OTHERS = 5;

/** Where else a command of this name is: `logs` alone is `pointsman executions logs`. */
function inGroups(program: Command, word: string): string[] {
  return program.commands
    .filter((group) => group.commands.some((command) => isCalled(command, word)))
    .map((group) => `\`pointsman ${group.name()} ${word}\``);
}

function isCalled(command: Command, word: string): boolean {
  return [command.name(), ...command.aliases()].includes(word);
}

function helpWidth(columns: number | undefined): number {
  return Math.min(columns ?? 100, 120);
}
