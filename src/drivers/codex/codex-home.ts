/**
 * What Codex needs before it starts: the program, a CODEX_HOME of the agent's own with a configuration in which nothing
 * is asked at a first start, and a sign-in.
 */
import { mkdir, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { LaunchContext } from '../../ports/agent-driver.ts';
import { findProgram } from '../find-program.ts';
import { bringRollout } from './adopted/codex-adoption.ts';
import { forgetConversation, writePrivate } from '../private-file.ts';

/** Keys for the model's endpoint; Codex itself reads none of them before somebody names it in the configuration. */
const KEYS = ['OPENAI_API_KEY', 'CODEX_API_KEY'] as const;

/** Variables by which people sign Codex in; an agent without its own gets the server's. */
export const CODEX_CREDENTIALS = [...KEYS, 'CODEX_ACCESS_TOKEN', 'OPENAI_BASE_URL'] as const;

const OPENAI = 'https://api.openai.com/v1';

/** A tool of ours may wait for a person; Codex would give it up after a minute. */
const TOOL_TIMEOUT_SECONDS = 7 * 24 * 3600;

export type PreparedCodex =
  | { outcome: 'ready'; argv: [string, ...string[]]; env: Record<string, string> }
  | { outcome: 'unusable'; status: 'auth_failed'; reason: string };

export async function prepareCodex(context: LaunchContext): Promise<PreparedCodex> {
  const [name = 'codex', ...options] = context.command ?? ['codex'];
  const program = await findProgram(name, context.env['PATH'] ?? '');
  if (program === null)
    return unusable(
      `${name} is not installed where agents look (PATH of the server); install it with \`npm install -g @openai/codex\`, sign in with \`codex login\`, and start the agent again`,
    );
  const home = join(context.directory, 'codex');
  await mkdir(home, { recursive: true, mode: 0o700 });
  const signedIn = CODEX_CREDENTIALS.some((one) => context.env[one]) || (await linkSignIn(home, context.env));
  // Whoever gives options of their own may have named a provider that needs none of this.
  if (!signedIn && options.length === 0)
    return unusable(
      'Codex is not signed in — run `codex login` in a terminal as the user of the server, or give the agent an OPENAI_API_KEY, and start it again',
    );
  await bringRollout({ agentDirectory: context.directory, codexHome: home });
  await writePrivate(join(home, 'config.toml'), configuration(context));
  if (context.fresh) await forgetConversation(context.directory);
  return {
    outcome: 'ready',
    argv: [program, ...options, 'app-server'],
    env: { ...context.env, CODEX_HOME: home },
  };
}

function unusable(reason: string): PreparedCodex {
  return { outcome: 'unusable', status: 'auth_failed', reason };
}

/** The person's own sign-in, by a link: Codex renews its token by writing into the file. */
async function linkSignIn(home: string, env: LaunchContext['env']): Promise<boolean> {
  const own = join(env['CODEX_HOME'] ?? join(env['HOME'] ?? '/', '.codex'), 'auth.json');
  if (!(await stat(own).catch(() => null))) return false;
  const link = join(home, 'auth.json');
  await rm(link, { force: true });
  await symlink(own, link);
  return true;
}

/** Ours alone and written anew at each start. What an agent may do is told to each thread instead. */
function configuration({ workspace, env, tools }: LaunchContext): string {
  return [
    'check_for_update_on_startup = false',
    ...(hasOwnEndpoint(env) ? ['model_provider = "pointsman"'] : []),
    ...table(['analytics'], { enabled: false }),
    ...table(['feedback'], { enabled: false }),
    // Without it the model has no tool for a question outside of Codex's own plan mode.
    ...table(['features'], { default_mode_request_user_input: true }),
    // Newer models reach tools of others only by writing programs, and are not even told of them.
    ...table(['features', 'code_mode'], { direct_only_tool_namespaces: ['mcp__pointsman'] }),
    ...table(['projects', workspace], { trust_level: 'trusted' }),
    ...(hasOwnEndpoint(env) ? endpoint(env) : []),
    ...(tools
      ? table(['mcp_servers', 'pointsman'], {
          url: tools.url,
          tool_timeout_sec: TOOL_TIMEOUT_SECONDS,
          default_tools_approval_mode: 'approve',
        }).concat(table(['mcp_servers', 'pointsman', 'http_headers'], { Authorization: `Bearer ${tools.token}` }))
      : []),
    '',
  ].join('\n');
}

function hasOwnEndpoint(env: LaunchContext['env']): boolean {
  return Boolean(env['OPENAI_BASE_URL'] || KEYS.some((key) => env[key]));
}

/** The built-in provider takes neither a key from the environment nor, for a key, another address. */
function endpoint(env: LaunchContext['env']): string[] {
  const url = env['OPENAI_BASE_URL'] || OPENAI;
  const key = KEYS.find((one) => env[one]);
  return table(['model_providers', 'pointsman'], {
    name: url === OPENAI ? 'OpenAI' : 'Pointsman',
    base_url: url,
    wire_api: 'responses',
    ...(key ? { env_key: key } : {}),
  });
}

function table(path: readonly string[], values: Record<string, string | number | boolean | string[]>): string[] {
  return [
    '',
    `[${path.map((part) => toml(part)).join('.')}]`,
    ...Object.entries(values).map(([name, value]) => `${name} = ${toml(value)}`),
  ];
}

/** A string of JSON is one of TOML too, but for DEL, which TOML wants escaped. */
function toml(value: string | number | boolean | string[]): string {
  return JSON.stringify(value).replaceAll('\u007f', '\\u007f');
}
