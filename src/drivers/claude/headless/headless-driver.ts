/**
 * Agents of kind `claude` in mode `headless`: one long-lived Claude Code that speaks stream-json. Its input is a named
 * pipe and its output a file, both in the agent's directory, so that it goes on while no server runs.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { AgentDriver } from '../../../ports/agent-driver.ts';
import { CLAUDE_CREDENTIALS, prepareClaude } from '../claude-home.ts';
import { connectHeadless } from './headless-connection.ts';
import { headlessFiles } from './headless-files.ts';

/**
 * `<>` holds the pipe open at both ends: no end of input when a writer goes, no wait for one. Descriptor 9 holds the
 * terminal: tmux hangs up on a program that has let go of it.
 */
const LAUNCH =
  'umask 077; input=$1 output=$2 errors=$3; shift 3; mkfifo "$input" || exit 1; exec "$@" <>"$input" >>"$output" 2>>"$errors" 9>/dev/tty';

const STREAM_JSON = [
  '--print',
  '--input-format',
  'stream-json',
  '--output-format',
  'stream-json',
  '--verbose',
  '--permission-prompt-tool',
  'stdio',
  '--replay-user-messages',
];

export function createClaudeHeadlessDriver(): AgentDriver {
  return {
    kind: 'claude',
    mode: 'headless',
    credentials: CLAUDE_CREDENTIALS,

    async launch(context) {
      const claude = await prepareClaude(context);
      if (claude.outcome === 'unusable') return claude;
      const files = headlessFiles(context.directory);
      // A new session begins with nothing read and nothing written; the conversation itself is Claude Code's own record.
      await rm(files.directory, { recursive: true, force: true });
      await mkdir(files.directory, { recursive: true, mode: 0o700 });
      await writeFile(files.output, '', { mode: 0o600 });
      return {
        outcome: 'ready',
        argv: [
          '/bin/sh',
          '-c',
          LAUNCH,
          'pointsman',
          files.input,
          files.output,
          files.errors,
          ...claude.argv,
          ...STREAM_JSON,
          ...claude.options,
        ],
        cwd: context.workspace,
        env: claude.env,
      };
    },

    connect: ({ session, context, observe }) =>
      connectHeadless({ session, files: headlessFiles(context.directory), observe }),
  };
}
