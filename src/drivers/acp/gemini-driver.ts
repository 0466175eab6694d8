/** Agents of kind `gemini`: Gemini CLI, which can be driven only by ACP. */
import type { AgentDriver, ObservedStatus } from '../../ports/agent-driver.ts';
import { launchPiped, pipedFiles } from '../launch-piped.ts';
import { settingsIn } from '../workspace-settings.ts';
import { readTranscript } from '../read-transcript.ts';
import { connectAcp } from './acp-connection.ts';
import type { RpcError } from './acp-event.ts';
import { acpRecordFile, readAcpRow } from './acp-record.ts';
import { MODEL_SILENCE_MS } from './acp-driver.ts';
import { GEMINI_CLI } from './gemini-cli.ts';
import { GEMINI_CREDENTIALS, GEMINI_SIGN_IN, prepareGemini } from './gemini-home.ts';

export function createGeminiDriver({
  modelSilenceMs = MODEL_SILENCE_MS,
}: { modelSilenceMs?: number } = {}): AgentDriver {
  return {
    kind: 'gemini',
    mode: 'headless',
    cli: GEMINI_CLI,
    directories: 'per_session',
    credentials: GEMINI_CREDENTIALS,
    // A `.env` of the directory is read into its environment.
    workspaceSettings: settingsIn('.gemini', '.env'),
    usesTools: true,

    async launch(context) {
      const gemini = await prepareGemini(context);
      if (gemini.outcome === 'unusable') return gemini;
      const files = pipedFiles(context.directory);
      const argv = await launchPiped(files, gemini.argv, 'underShell');
      const env = { ...gemini.env, GEMINI_DEBUG_LOG_FILE: files.errors };
      return { outcome: 'ready', argv, cwd: context.workspace, env };
    },

    transcript: ({ directory }, range) =>
      readTranscript({ files: [acpRecordFile(directory)], readRow: readAcpRow, ...range }),

    connect: ({ session, context, observe }) =>
      connectAcp({
        session,
        files: pipedFiles(context.directory),
        context,
        observe,
        agent: {
          name: 'Gemini',
          signIn: GEMINI_SIGN_IN,
          modelSilenceMs,
          hasToolsOfItsOwn: true,
          hasInstructionsOfItsOwn: true,
          isNotice: (text) => /^\[MODE_UPDATE\] \w+$/.test(text),
          readError: retryIn,
        },
      }),
  };
}

/** Only its log says that it tries again (measured with 0.61.0). */
function retryIn(line: string): { status: ObservedStatus; error: RpcError } | null {
  const found = /^\[\S+\] \[WARN\] Attempt (\d+) failed(?: with status (\d+))?[.:].* Retrying (with|after)/.exec(line);
  if (!found) return null;
  const [, attempt = '', told = '', how = ''] = found;
  // It waits for a told time only where a limit was reached.
  const limited = told === '429' || how === 'after';
  return {
    status: limited ? 'rate_limited' : 'working',
    error: {
      code: limited ? 429 : 0,
      message: `the model's endpoint failed${told === '' ? '' : ` with ${told}`} at attempt ${attempt}; it tries again`,
    },
  };
}
