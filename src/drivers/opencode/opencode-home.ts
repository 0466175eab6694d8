/**
 * What opencode needs before it starts: the program, directories of the agent's own with a configuration in which
 * nothing is asked at a first start, a sign-in, and a password without which nobody reaches it.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LaunchContext } from '../../ports/agent-driver.ts';
import { findProgram } from '../find-program.ts';
import { forgetConversation, writePrivate } from '../private-file.ts';
import { CONFIG_AS_TEXT, configuration, operatorConfiguration } from './opencode-config.ts';
import { permissionConfig } from './opencode-permissions.ts';
import { type OpencodeFiles, opencodeFiles } from './opencode-files.ts';

/** Variables by which opencode's providers are signed in; an agent without its own gets the server's. */
export const OPENCODE_CREDENTIALS = [
  'OPENCODE_API_KEY',
  'ANTHROPIC_API_KEY',
  'OPENAI_API_KEY',
  'GEMINI_API_KEY',
  'GOOGLE_GENERATIVE_AI_API_KEY',
  'OPENROUTER_API_KEY',
  'DEEPSEEK_API_KEY',
  'GROQ_API_KEY',
  'MISTRAL_API_KEY',
  'XAI_API_KEY',
] as const;

/** What the commands of an agent must not find in their environment, or not as opencode itself has it. */
const XDG = ['XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME'] as const;

export type PreparedOpencode =
  | { outcome: 'ready'; argv: [string, ...string[]]; env: Record<string, string> }
  | { outcome: 'unusable'; status: 'auth_failed'; reason: string };

export async function prepareOpencode(context: LaunchContext): Promise<PreparedOpencode> {
  const { directory, env } = context;
  const [name = 'opencode', ...options] = context.command ?? ['opencode'];
  const program = await findProgram(name, env['PATH'] ?? '');
  if (program === null)
    return unusable(
      `${name} is not installed where agents look (PATH of the server); install it with \`npm install -g opencode-ai\`, sign in with \`opencode auth login\`, and start the agent again`,
    );
  const home = join(directory, 'opencode');
  for (const part of ['config', 'data/opencode', 'state', 'shell'])
    await mkdir(join(home, part), { recursive: true, mode: 0o700 });
  await sayPluginsAreInstalled(join(home, 'config', 'opencode'));
  const own = await operatorConfiguration(env);
  const signedIn =
    (await linkSignIn(join(home, 'data'), env)) ||
    OPENCODE_CREDENTIALS.some((one) => env[one]) ||
    // A provider of their own may need no key, or has it in the configuration.
    own['provider'] !== undefined;
  if (!signedIn)
    return unusable(
      'opencode is not signed in — run `opencode auth login` in a terminal as the user of the server, describe a provider in its opencode.json, or give the agent the key of a provider (for example ANTHROPIC_API_KEY), and start it again',
    );
  const config = join(home, 'opencode.json');
  await writePrivate(
    config,
    JSON.stringify(
      configuration(context, {
        own,
        shell: await writeShell(join(home, 'shell'), env),
        instructions: await writeInstructions(join(home, 'instructions.md'), context.instructions),
      }),
      null,
      1,
    ),
  );
  if (context.fresh) await forgetConversation(directory);
  // It would be heard after our own.
  const { [CONFIG_AS_TEXT]: _, ...others } = env;
  return {
    outcome: 'ready',
    argv: await launchArgv(opencodeFiles(directory), [
      program,
      ...options,
      'serve',
      // A plugin would be installed from the network before the first prompt.
      '--pure',
      '--hostname',
      '127.0.0.1',
      '--port',
      '0',
    ]),
    env: {
      OPENCODE_DISABLE_LSP_DOWNLOAD: 'true',
      ...others,
      OPENCODE_CONFIG: config,
      // The last word, also over what the workspace's own configuration says.
      OPENCODE_PERMISSION: JSON.stringify(permissionConfig(context.permissionMode)),
      OPENCODE_ENABLE_QUESTION_TOOL: 'true',
      OPENCODE_DISABLE_AUTOUPDATE: 'true',
      OPENCODE_DISABLE_SHARE: 'true',
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_DATA_HOME: join(home, 'data'),
      XDG_STATE_HOME: join(home, 'state'),
    },
  };
}

/**
 * Measured with 1.18.33: at its start it installs a package for plugins from the network, unless the directory holds
 * `node_modules` and a lock file that names the package.
 */
async function sayPluginsAreInstalled(config: string): Promise<void> {
  await mkdir(join(config, 'node_modules'), { recursive: true, mode: 0o700 });
  const lock = { lockfileVersion: 3, packages: { '': { dependencies: { '@opencode-ai/plugin': '*' } } } };
  await writePrivate(join(config, 'package-lock.json'), JSON.stringify(lock));
}

function unusable(reason: string): PreparedOpencode {
  return { outcome: 'unusable', status: 'auth_failed', reason };
}

/** The person's own sign-in, by a link: opencode renews its tokens by writing into the file. */
async function linkSignIn(data: string, env: LaunchContext['env']): Promise<boolean> {
  const own = join(env['XDG_DATA_HOME'] ?? join(env['HOME'] ?? '/', '.local', 'share'), 'opencode', 'auth.json');
  const link = join(data, 'opencode', 'auth.json');
  await rm(link, { force: true });
  if (!(await stat(own).catch(() => null))) return false;
  await symlink(own, link);
  return true;
}

async function writeInstructions(file: string, instructions: string | undefined): Promise<string | null> {
  if (instructions === undefined) return null;
  await writePrivate(file, instructions);
  return file;
}

/**
 * Measured with 1.18.33: commands inherit all that opencode has, also the password by which they could allow themselves
 * what was asked. They run in this shell instead, which forgets it and has the person's own directories again.
 */
async function writeShell(directory: string, env: LaunchContext['env']): Promise<string> {
  const bash = await findProgram('bash', env['PATH'] ?? '');
  const file = join(directory, bash === null ? 'sh' : 'bash');
  const restored = XDG.map((name) =>
    env[name] === undefined ? `unset ${name}` : `export ${name}=${quoted(env[name])}`,
  );
  await writeFile(
    file,
    [
      '#!/bin/sh',
      'unset OPENCODE_SERVER_PASSWORD OPENCODE_CONFIG OPENCODE_PERMISSION OPENCODE_PURE',
      ...restored,
      `exec ${quoted(bash ?? '/bin/sh')} "$@"`,
      '',
    ].join('\n'),
    { mode: 0o700 },
  );
  await chmod(file, 0o700);
  return file;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The password goes from its file into the environment of opencode alone: no list of processes shows it. Descriptor 9 keeps the terminal, or tmux would hang up. */
const LAUNCH =
  'umask 077; OPENCODE_SERVER_PASSWORD=$(cat "$1") || exit 1; export OPENCODE_SERVER_PASSWORD; output=$2 errors=$3; shift 3; exec "$@" </dev/null >>"$output" 2>>"$errors" 9>/dev/tty';

/** Makes the files of a new session, with nothing printed and nothing delivered. */
async function launchArgv(
  files: OpencodeFiles,
  program: readonly [string, ...string[]],
): Promise<[string, ...string[]]> {
  await rm(files.directory, { recursive: true, force: true });
  await mkdir(files.directory, { recursive: true, mode: 0o700 });
  await writePrivate(files.password, randomBytes(32).toString('hex'));
  await writePrivate(files.output, '');
  return ['/bin/sh', '-c', LAUNCH, 'pointsman', files.password, files.output, files.errors, ...program];
}
