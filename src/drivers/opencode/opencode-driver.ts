/** Agents of kind `opencode`: one long-lived `opencode serve` that speaks HTTP on loopback, behind a password of ours. */
import type { AgentDriver } from '../../ports/agent-driver.ts';
import { settingsIn } from '../workspace-settings.ts';
import { connectOpencode, type Patience } from './opencode-connection.ts';
import { OPENCODE_CREDENTIALS, prepareOpencode } from './opencode-home.ts';

const PATIENCE: Patience = {
  /** Models that think hard are silent for minutes. */
  modelSilenceMs: 15 * 60_000,
  /** opencode itself gives up after five tries, a minute altogether, unless the endpoint names a later time. */
  retryMs: 10 * 60_000,
};

export function createOpencodeDriver(patience: Partial<Patience> = {}): AgentDriver {
  return {
    kind: 'opencode',
    mode: 'headless',
    // A conversation of opencode belongs to a directory, whatever a prompt says.
    directories: 'per_session',
    credentials: OPENCODE_CREDENTIALS,
    workspaceSettings: settingsIn('opencode.json', 'opencode.jsonc', '.opencode', '.claude/skills', '.agents/skills'),
    usesTools: true,

    async launch(context) {
      const opencode = await prepareOpencode(context);
      if (opencode.outcome === 'unusable') return opencode;
      return { outcome: 'ready', argv: opencode.argv, cwd: context.workspace, env: opencode.env };
    },

    connect: ({ session, context, observe }) =>
      connectOpencode({ session, context, patience: { ...PATIENCE, ...patience }, observe }),
  };
}
