/** Gemini CLI as people install it. */
import type { AgentCli } from '../../ports/agent-driver.ts';

export const GEMINI_CLI: AgentCli = {
  name: 'Gemini CLI',
  program: 'gemini',
  measured: '0.61.0',
  install: 'npm install -g @google/gemini-cli',
};
