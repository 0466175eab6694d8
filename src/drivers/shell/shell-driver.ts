/**
 * Agents of kind `shell`: an interactive bash or zsh that a person can use by hand, and in which a task is one
 * command line whose start and end the shell itself proves. Any other program is launched and shown, but takes no tasks.
 */
import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import type { AgentConnection, AgentDriver, LaunchContext } from '../../ports/agent-driver.ts';
import { bashRc } from './bash-integration.ts';
import { recognizeShell } from './recognize-shell.ts';
import { connectShell } from './shell-connection.ts';
import { prepareShellFiles, shellFiles, writeWhole } from './shell-files.ts';
import { inertName } from './shell-quoting.ts';
import { zshRc } from './zsh-integration.ts';

/** With this variable set to 1 the shell reads the user's own rc file first. */
const USER_RC = 'POINTSMAN_SHELL_USER_RC';

export function createShellDriver(): AgentDriver {
  return {
    kind: 'shell',
    mode: 'tmux',
    directories: 'per_task',
    credentials: [],
    workspaceSettings: async () => [],

    async launch(context) {
      const { env, workspace: cwd, command } = context;
      const recognized = recognizeShell(command);
      if (recognized.shell === 'none') return { outcome: 'ready', argv: recognized.argv, cwd, env };
      const files = shellFiles(context.directory);
      await prepareShellFiles(files);
      await writeWhole(files.name, `${inertName(context.name)}\n`);
      const { program, args, login } = recognized;
      const rc = { directory: files.directory, login, userRc: env[USER_RC] === '1' };
      if (recognized.shell === 'bash') {
        const file = join(files.directory, 'bashrc');
        await writeWhole(file, bashRc(rc));
        return {
          outcome: 'ready',
          argv: [program, '--noprofile', '--rcfile', file, ...args, '-i'],
          cwd,
          env: bashEnvironment(env),
        };
      }
      const zdotdir = join(files.directory, 'zsh');
      await mkdir(zdotdir, { recursive: true, mode: 0o700 });
      await writeWhole(join(zdotdir, '.zshrc'), zshRc({ ...rc, userZdotdir: env['ZDOTDIR'] }));
      return { outcome: 'ready', argv: [program, ...args, '-i'], cwd, env: withLocale({ ...env, ZDOTDIR: zdotdir }) };
    },

    async connect({ session, context, observe }) {
      const recognized = recognizeShell(context.command);
      if (recognized.shell === 'none') return plainProgram({ context, observe, reason: recognized.reason });
      return connectShell({ shell: recognized.shell, session, files: shellFiles(context.directory), observe });
    },
  };
}

/** Its end is told by the session; nothing else about it is known. */
function plainProgram({
  observe,
  reason,
}: {
  context: LaunchContext;
  observe: Parameters<AgentDriver['connect']>[0]['observe'];
  reason: string;
}): AgentConnection {
  observe({
    type: 'status',
    status: 'no_signal',
    source: 'process',
    reason: `the program runs; ${reason}`,
    at: new Date().toISOString(),
  });
  return {
    deliver: async () => ({ outcome: 'refused', code: 'AGENT_NOT_A_SHELL', reason }),
    recover: async () => ({ outcome: 'not_started' }),
    interrupt: async () => undefined,
    answer: async () => ({ outcome: 'gone', reason }),
    close: () => undefined,
  };
}

/** In POSIX mode bash would not read our rc file. */
function bashEnvironment(env: LaunchContext['env']): Record<string, string> {
  const { POSIXLY_CORRECT: _, SHELLOPTS: __, ...rest } = env;
  return withLocale(rest);
}

/** In the C locale an editor of command lines takes the bytes of a letter for commands. */
function withLocale(env: Record<string, string>): Record<string, string> {
  const told = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  return told ? env : { ...env, LC_CTYPE: 'C.UTF-8' };
}
