/**
 * “Ship a change” as the demo offers it where Claude Code is found: two Claude Code agents plan and implement in a worktree
 * of the execution, shells test and commit, people allow and approve, and one agent is killed in the middle.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Agent } from '../../src/contract/agents.ts';
import type { Execution } from '../../src/contract/executions.ts';
import type { InboxItem } from '../../src/contract/inbox.ts';
import { agentCli, agentCliMissing } from '../support/agent-cli.ts';
import { type ModelEndpoint, startModelEndpoint } from '../support/model-endpoint.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { processesOf, untilAgent } from '../support/shell-agents.ts';

const missing = agentCliMissing('claude');
const CHANGE = 'Note in SHIPPED.md that this was shipped.';

describe.skipIf(missing !== null)(`Ship a change${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let home: string;
  let database: TestDatabase;
  let server: Pointsman;
  let model: ModelEndpoint;

  beforeAll(async () => {
    home = makeHome();
    model = await startModelEndpoint({ script });
    database = await createTestDatabase();
    // As on a machine of somebody who has installed Claude Code and signed it in by a key.
    const bin = path.join(home, 'bin');
    mkdirSync(bin);
    symlinkSync(agentCli('claude'), path.join(bin, 'claude'));
    server = await startPointsman({
      home,
      env: {
        POINTSMAN_DATABASE_URL: database.url,
        POINTSMAN_DEMO: 'on',
        PATH: `${bin}:${process.env['PATH']}`,
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: 'sk-ant-stub-0123456789abcdefghij',
      },
    });
  });

  afterAll(async () => {
    await removeHome(home);
    await database.drop();
    await model.close();
  });

  test('plans, implements after a crash of its agent, tests, is reviewed, approved, committed and merged', async () => {
    const agents = (await server.request<Agent[]>('GET', '/api/agents')).body;
    const [planner, coder] = ['planner', 'coder'].map((name) => agents.find((agent) => agent.name === name));
    if (!planner || !coder) throw new Error('the Claude Code agents are not there');
    await untilAgent(server, planner.id, 'idle');
    await untilAgent(server, coder.id, 'idle');
    const workflows = (await server.request('GET', '/api/workflows')).body;
    const workflow = workflows.find((one: { name: string }) => one.name === 'Ship a change');
    const started = await server.request<Execution>('POST', `/api/workflows/${workflow.id}/execute`, {
      inputs: { change: CHANGE },
    });
    expect(started.status).toBe(202);

    // The first attempt of the coder is killed while it waits for the model; the second one resumes the conversation.
    await model.asked('Make this change');
    await until('the coder at work', async () =>
      (await stepsOf('implement')).some((step) => step.status === 'running'),
    );
    process.kill(processesOf(home, coder.id).pane, 'SIGKILL');
    const asked = await openItem(({ agentId }) => agentId === coder.id);
    expect(asked).toMatchObject({ type: 'permission', executionId: started.body.id, payload: { tool: 'Bash' } });
    expect(String(asked.payload['cwd'])).toContain('worktrees');
    await resolve(asked, 'allow');

    const approval = await openItem(({ type, executionId }) => type === 'approval' && executionId === started.body.id);
    expect(approval.payload['body']).toContain('I would merge it');
    await resolve(approval, 'approve');
    const done = await until(
      'the end',
      async () => {
        const { body } = await server.request<Execution>('GET', `/api/executions/${started.body.id}`);
        return ['succeeded', 'failed'].includes(body.status) ? body : null;
      },
      60_000,
    );
    expect(done, JSON.stringify(done)).toMatchObject({ status: 'succeeded', outputs: { committed: true } });
    expect(done.usage.inputTokens).toBeGreaterThan(0);
    expect(done.steps.filter((step) => step.nodeId === 'implement').map((step) => step.status)).toEqual([
      'failed',
      'succeeded',
    ]);
    const implemented = done.steps.findLast((step) => step.nodeId === 'implement');
    expect(implemented?.output).toMatchObject({ diff: expect.stringContaining('+shipped') });

    // What was made lies on a branch; merging it brings it into the repository.
    const repository = coder.workspace.path;
    const show = () => execFileSync('git', ['-C', repository, 'ls-files', 'SHIPPED.md'], { encoding: 'utf8' });
    expect(show()).toBe('');
    const release = done.steps.find((step) => step.nodeId === 'release');
    const merged = await server.request('POST', `/api/tasks/${release?.taskId}/merge`);
    expect(merged).toMatchObject({ status: 200, body: { outcome: 'merged' } });
    expect(show()).toBe('SHIPPED.md\n');

    async function stepsOf(nodeId: string) {
      const { body } = await server.request<Execution>('GET', `/api/executions/${started.body.id}`);
      return body.steps.filter((step) => step.nodeId === nodeId);
    }
  });

  async function openItem(fits: (item: InboxItem) => boolean): Promise<InboxItem> {
    return until(
      'an item in the inbox',
      async () => (await server.request<InboxItem[]>('GET', '/api/inbox?state=open')).body.find(fits),
      60_000,
    ).catch(async (error: unknown) => {
      const { body: executions } = await server.request('GET', '/api/executions');
      const { body: execution } = await server.request<Execution>('GET', `/api/executions/${executions[0].id}`);
      const steps = execution.steps.map(({ nodeId, attempt, status, error: failure }) => ({
        nodeId,
        attempt,
        status,
        failure,
      }));
      const { body: agents } = await server.request<Agent[]>('GET', '/api/agents');
      const seen = agents.map(({ name, status, statusReason }) => ({ name, status, statusReason })).slice(-3);
      throw new Error(`${String(error)}\n${JSON.stringify({ name: executions[0].name, steps, seen }, null, 1)}`);
    });
  }

  async function resolve(item: InboxItem, decision: string): Promise<void> {
    const answer = await server.request('POST', `/api/inbox/${item.id}/resolve`, { decision, hash: item.hash });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  }
});

let implementing = 0;

/** What the model does for each prompt of the workflow; the first attempt to implement never gets an answer. */
function script(prompt: string): string {
  if (prompt.includes('plan the following change')) return 'STUB:text 1. Write SHIPPED.md';
  if (prompt.includes('Review the uncommitted changes')) return 'STUB:text I would merge it.';
  if (!prompt.includes('Make this change')) return '';
  implementing += 1;
  if (implementing === 1) return 'STUB:hang';
  const command = `node --eval "require('fs').writeFileSync('SHIPPED.md', 'shipped')"`;
  return `STUB:tool Bash ${JSON.stringify({ command })}\nSTUB:text It is done.`;
}
