/** Codex as people install it. */
import type { AgentCli } from '../../ports/agent-driver.ts';

export const CODEX_CLI: AgentCli = {
  name: 'Codex',
  program: 'codex',
  measured: '0.169.0',
  install: 'npm install -g @openai/codex',
};
