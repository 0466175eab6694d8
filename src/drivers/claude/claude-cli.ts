/** Claude Code as people install it, in both of its modes. */
import type { AgentCli } from '../../ports/agent-driver.ts';

export const CLAUDE_CLI: AgentCli = {
  name: 'Claude Code',
  program: 'claude',
  measured: '2.1.330',
  install: 'npm install -g @anthropic-ai/claude-code',
};
