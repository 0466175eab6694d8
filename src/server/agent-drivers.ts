/** The drivers that there are: one line for each kind of agent in each mode. */
import { createAcpDriver } from '../drivers/acp/acp-driver.ts';
import { createGeminiDriver } from '../drivers/acp/gemini-driver.ts';
import { createClaudeHeadlessDriver } from '../drivers/claude/headless/headless-driver.ts';
import { createClaudeInteractiveDriver } from '../drivers/claude/interactive/claude-interactive-driver.ts';
import { createCodexDriver } from '../drivers/codex/codex-driver.ts';
import { createOneShotDriver } from '../drivers/shell/one-shot/one-shot-driver.ts';
import { createOpencodeDriver } from '../drivers/opencode/opencode-driver.ts';
import { createShellDriver } from '../drivers/shell/shell-driver.ts';
import type { AgentDriver } from '../ports/agent-driver.ts';

export function agentDrivers(): AgentDriver[] {
  return [
    createShellDriver(),
    createOneShotDriver(),
    createClaudeHeadlessDriver(),
    createClaudeInteractiveDriver(),
    createCodexDriver(),
    createGeminiDriver(),
    createOpencodeDriver(),
    createAcpDriver(),
  ];
}
