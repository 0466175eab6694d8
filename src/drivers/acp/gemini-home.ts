/**
 * What Gemini CLI needs before it starts: the program, a home of the agent's own with settings in which nothing is asked
 * at a first start, and a sign-in.
 */
import { mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { LaunchContext } from '../../ports/agent-driver.ts';
import { findProgram } from '../find-program.ts';
import { forgetConversation, writePrivate } from '../private-file.ts';
import { isObject, type Json, object } from '../json-row.ts';

/** Variables by which people sign Gemini in; an agent without its own gets the server's. */
export const GEMINI_CREDENTIALS = [
  'GEMINI_API_KEY',
  'GOOGLE_API_KEY',
  'GOOGLE_GEMINI_BASE_URL',
  'GOOGLE_GENAI_USE_VERTEXAI',
  'GOOGLE_CLOUD_PROJECT',
  'GOOGLE_CLOUD_LOCATION',
  'GOOGLE_APPLICATION_CREDENTIALS',
] as const;

export const GEMINI_SIGN_IN =
  'run `gemini` in a terminal as the user of the server and sign in, or give the agent a GEMINI_API_KEY';

/** A tool of ours may wait for a person; Gemini would give it up after ten minutes. */
const TOOL_TIMEOUT_MS = 7 * 24 * 3600 * 1000;

/** The person's own sign-in with Google: used by links, for Gemini renews it by writing into the files. */
const SIGN_IN_FILES = ['oauth_creds.json', 'google_accounts.json'];

export type PreparedGemini =
  | { outcome: 'ready'; argv: [string, ...string[]]; env: Record<string, string> }
  | { outcome: 'unusable'; status: 'auth_failed'; reason: string };

export async function prepareGemini(context: LaunchContext): Promise<PreparedGemini> {
  const [name = 'gemini', ...options] = context.command ?? ['gemini'];
  const program = await findProgram(name, context.env['PATH'] ?? '');
  if (program === null)
    return unusable(
      `${name} is not installed where agents look (PATH of the server); install it with \`npm install -g @google/gemini-cli\`, sign in with \`gemini\`, and start the agent again`,
    );
  // Gemini takes its home from here, and keeps everything in `.gemini` below it.
  const home = join(context.directory, 'gemini');
  await mkdir(join(home, '.gemini'), { recursive: true, mode: 0o700 });
  const own = await ownSettings(context.env);
  const auth = keyType(context.env) ?? ((await linkSignIn(home, context.env)) ? 'oauth-personal' : null);
  if (auth === null) return unusable(`Gemini is not signed in — ${GEMINI_SIGN_IN}, and start it again`);
  await writePrivate(join(home, '.gemini', 'settings.json'), JSON.stringify(settings(context, { own, auth }), null, 1));
  const memory = join(home, '.gemini', 'GEMINI.md');
  if (context.instructions) await writePrivate(memory, `${context.instructions}\n`);
  else await rm(memory, { force: true });
  if (context.fresh) await forgetConversation(context.directory);
  await keepConversations(join(home, '.gemini', 'tmp'));
  return {
    outcome: 'ready',
    argv: [program, ...options, '--acp', ...(context.model ? ['--model', context.model] : [])],
    env: {
      ...context.env,
      GEMINI_CLI_HOME: home,
      // We ask a person before the first start in a directory that brings settings of its own.
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
      // It would start itself again with more memory, and its first process would be all that we see.
      GEMINI_CLI_NO_RELAUNCH: 'true',
    },
  };
}

/**
 * Gemini names the file of a conversation by the minute and its id, and a program that resumes it begins a file of that
 * kind first: in the minute in which the conversation began, that is the same file, and what was said is gone from it
 * (measured with 0.61.0). Under another name it is found as well.
 */
async function keepConversations(directory: string): Promise<void> {
  const files = await readdir(directory, { recursive: true }).catch(() => []);
  for (const file of files) {
    const found = /^(.*\/chats\/session-)(\d{4}-.*\.jsonl)$/.exec(file);
    if (!found) continue;
    const kept = join(directory, `${found[1]}kept-${found[2]}`);
    // What comes under the old name later is only the beginning that a resuming program made.
    if (!(await stat(kept).catch(() => null))) await rename(join(directory, file), kept);
  }
}

function unusable(reason: string): PreparedGemini {
  return { outcome: 'unusable', status: 'auth_failed', reason };
}

function keyType(env: LaunchContext['env']): string | null {
  if (env['GOOGLE_GENAI_USE_VERTEXAI'] === 'true') return 'vertex-ai';
  return env['GEMINI_API_KEY'] || env['GOOGLE_API_KEY'] ? 'gemini-api-key' : null;
}

async function linkSignIn(home: string, env: LaunchContext['env']): Promise<boolean> {
  const theirs = join(env['GEMINI_CLI_HOME'] ?? env['HOME'] ?? '/', '.gemini');
  let found = false;
  for (const name of SIGN_IN_FILES) {
    const link = join(home, '.gemini', name);
    await rm(link, { force: true });
    if (!(await stat(join(theirs, name)).catch(() => null))) continue;
    await symlink(join(theirs, name), link);
    found ||= name === SIGN_IN_FILES[0];
  }
  return found;
}

/** The person's own: how often it tries again and the like stay as they are used to. */
async function ownSettings(env: LaunchContext['env']): Promise<Json> {
  const file = join(env['GEMINI_CLI_HOME'] ?? env['HOME'] ?? '/', '.gemini', 'settings.json');
  try {
    const found: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isObject(found) ? found : {};
  } catch {
    return {};
  }
}

/** Written anew at each start. What an agent may do is told to each session instead. */
function settings({ tools }: LaunchContext, { own, auth }: { own: Json; auth: string }): Json {
  const general = object(own['general']);
  return {
    general: {
      ...('maxAttempts' in general ? { maxAttempts: general['maxAttempts'] } : {}),
      ...('retryFetchErrors' in general ? { retryFetchErrors: general['retryFetchErrors'] } : {}),
      enableAutoUpdate: false,
      enableAutoUpdateNotification: false,
    },
    ...('model' in own ? { model: own['model'] } : {}),
    security: { auth: { selectedType: auth }, folderTrust: { enabled: false } },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    ...(tools
      ? {
          mcpServers: {
            pointsman: {
              httpUrl: tools.url,
              headers: { Authorization: `Bearer ${tools.token}` },
              timeout: TOOL_TIMEOUT_MS,
              // What these tools may do is decided by us, not by the CLI.
              trust: true,
            },
          },
        }
      : {}),
  };
}
