/** Agents of kind `claude` in mode `headless`: one long-lived Claude Code that speaks stream-json. */
import type { AgentDriver } from '../../../ports/agent-driver.ts';
import { launchPiped, pipedFiles } from '../../launch-piped.ts';
import { CLAUDE_CLI } from '../claude-cli.ts';
import { CLAUDE_CREDENTIALS, claudeWorkspaceSettings, prepareClaude } from '../claude-home.ts';
import { claudeTranscript } from '../claude-transcript.ts';
import { connectHeadless } from './headless-connection.ts';

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

/** Tells when a session rests for certain: a turn may be over and go on by itself, woken by a subagent that ended. */
const TELLS_ITS_STATE = { CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS: '1' };

export function createClaudeHeadlessDriver(): AgentDriver {
  return {
    kind: 'claude',
    mode: 'headless',
    cli: CLAUDE_CLI,
    directories: 'per_session',
    credentials: CLAUDE_CREDENTIALS,
    usesTools: true,
    workspaceSettings: claudeWorkspaceSettings,

    async launch(context) {
      const claude = await prepareClaude(context);
      if (claude.outcome === 'unusable') return claude;
      const argv = await launchPiped(pipedFiles(context.directory), [
        ...claude.argv,
        ...STREAM_JSON,
        ...claude.options,
      ]);
      return { outcome: 'ready', argv, cwd: context.workspace, env: { ...claude.env, ...TELLS_ITS_STATE } };
    },

    transcript: claudeTranscript,

    connect: ({ session, context, observe }) =>
      connectHeadless({ session, files: pipedFiles(context.directory), observe }),
  };
}
