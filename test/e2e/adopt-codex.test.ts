/** A Codex that a person runs in their own tmux server, with the real CLI and a model on loopback. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AdoptableSession, Agent } from '../../src/contract/agents.ts';
import { agentCli, agentCliMissing } from '../support/agent-cli.ts';
import { conversationUntil } from '../support/conversation.ts';
import { type ModelEndpoint, startModelEndpoint } from '../support/model-endpoint.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { finishedTask, giveTask, isRunning, untilAgent } from '../support/shell-agents.ts';
import { endProgramsOf } from '../support/own-session.ts';

const missing = agentCliMissing('codex');

describe.skipIf(missing !== null)(
  `a Codex in a person's own tmux server${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let home: string;
    let workspace: string;
    let person: string;
    let database: TestDatabase;
    let server: Pointsman;
    let model: ModelEndpoint;
    let session: AdoptableSession;
    let agent: Agent;

    const tmux = (...args: string[]) =>
      execFileSync('tmux', ['-S', path.join(home, 'own.sock'), ...args], { encoding: 'utf8' });
    const inWorkspace = async () =>
      (await server.request<AdoptableSession[]>('GET', '/api/adoptable')).body.filter(
        ({ directory }) => directory === workspace,
      );
    /** Presses Enter until the model was asked: in its first moments Codex takes it for part of a paste. */
    const says = async (text: string) => {
      tmux('send-keys', '-t', '%0', '-l', text);
      await until('the prompt to be taken', async () => {
        tmux('send-keys', '-t', '%0', 'Enter');
        return model.requests.some(({ prompt }) => prompt.includes(text));
      });
    };

    beforeAll(async () => {
      home = makeHome();
      workspace = path.join(home, 'project');
      person = path.join(home, 'person');
      mkdirSync(workspace);
      mkdirSync(path.join(person, '.codex'), { recursive: true });
      model = await startModelEndpoint();
      const config = [
        'model_provider = "pointsman"',
        'check_for_update_on_startup = false',
        '[model_providers.pointsman]',
        'name = "Pointsman"',
        `base_url = "${model.url}/v1"`,
        'wire_api = "responses"',
        'env_key = "OPENAI_API_KEY"',
        `[projects."${workspace}"]`,
        'trust_level = "trusted"',
      ];
      writeFileSync(path.join(person, '.codex/config.toml'), config.join('\n'));
      database = await createTestDatabase();
      execFileSync(
        'tmux',
        ['-S', path.join(home, 'own.sock'), '-f', '/dev/null', 'new-session', '-d', '-s', 'mine'].concat(
          ['-x', '90', '-y', '28', '-c', workspace],
          ['/bin/sh', '-c', `'${agentCli('codex')}'; exec sleep 600`],
        ),
        {
          env: {
            HOME: person,
            PATH: process.env['PATH'] ?? '',
            TERM: 'xterm-256color',
            LANG: 'C.UTF-8',
            OPENAI_API_KEY: 'sk-stub',
            OPENAI_BASE_URL: `${model.url}/v1`,
          },
        },
      );
      server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
      await until('its input line', async () => tmux('capture-pane', '-p', '-t', '%0').includes('for shortcuts'));
    });

    afterAll(async () => {
      tmux('kill-server');
      endProgramsOf(person);
      await removeHome(home);
      await database.drop();
      await model.close();
    });

    test('is found by the conversation that it has begun, and taken in as it is', async () => {
      await says('remember KIWI STUB:text noted');
      session = await until('the session', async () => (await inWorkspace())[0]);
      expect(session).toMatchObject({ kind: 'codex', terminal: { paneId: '%0', sessionName: 'mine' } });
      const adopted = await server.request<Agent>('POST', '/api/agents/adopt', {
        session: session.session,
        name: 'my codex',
      });
      expect(adopted.status, JSON.stringify(adopted.body)).toBe(201);
      agent = await untilAgent(server, adopted.body.id, 'idle');
      expect(agent).toMatchObject({ kind: 'codex', mode: 'headless', statusSource: 'session_file' });
      const { body: screen } = await server.request('GET', `/api/agents/${agent.id}/screen`);
      expect(screen.screen).toContain('remember KIWI');
    });

    test('is followed through a turn, and is not restarted in the middle of one', async () => {
      await says('STUB:hold talk yes');
      await untilAgent(server, agent.id, 'working');
      const refused = await server.request('POST', `/api/agents/${agent.id}/restart`);
      expect(refused).toMatchObject({ status: 409, body: { code: 'AGENT_BUSY' } });
      expect(isRunning(session.pid)).toBe(true);
      model.release('talk');
      await untilAgent(server, agent.id, 'idle');
      const { body } = await server.request<Agent>('GET', `/api/agents/${agent.id}`);
      expect(body.tokens).toBeGreaterThan(0);
      expect((await conversationUntil(server, agent.id, 'assistant: yes')).at(-2)).toBe('user: STUB:hold talk yes');
    });

    test('goes on with its conversation when it is restarted; the service of its other sessions stays', async () => {
      const services = () =>
        readdirSync('/proc').filter((name) => {
          try {
            const said = readFileSync(`/proc/${name}/cmdline`, 'utf8');
            return said.includes('--managed-daemon') && said.startsWith(person);
          } catch {
            return false; // no process, or one that ended
          }
        });
      const before = services();
      expect(before).toHaveLength(1);
      expect((await server.request('POST', `/api/agents/${agent.id}/restart`)).status).toBe(202);
      await untilAgent(server, agent.id, 'idle');
      expect(isRunning(session.pid)).toBe(false);
      expect(services()).toEqual(before);
      const task = await finishedTask(server, (await giveTask(server, agent.id, 'STUB:text and now')).id);
      expect(task).toMatchObject({ status: 'succeeded', result: { text: 'and now' } });
      expect(JSON.stringify(model.requests.at(-1)?.body)).toContain('remember KIWI');
      const all = await conversationUntil(server, agent.id, 'assistant: and now');
      expect(all.filter((line) => line.includes('KIWI'))).toHaveLength(1);
    });
  },
);
