/**
 * Finds Codex sessions that a person started, by the conversation that was begun in their directory since, and takes
 * them in. Codex at a terminal talks to a service which writes the record for all of its sessions, so process and record
 * are told to belong together only where nothing else could: one Codex in a directory.
 */
import { cp, mkdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Adoption } from '../../../ports/agent-driver.ts';
import type { RunningProgram } from '../../../ports/agent-host.ts';
import { noteOrigin, originOf } from '../../conversation-origin.ts';
import { findProgram } from '../../find-program.ts';
import { storeConversation, storedConversation } from '../../private-file.ts';
import { observeCodex } from './observe-codex.ts';
import { rolloutPath, rolloutsSince, type Rollout } from './rollouts.ts';

const CREDENTIALS = ['OPENAI_API_KEY', 'CODEX_API_KEY', 'CODEX_ACCESS_TOKEN', 'OPENAI_BASE_URL'] as const;
/** Codex without a person at it, or that goes on with an earlier conversation, which its process does not tell. */
const OTHER_COMMANDS = /^(exec|e|review|login|logout|mcp|mcp-server|app-server|app|resume|fork|cloud|sandbox|doctor)$/;

export const codexAdoption: Adoption = {
  async recognise(program, all) {
    if (!isAtTerminal(program) || all.some((other) => other !== program && isTwin(other, program))) return null;
    const home = codexHomeOf(program.env);
    const rollout = newestOf(home, { directory: program.cwd, since: program.startedAt });
    if (!rollout) return null;
    const isKnown = (await findProgram(program.executable, '')) !== null;
    const own = CREDENTIALS.flatMap((name) => (program.env[name] ? [[name, program.env[name]] as const] : []));
    const isUsual = home === codexHomeOf(process.env as Record<string, string>);
    return {
      conversation: rollout.conversation,
      directory: rollout.directory,
      since: program.startedAt,
      // Its service is its child, and serves the other sessions of the person.
      endAlone: true,
      setUp: {
        ...(isKnown ? { command: [program.executable] } : {}),
        env: { ...Object.fromEntries(own), ...(isUsual ? {} : { CODEX_HOME: home }) },
      },
    };
  },

  async takeIn({ program, found, directory }) {
    await noteOrigin(directory, codexHomeOf(program.env));
    await storeConversation(directory, found.conversation);
  },

  async observe({ session, context, observe }) {
    const home = await originOf(context.directory);
    const conversation = await storedConversation(context.directory);
    const path = home === null || conversation === null ? null : rolloutPath(home, conversation);
    if (home === null || conversation === null || path === null)
      throw new Error('the record of its conversation is gone');
    return observeCodex({ session, conversation, file: join(home, 'sessions', path), observe });
  },
};

interface OwnHome {
  agentDirectory: string;
  codexHome: string;
}

/** Before a launch: the record is copied where the agent's own Codex looks, and the person's stays as it is. */
export async function bringRollout(own: OwnHome): Promise<void> {
  const adopted = await adoptedRollout(own);
  if (!adopted) return;
  const target = join(own.codexHome, 'sessions', adopted.path);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  await cp(adopted.file, `${target}.new`);
  await rename(`${target}.new`, target);
}

/** The person's record of an adopted conversation, until the agent's own Codex has one; `path` is that below `sessions`. */
export async function adoptedRollout(own: OwnHome): Promise<{ file: string; path: string } | null> {
  const from = await originOf(own.agentDirectory);
  const conversation = await storedConversation(own.agentDirectory);
  if (from === null || conversation === null || rolloutPath(own.codexHome, conversation) !== null) return null;
  const path = rolloutPath(from, conversation);
  return path === null ? null : { file: join(from, 'sessions', path), path };
}

function newestOf(home: string, { directory, since }: { directory: string; since: string }): Rollout | undefined {
  return rolloutsSince(home, since).find(
    (one) => one.directory === directory && one.originator.startsWith('codex-tui'),
  );
}

function isAtTerminal({ executable, argv }: RunningProgram): boolean {
  return basename(executable) === 'codex' && !argv.slice(1).some((word) => OTHER_COMMANDS.test(word));
}

/** Which of the two a new conversation belongs to, nobody could tell. */
function isTwin(one: RunningProgram, other: RunningProgram): boolean {
  const isCodex = basename(one.executable) === 'codex' && !one.argv.includes('app-server');
  return isCodex && one.cwd === other.cwd && codexHomeOf(one.env) === codexHomeOf(other.env);
}

function codexHomeOf(env: RunningProgram['env']): string {
  return env['CODEX_HOME'] || join(env['HOME'] ?? '/', '.codex');
}
