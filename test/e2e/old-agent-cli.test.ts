/** An agent whose command line is older than the measured one, or does not tell its version: it works, and people are told. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Agent } from '../../src/contract/agents.ts';
import { agentCli, agentCliMissing } from '../support/agent-cli.ts';
import { claudeAgent } from '../support/claude-agent.ts';
import { type ModelEndpoint, startModelEndpoint } from '../support/model-endpoint.ts';
import {
  makeHome,
  type Pointsman,
  removeHome,
  spawnPointsman,
  startPointsman,
  until,
} from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { finishedTask, giveTask, untilAgent } from '../support/shell-agents.ts';

const missing = agentCliMissing('claude');

describe.skipIf(missing !== null)(`an agent with an old command line${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let home: string;
  let bin: string;
  let database: TestDatabase;
  let server: Pointsman;
  let model: ModelEndpoint;
  let agent: Agent;

  const start = async () => {
    // The agent finds its program where the server does.
    const env = { POINTSMAN_DATABASE_URL: database.url, PATH: `${bin}${path.delimiter}${process.env['PATH']}` };
    return startPointsman({ home, env });
  };

  /** The real program, but for what it says of its version. */
  const install = (version: string) => {
    const file = path.join(bin, 'claude');
    writeFileSync(
      file,
      `#!/bin/sh\n[ "$*" = --version ] && { ${version}; exit; }\nexec '${agentCli('claude')}' "$@"\n`,
    );
    chmodSync(file, 0o755);
  };

  const warned = async (words: string) =>
    until(`a warning with “${words}”`, async () => {
      const { body } = await server.request<Agent>('GET', `/api/agents/${agent.id}`);
      return body.warnings?.some((one) => one.includes(words)) ? body : null;
    });

  const restart = async () => {
    const at = new Date().toISOString();
    expect((await server.request('POST', `/api/agents/${agent.id}/restart`)).status).toBe(202);
    await until('the restart', async () => {
      const { body } = await server.request<Agent>('GET', `/api/agents/${agent.id}`);
      return body.status === 'idle' && body.statusSince > at ? body : null;
    });
  };

  const explain = async (): Promise<string> => {
    const env = { POINTSMAN_DATABASE_URL: database.url, NO_COLOR: '1' };
    const child = spawnPointsman({ home, env }, ['agents', 'explain', agent.name]);
    let printed = '';
    child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await new Promise((resolve) => child.on('close', resolve));
    return printed.replaceAll(/\s+/g, ' ');
  };

  beforeAll(async () => {
    home = makeHome();
    const workspace = path.join(home, 'work space');
    bin = path.join(home, 'bin');
    for (const directory of [workspace, bin]) mkdirSync(directory);
    install("echo '2.1.9 (Claude Code)'");
    model = await startModelEndpoint();
    database = await createTestDatabase();
    server = await start();
    agent = await claudeAgent(server, model, {
      name: 'old',
      mode: 'headless',
      workspace: { path: workspace },
      command: ['claude'],
    });
  });

  afterAll(async () => {
    await removeHome(home);
    await database.drop();
    await model.close();
  });

  test('is warned of where people look, and works', async () => {
    const [warning = ''] = (await warned('Claude Code 2.1.9 is older than 2.1.330')).warnings ?? [];
    expect(warning).toContain('npm install -g @anthropic-ai/claude-code');
    const { body } = await server.request('GET', `/api/agents/${agent.id}/explain`);
    expect(body.warnings).toEqual([warning]);
    expect(await explain()).toContain('Claude Code 2.1.9 is older than 2.1.330');
    expect(await finishedTask(server, (await giveTask(server, agent.id, 'STUB:text fine')).id)).toMatchObject({
      status: 'succeeded',
      result: { text: 'fine' },
    });
  });

  test('is warned of by the program that runs, also when the server comes back and another one is installed', async () => {
    await server.kill('SIGKILL');
    install("echo '2.1.330 (Claude Code)'");
    server = await start();
    await untilAgent(server, agent.id, 'idle');
    await warned('Claude Code 2.1.9 is older');
  });

  test('is warned of no more once it was started with a newer one', async () => {
    await restart();
    await finishedTask(server, (await giveTask(server, agent.id, 'STUB:text newer')).id);
    const { body } = await server.request('GET', `/api/agents/${agent.id}`);
    expect(body.warnings).toBeUndefined();
    expect((await server.request('GET', `/api/agents/${agent.id}/explain`)).body.warnings).toEqual([]);
    expect(await explain()).not.toContain('older than');
  });

  test('whose program tells no version is said to have an unknown one, and starts all the same', async () => {
    install('exit 1');
    await restart();
    await warned('The version of Claude Code is unknown');
  });
});
