/** up, down, status, doctor, config, migrate, backup, restore, bench. */
import { type Command, InvalidArgumentError } from 'commander';
import type { UpOptions } from '../actions/server.ts';
import type { CommonOptions } from '../session.ts';
import { type Act, choice, declare, declareGroup } from './declare.ts';

export function declareServerCommands(program: Command, act: Act): void {
  declare(program, {
    name: 'up',
    alias: 'start',
    summary: 'Start Pointsman and print a one-time sign-in link.',
    about:
      'It serves the web app and the API until you press Ctrl-C. Agents live on in their own sessions; the next start takes them up again.',
    examples: [
      'pointsman up',
      'pointsman up --port 9000',
      'pointsman up --link    # a new link for the server that runs',
    ],
  })
    .option('--port <number>', 'port to listen on, 0 for any free one (default: 8001)', portNumber)
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--link', 'print a new sign-in link of the running server and end')
    .option('--no-demo', 'without the starter team and the sample workflow in an empty data directory')
    .addOption(choice('--log-level <level>', 'how much is logged (default: info)', ['error', 'warn', 'info', 'debug']))
    .option('--verbose', 'tell the phases of the start and how long each took')
    .action(act(async (io, options: UpOptions) => await (await import('../actions/server.ts')).up(io, options)));

  declare(program, {
    name: 'down',
    alias: 'stop',
    summary: 'Stop the server of this data directory.',
    about: 'Agents keep running unless you say --agents; executions go on at the next start.',
    examples: ['pointsman down', 'pointsman down --agents    # also every agent and the managed database'],
  })
    .option('--agents', 'also end every agent, its tmux server and the managed database')
    .action(
      act(
        async (io, options: CommonOptions & { agents?: boolean }) =>
          await (await import('../actions/server.ts')).down(io, options),
      ),
    );

  declare(program, {
    name: 'status',
    summary: 'See at a glance who works, who is blocked and what waits for you.',
    examples: ['pointsman status', 'watch -n 5 pointsman status'],
  }).action(
    act(async (io, options: CommonOptions) => await (await import('../actions/status.ts')).showStatus(io, options)),
  );

  declare(program, {
    name: 'doctor',
    summary: 'Check this installation and say what to do about what is wrong.',
    about:
      'A running server checks itself; without one this machine is checked. The exit code is 1 when a check failed.',
    examples: ['pointsman doctor'],
  }).action(
    act(async (io, options: CommonOptions) => await (await import('../actions/doctor.ts')).doctor(io, options)),
  );

  const config = declareGroup(program, {
    name: 'config',
    summary: 'See and check the configuration.',
    about: 'A flag wins over the environment, that over pointsman.yaml, that over the default.',
    examples: ['pointsman config print'],
  });
  declare(config, {
    name: 'print',
    summary: 'Print the configuration in force, secrets masked.',
    examples: ['pointsman config print --json'],
  }).action(
    act(async (io, options: CommonOptions) => await (await import('../actions/server.ts')).printConfig(io, options)),
  );
  declare(config, {
    name: 'validate',
    summary: 'Check the configuration without starting anything.',
    examples: ['pointsman config validate'],
  }).action(
    act(async (io, options: CommonOptions) => await (await import('../actions/server.ts')).validateConfig(io, options)),
  );

  declare(program, {
    name: 'migrate',
    summary: 'Bring the database to the form this version needs.',
    about: '`up` does this by itself; run it on its own where several servers share one database.',
    examples: ['POINTSMAN_DATABASE_URL=postgres://db/pointsman pointsman migrate'],
  }).action(
    act(async (io, options: CommonOptions) => await (await import('../actions/server.ts')).migrate(io, options)),
  );

  declare(program, {
    name: 'backup [file]',
    summary: 'Write the database and the data directory into one file.',
    about:
      'Works while the server runs. The file holds keys, tokens and conversations: keep it as you keep those. Worktrees lie in your repositories and are not in it.',
    examples: ['pointsman backup', 'pointsman backup /mnt/nightly/pointsman.backup'],
  }).action(
    act(
      async (io, file: string | undefined, options: CommonOptions) =>
        await (await import('../actions/backup.ts')).backup(io, file, options),
    ),
  );
  declare(program, {
    name: 'restore <file>',
    summary: 'Bring a backup back, into an empty data directory and an empty database.',
    about: 'All of it or nothing. A backup of an older version is brought to the form that this version needs.',
    examples: ['pointsman restore pointsman.backup --home ~/.pointsman-restored'],
  }).action(
    act(
      async (io, file: string, options: CommonOptions) =>
        await (await import('../actions/backup.ts')).restore(io, file, options),
    ),
  );

  program
    .command('bench')
    .summary('Measure this version on this machine.')
    .description(
      'Measure this version on this machine, beside floors measured in the same run. Takes what `npm run bench` takes, for example --engine.',
    )
    .helpOption(false)
    .addHelpText('after', '\nExample:\n  $ pointsman bench --engine')
    .argument('[arguments...]')
    .allowUnknownOption()
    .action(act(async (io, args: string[]) => await (await import('../actions/bench.ts')).bench(io, args)));
}

function portNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  return Number(text);
}
