/** `pointsman up`, `down`, `config` and `migrate`: hands over to the server's own modules; only the sign-in link is asked of a running one. */
import { stringify as toYaml } from 'yaml';
import { createApiClient } from '../api-client.ts';
import type { CommandIo } from '../command-io.ts';
import { EXIT } from '../output/exit-codes.ts';
import { createPrinter } from '../output/printer.ts';
import { ago } from '../output/quantities.ts';
import { homeDirectory, requireServer } from '../server-location.ts';
import { type CommonOptions, sourceOf } from '../session.ts';

export interface UpOptions extends CommonOptions {
  port?: number;
  host?: string;
  verbose?: boolean;
  link?: boolean;
  /** False under --no-demo. */
  demo: boolean;
  logLevel?: 'error' | 'warn' | 'info' | 'debug';
}

export async function up(io: CommandIo, options: UpOptions): Promise<number> {
  if (options.link) return await printSignInLink(io, options);
  const { port, host, home, logLevel } = options;
  const { runUp } = await import('../../server/up.ts');
  return await runUp({
    // What was not said stays undefined, so that the environment and pointsman.yaml have their turn.
    flags: { port, host, home, log_level: logLevel, demo: options.demo ? undefined : 'off' },
    verbose: options.verbose === true,
    stdout: (line) => void io.stdout.write(`${line}\n`),
    stderr: (line) => void io.stderr.write(`${line}\n`),
  });
}

export async function down(io: CommandIo, options: CommonOptions & { agents?: boolean }): Promise<void> {
  const print = createPrinter(io);
  const { runDown } = await import('../../server/down.ts');
  const outcome = await runDown({ home: homeDirectory(io.env, options.home), agents: options.agents === true });
  if (options.json) return print.json(outcome);
  print.note(outcome.server === 'stopped' ? 'The server has stopped.' : 'No server was running.');
  if (options.agents) {
    print.note(
      `${outcome.agents === 0 ? 'No agent was' : outcome.agents === 1 ? 'One agent was' : `${outcome.agents} agents were`} ended.`,
    );
    if (outcome.database === 'stopped') print.note('The managed database has stopped.');
  } else print.note('Agents go on; end them too with `pointsman down --agents`.');
}

export async function printConfig(io: CommandIo, options: CommonOptions): Promise<void> {
  const print = createPrinter(io);
  const server = await import('../../server/config-command.ts');
  const settings = server.printConfig(sourceOf(io, options));
  if (options.json) return print.json(settings);
  print.line(toYaml(settings).trimEnd());
}

/** Throws what is wrong. */
export async function validateConfig(io: CommandIo, options: CommonOptions): Promise<void> {
  const print = createPrinter(io);
  const server = await import('../../server/config-command.ts');
  server.validateConfig(sourceOf(io, options));
  if (options.json) print.json({ valid: true });
  print.note('The configuration is valid.');
}

export async function migrate(io: CommandIo, options: CommonOptions): Promise<void> {
  const print = createPrinter(io);
  const { runMigrate } = await import('../../server/config-command.ts');
  const outcome = await runMigrate(sourceOf(io, options));
  if (options.json) print.json(outcome);
  print.note(`The database is in the form this version needs (${outcome.place}).`);
}

async function printSignInLink(io: CommandIo, options: UpOptions): Promise<number> {
  const location = requireServer(io.env, options.home);
  const print = createPrinter(io);
  const { code, expiresAt } = await createApiClient(location).call('createSignInLink');
  const link = `${location.url}/#code=${encodeURIComponent(code)}`;
  if (options.json) print.json({ link, expiresAt });
  else print.line(link);
  print.note(`It works once and expires ${ago(expiresAt)}.`);
  return EXIT.ok;
}
