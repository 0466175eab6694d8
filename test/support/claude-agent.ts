/** A real Claude Code as an agent of a Pointsman under test, with a model on loopback. */
import { expect } from 'vitest';
import type { Agent, CreateAgent } from '../../src/contract/agents.ts';
import { agentCli } from './agent-cli.ts';
import type { ModelEndpoint } from './model-endpoint.ts';
import type { Pointsman } from './pointsman-process.ts';
import { untilAgent } from './shell-agents.ts';

/** Created and waiting for a prompt, or in the status named. */
export async function claudeAgent(
  server: Pointsman,
  model: ModelEndpoint,
  options: Partial<CreateAgent> & Pick<CreateAgent, 'name' | 'mode' | 'workspace'>,
  status: Agent['status'] = 'idle',
): Promise<Agent> {
  const created = await server.request('POST', '/api/agents', {
    kind: 'claude',
    autostart: true,
    command: [agentCli('claude')],
    env: {
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: 'sk-ant-stub-0123456789abcdefghij',
      CLAUDE_CODE_MAX_RETRIES: '1',
    },
    ...options,
  });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  return untilAgent(server, created.body.id, status);
}
