/** Agents of kind `codex`: one long-lived `codex app-server` that speaks JSON-RPC. */
import type { AgentDriver } from '../../ports/agent-driver.ts';
import { settingsIn } from '../workspace-settings.ts';
import { launchPiped, pipedFiles } from '../launch-piped.ts';
import { codexAdoption } from './adopted/codex-adoption.ts';
import { readTranscript } from '../read-transcript.ts';
import { CODEX_CLI } from './codex-cli.ts';
import { connectCodex } from './codex-connection.ts';
import { CODEX_CREDENTIALS, prepareCodex } from './codex-home.ts';
import { codexTranscripts, readCodexRow } from './codex-transcript.ts';

/** Models that think hard are silent for minutes; Codex itself gives up a stream that pauses for five. */
const MODEL_SILENCE_MS = 15 * 60_000;

export function createCodexDriver({
  modelSilenceMs = MODEL_SILENCE_MS,
}: { modelSilenceMs?: number } = {}): AgentDriver {
  return {
    kind: 'codex',
    mode: 'headless',
    cli: CODEX_CLI,
    directories: 'per_task',
    credentials: CODEX_CREDENTIALS,
    workspaceSettings: settingsIn('.codex'),
    usesTools: true,
    adoption: codexAdoption,

    async launch(context) {
      const codex = await prepareCodex(context);
      if (codex.outcome === 'unusable') return codex;
      // What npm installs as `codex` is a script of Node, which closes what it inherited before it becomes Codex.
      const argv = await launchPiped(pipedFiles(context.directory), codex.argv, 'underShell');
      return { outcome: 'ready', argv, cwd: context.workspace, env: codex.env };
    },

    transcript: async ({ directory }, range) =>
      readTranscript({ files: await codexTranscripts(directory), readRow: readCodexRow, ...range }),

    connect: ({ session, context, observe }) =>
      connectCodex({ session, files: pipedFiles(context.directory), context, modelSilenceMs, observe }),
  };
}
