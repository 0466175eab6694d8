/** Agents of kind `opencode`: one long-lived `opencode serve` that speaks HTTP on loopback, behind a password of ours. */
import type { AgentDriver } from '../../ports/agent-driver.ts';
import { settingsIn } from '../workspace-settings.ts';
import { OPENCODE_CLI } from './opencode-cli.ts';
import { connectOpencode } from './opencode-connection.ts';
import { OPENCODE_CREDENTIALS, prepareOpencode } from './opencode-home.ts';
import { PATIENCE, type Patience } from './patience.ts';

export function createOpencodeDriver(patience: Partial<Patience> = {}): AgentDriver {
  return {
    kind: 'opencode',
    mode: 'headless',
    cli: OPENCODE_CLI,
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
