/** opencode as people install it. */
import type { AgentCli } from '../../ports/agent-driver.ts';

export const OPENCODE_CLI: AgentCli = {
  name: 'opencode',
  program: 'opencode',
  measured: '1.18.33',
  install: 'npm install -g opencode-ai',
};
