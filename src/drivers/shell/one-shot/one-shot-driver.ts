/**
 * Agents of kind `shell` without a terminal: each task is one run of the agent's command, and its end is the end of that
 * process. A shell gets the prompt as its command line (`-c`), any other program as its last argument.
 */
import { basename } from 'node:path';
import type { AgentDriver } from '../../../ports/agent-driver.ts';
import { findProgram } from '../../find-program.ts';
import { launchPiped, pipedFiles } from '../../launch-piped.ts';
import { prepareShellFiles, shellFiles } from '../shell-files.ts';
import { connectOneShot } from './one-shot-connection.ts';
import { RUNNER_SCRIPT } from './runner-script.ts';

const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'mksh', 'fish']);

export function createOneShotDriver(): AgentDriver {
  return {
    kind: 'shell',
    mode: 'headless',
    directories: 'per_task',
    credentials: [],
    workspaceSettings: async () => [],

    async launch({ command, directory, workspace: cwd, env }) {
      const [name, options] = commandOf(command);
      const program = await findProgram(name, env['PATH'] ?? '');
      if (program === null)
        return {
          outcome: 'unusable',
          status: 'crashed',
          reason: `${name} is not installed where agents look (PATH of the server); install it, or correct the command`,
        };
      const files = shellFiles(directory);
      await prepareShellFiles(files);
      const how = takesLine(command) ? 'line' : 'argument';
      const runner = ['/bin/sh', '-c', RUNNER_SCRIPT, 'pointsman', files.tasks, how, program, ...options] as const;
      return { outcome: 'ready', argv: await launchPiped(pipedFiles(directory), runner), cwd, env: { ...env } };
    },

    connect: async ({ session, context, observe }) =>
      connectOneShot({
        session,
        pipes: pipedFiles(context.directory),
        files: shellFiles(context.directory),
        workspace: context.workspace,
        takesLine: takesLine(context.command),
        observe,
      }),
  };
}

function commandOf(command: readonly string[] = []): [string, readonly string[]] {
  const [name = 'bash', ...options] = command;
  return [name, options];
}

function takesLine(command: readonly string[] | undefined): boolean {
  return SHELLS.has(basename(commandOf(command)[0]));
}
