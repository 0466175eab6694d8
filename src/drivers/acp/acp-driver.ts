/** Agents of kind `acp`: any program that speaks the Agent Client Protocol over standard input and output. */
import type { AgentDriver } from '../../ports/agent-driver.ts';
import { findProgram } from '../find-program.ts';
import { launchPiped, pipedFiles } from '../launch-piped.ts';
import { forgetConversation } from '../private-file.ts';
import { settingsIn } from '../workspace-settings.ts';
import { readTranscript } from '../read-transcript.ts';
import { connectAcp } from './acp-connection.ts';
import { acpRecordFile, readAcpRow } from './acp-record.ts';

/** Models that think hard are silent for minutes. */
export const MODEL_SILENCE_MS = 15 * 60_000;

export function createAcpDriver({ modelSilenceMs = MODEL_SILENCE_MS }: { modelSilenceMs?: number } = {}): AgentDriver {
  return {
    kind: 'acp',
    mode: 'headless',
    directories: 'per_session',
    // Nobody knows by what an unknown program is signed in: an administrator gives it what it needs.
    credentials: [],
    // Nor what it acts on by itself: what any of the well-known ones does is shown.
    workspaceSettings: settingsIn('.claude', '.codex', '.gemini', '.opencode', '.mcp.json', 'opencode.json'),
    usesTools: true,

    async launch(context) {
      const [name, ...options] = context.command ?? [];
      if (name === undefined)
        return {
          outcome: 'unusable',
          status: 'crashed',
          reason: 'it has no command: give the agent the program that speaks ACP, for example `["opencode", "acp"]`',
        };
      const program = await findProgram(name, context.env['PATH'] ?? '');
      if (program === null)
        return {
          outcome: 'unusable',
          status: 'crashed',
          reason: `${name} is not installed where agents look (PATH of the server); install it, or correct the command`,
        };
      if (context.fresh) await forgetConversation(context.directory);
      const argv = await launchPiped(pipedFiles(context.directory), [program, ...options], 'underShell');
      return { outcome: 'ready', argv, cwd: context.workspace, env: { ...context.env } };
    },

    transcript: ({ directory }, range) =>
      readTranscript({ files: [acpRecordFile(directory)], readRow: readAcpRow, ...range }),

    connect: ({ session, context, observe }) => {
      const [name = 'the agent'] = context.command ?? [];
      return connectAcp({
        session,
        files: pipedFiles(context.directory),
        context,
        observe,
        agent: { name, signIn: `sign ${name} in as its own documentation says`, modelSilenceMs },
      });
    },
  };
}
