/** Finds Claude Code sessions that a person started, by the file that each writes about itself, and takes them in. */
import { basename, isAbsolute, join } from 'node:path';
import type { Adoption } from '../../../ports/agent-driver.ts';
import type { RunningProgram } from '../../../ports/agent-host.ts';
import { noteOrigin } from '../../conversation-origin.ts';
import { findProgram } from '../../find-program.ts';
import { storeConversation } from '../../private-file.ts';
import { CLAUDE_CREDENTIALS } from '../claude-home.ts';
import { readSession } from '../interactive/session-file.ts';
import { observeClaude } from './observe-claude.ts';

export const claudeAdoption: Adoption = {
  async recognise(program) {
    const configDirectory = configDirectoryOf(program.env);
    const session = readSession(configDirectory, program.pid);
    // A file that an earlier process with this number left, and what no person sits at (`claude -p`, an SDK).
    if (!session || session.process !== String(program.startTicks) || session.entrypoint.startsWith('sdk')) return null;
    const setUp = await commandOf(program);
    const { job, isBackground } = session;
    // Nobody could end it for good; it says its job a moment after its beginning.
    if (isBackground && (!/^\w[\w-]{0,63}$/.test(job ?? '') || !setUp.command)) return null;
    return {
      conversation: session.conversation,
      directory: session.directory,
      since: session.startedAt,
      ...(session.name === undefined ? {} : { title: session.name }),
      ...(job !== undefined && setUp.command
        ? { endWith: { argv: [setUp.command[0], 'stop', job], env: programEnvironment(program.env) } }
        : {}),
      setUp: {
        ...setUp,
        env: environmentOf(program.env, configDirectory),
        ...modelOf(program.argv),
      },
    };
  },

  async takeIn({ program, found, directory }) {
    await noteOrigin(directory, configDirectoryOf(program.env));
    await storeConversation(directory, found.conversation);
  },

  observe: async ({ session, context, observe }) =>
    observeClaude({ session, agentDirectory: context.directory, observe }),
};

function configDirectoryOf(env: RunningProgram['env']): string {
  return env['CLAUDE_CONFIG_DIR'] || join(env['HOME'] ?? '/', '.claude');
}

/** The same program, found the way that its shell found it; a spare of Claude Code's service has a title for arguments. */
async function commandOf({ argv: [name = ''], executable, env, cwd }: RunningProgram): Promise<{ command?: [string] }> {
  const found = await findProgram(name, env['PATH'] ?? '');
  if (found !== null) return { command: [isAbsolute(found) ? found : join(cwd, found)] };
  const isItself = basename(executable).startsWith('claude') && (await findProgram(executable, '')) !== null;
  return isItself ? { command: [executable] } : {};
}

/** By which Claude Code finds its service. */
function programEnvironment(env: RunningProgram['env']): Record<string, string> {
  const names = ['HOME', 'PATH', 'CLAUDE_CONFIG_DIR', 'TMPDIR'];
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]] as const] : [])));
}

/** What it is signed in with. Where its own sign-in lies is for the next launch to link to. */
function environmentOf(env: RunningProgram['env'], configDirectory: string): Record<string, string> {
  const own = CLAUDE_CREDENTIALS.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
  const isUsual = configDirectory === configDirectoryOf(process.env as Record<string, string>);
  return { ...Object.fromEntries(own), ...(isUsual ? {} : { CLAUDE_CONFIG_DIR: configDirectory }) };
}

function modelOf(argv: readonly string[]): { model?: string } {
  const at = argv.indexOf('--model');
  const model = at === -1 ? argv.find((word) => word.startsWith('--model='))?.slice('--model='.length) : argv[at + 1];
  return model ? { model } : {};
}
