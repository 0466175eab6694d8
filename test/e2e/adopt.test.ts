/**
 * A Claude Code that a person runs in their own tmux server, with the real CLI and a model on loopback: it is found,
 * taken in and followed without being touched, and goes on with its conversation when it is restarted.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AdoptableSession, Agent } from '../../src/contract/agents.ts';
import { agentCli, agentCliMissing } from '../support/agent-cli.ts';
import { conversationUntil } from '../support/conversation.ts';
import { type ModelEndpoint, startModelEndpoint } from '../support/model-endpoint.ts';
import { endProgramsOf } from '../support/own-session.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { finishedTask, giveTask, isRunning, untilAgent } from '../support/shell-agents.ts';

const missing = agentCliMissing('claude');

describe.skipIf(missing !== null)(
  `a Claude Code in a person's own tmux server${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let home: string;
    let workspace: string;
    let database: TestDatabase;
    let server: Pointsman;
    let model: ModelEndpoint;
    let socket: string;
    /** What the person's programs inherit. */
    let personal: Record<string, string>;
    let session: AdoptableSession;
    let agent: Agent;

    const start = async () => startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });
    const tmux = (...args: string[]) => execFileSync('tmux', ['-S', socket, ...args], { encoding: 'utf8' });
    const inWorkspace = async () =>
      (await server.request<AdoptableSession[]>('GET', '/api/adoptable')).body.filter(
        ({ directory }) => directory === workspace,
      );

    beforeAll(async () => {
      home = makeHome();
      workspace = path.join(home, 'project');
      socket = path.join(home, 'own.sock');
      const person = path.join(home, 'person');
      for (const directory of [workspace, person]) mkdirSync(directory);
      writeFileSync(
        path.join(person, '.claude.json'),
        JSON.stringify({
          hasCompletedOnboarding: true,
          projects: { [workspace]: { hasTrustDialogAccepted: true } },
          customApiKeyResponses: { approved: ['0123456789abcdefghij'] },
        }),
      );
      model = await startModelEndpoint();
      database = await createTestDatabase();
      personal = {
        HOME: person,
        PATH: process.env['PATH'] ?? '',
        TERM: 'xterm-256color',
        LANG: 'C.UTF-8',
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: 'sk-ant-stub-0123456789abcdefghij',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        CLAUDE_CODE_MAX_RETRIES: '1',
        DISABLE_AUTOUPDATER: '1',
      };
      // Under a shell, as a person has it: the pane's process is not Claude Code.
      execFileSync(
        'tmux',
        [
          '-S',
          socket,
          '-f',
          '/dev/null',
          'new-session',
          '-d',
          '-s',
          'my work',
          '-x',
          '90',
          '-y',
          '28',
          '-c',
          workspace,
        ].concat('/bin/sh', '-c', `'${agentCli('claude')}' --permission-mode manual; exec sleep 600`),
        { env: personal },
      );
      server = await start();
    });

    afterAll(async () => {
      tmux('kill-server');
      endProgramsOf(personal['HOME'] ?? '');
      await removeHome(home);
      await database.drop();
      await model.close();
    });

    /** Claude Code writes the last rows of a turn a moment after its end. */
    async function allCounted(): Promise<number> {
      const counted = model.requests.flatMap(({ usage }) => usage ?? []);
      const tokens = counted.reduce((sum, one) => sum + one.inputTokens + one.outputTokens, 0);
      await until('the count', async () => {
        const { body } = await server.request<Agent>('GET', `/api/agents/${agent.id}`);
        return body.tokens === tokens;
      });
      return tokens;
    }

    test('is found by its process, its pane and its session file', async () => {
      session = await until('the session', async () => (await inWorkspace())[0]);
      expect(session).toMatchObject({
        kind: 'claude',
        directory: workspace,
        terminal: { socket, paneId: '%0', sessionName: 'my work' },
      });
      expect(readFileSync(`/proc/${session.pid}/cmdline`, 'utf8')).toContain('claude');
    });

    test('is refused with the reason when it is none, has ended, or is another user’s', async () => {
      const adopt = async (which: string) => server.request('POST', '/api/agents/adopt', { session: which });
      const ended = spawn('true');
      await new Promise((done) => ended.once('exit', done));
      expect(await adopt(String(ended.pid))).toMatchObject({ status: 404, body: { code: 'SESSION_NOT_FOUND' } });
      expect(await adopt(`${session.pid}-1`)).toMatchObject({
        status: 409,
        body: { code: 'SESSION_NOT_ADOPTABLE', detail: expect.stringContaining('not the one that was listed') },
      });
      expect(await adopt(String(process.pid))).toMatchObject({ status: 409, body: { code: 'SESSION_NOT_ADOPTABLE' } });
      expect((await adopt('%0')).body).toMatchObject({ status: 422, problems: [{ path: '/session' }] });
    });

    test.runIf(process.getuid?.() === 0)('of another user is refused (as root, who could look into it)', async () => {
      const other = spawn('sleep', ['600'], { uid: 65534, gid: 65534, cwd: '/', stdio: 'ignore' });
      try {
        expect(await server.request('POST', '/api/agents/adopt', { session: String(other.pid) })).toMatchObject({
          status: 409,
          body: { code: 'SESSION_NOT_ADOPTABLE', detail: expect.stringContaining('another user') },
        });
      } finally {
        other.kill('SIGKILL');
      }
    });

    test('is taken in as it is: same process, same size, nobody attached, its terminal shown', async () => {
      const adopted = await server.request<Agent>('POST', '/api/agents/adopt', {
        session: session.session,
        name: 'mine',
        capabilities: ['coding'],
      });
      expect(adopted.status, JSON.stringify(adopted.body)).toBe(201);
      agent = await untilAgent(server, adopted.body.id, 'idle');
      expect(agent).toMatchObject({
        kind: 'claude',
        mode: 'tmux',
        workspace: { path: workspace },
        statusSource: 'session_file',
        adopted: { terminal: { socket, paneId: '%0' } },
      });
      expect(agent.envNames).toEqual(expect.arrayContaining(['ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL']));
      const { body: secrets } = await server.request<{ name: string }[]>('GET', '/api/secrets');
      expect(secrets.map(({ name }) => name)).toEqual([`ANTHROPIC_API_KEY_OF_${agent.id.slice(-12)}`]);
      expect(await inWorkspace()).toEqual([]);
      const { body: screen } = await server.request('GET', `/api/agents/${agent.id}/screen`);
      expect(screen).toMatchObject({ cols: 90, rows: 28, screen: expect.stringContaining('Claude Code') });
      expect(tmux('display-message', '-p', '-t', '%0', '#{window_width}x#{window_height}').trim()).toBe('90x28');
      expect(tmux('list-clients')).toBe('');
      const again = await server.request('POST', '/api/agents/adopt', { session: session.session });
      expect(again).toMatchObject({
        status: 409,
        body: { code: 'SESSION_NOT_ADOPTABLE', detail: expect.stringContaining('mine') },
      });
    });

    test('is followed through a turn of its person, with what it used and what was said', async () => {
      tmux('send-keys', '-t', '%0', '-l', 'remember PINEAPPLE STUB:hold talk noted');
      tmux('send-keys', '-t', '%0', 'Enter');
      await model.asked('STUB:hold talk');
      await untilAgent(server, agent.id, 'working');
      model.release('talk');
      await untilAgent(server, agent.id, 'idle');
      await allCounted();
      expect(await conversationUntil(server, agent.id, 'assistant: noted')).toEqual([
        'user: remember PINEAPPLE STUB:hold talk noted',
        'assistant: noted',
      ]);
    });

    test('takes no task, and says what to do', async () => {
      expect(await server.request('POST', `/api/agents/${agent.id}/tasks`, { prompt: 'STUB:text no' })).toMatchObject({
        status: 409,
        body: { code: 'AGENT_ADOPTED', detail: expect.stringContaining('Restart it') },
      });
    });

    test('is blocked on a permission until whoever holds the seat answers in its terminal', async () => {
      tmux('send-keys', '-t', '%0', '-l', 'STUB:tool Bash {"command":"touch allowed"}');
      tmux('send-keys', '-t', '%0', 'Enter');
      const blocked = await untilAgent(server, agent.id, 'blocked');
      expect(blocked.statusReason).toContain('permission');
      expect(blocked.statusReason).toContain('answer it there');
      expect((await server.request('PUT', `/api/agents/${agent.id}/seat`)).status).toBe(200);
      // A key pressed in the first moment of a dialog is lost (2.1.330): people see that, and press again.
      await until('the command', async () => {
        const { body } = await server.request('GET', `/api/agents/${agent.id}/screen`);
        if (String(body.screen).includes('Do you want to proceed?'))
          expect((await server.request('POST', `/api/agents/${agent.id}/input`, { text: '1' })).status).toBe(204);
        return existsSync(path.join(workspace, 'allowed'));
      });
      await untilAgent(server, agent.id, 'idle');
    });

    test('is found again by a server that was killed, still the same process', async () => {
      await server.kill('SIGKILL');
      expect(isRunning(session.pid)).toBe(true);
      server = await start();
      const found = await untilAgent(server, agent.id, 'idle');
      expect(found.adopted).toBeDefined();
      tmux('send-keys', '-t', '%0', '-l', 'STUB:hold later yes');
      tmux('send-keys', '-t', '%0', 'Enter');
      await untilAgent(server, agent.id, 'working');
      model.release('later');
      await untilAgent(server, agent.id, 'idle');
      expect(isRunning(session.pid)).toBe(true);
    });

    test('goes on with its conversation under Pointsman when it is restarted, and takes tasks', async () => {
      const before = await allCounted();
      expect((await server.request('POST', `/api/agents/${agent.id}/restart`)).status).toBe(202);
      const restarted = await untilAgent(server, agent.id, 'idle');
      expect(restarted.adopted).toBeUndefined();
      expect(restarted.tokens).toBe(before);
      expect(isRunning(session.pid)).toBe(false);
      const task = await finishedTask(server, (await giveTask(server, agent.id, 'STUB:text and now')).id);
      expect(task).toMatchObject({ status: 'succeeded', result: { text: 'and now' } });
      expect(JSON.stringify(model.requests.at(-1)?.body)).toContain('remember PINEAPPLE');
      const all = await conversationUntil(server, agent.id, 'assistant: and now');
      expect(all.filter((line) => line.includes('PINEAPPLE'))).toHaveLength(1);
    });

    test('takes its sign-in along when it is removed', async () => {
      expect((await server.request('DELETE', `/api/agents/${agent.id}`)).status).toBe(204);
      expect((await server.request('GET', '/api/secrets')).body).toEqual([]);
    });

    test('in the background is adopted too, and ended through Claude Code, which would start it again', async () => {
      const claude = (...args: string[]) =>
        execFileSync(agentCli('claude'), args, { cwd: workspace, env: personal, encoding: 'utf8' });
      claude('--bg', 'remember MANGO STUB:text noted');
      const found = await until('the background session', async () => (await inWorkspace())[0]);
      expect(found.terminal).toBeNull();
      const adopted = await server.request<Agent>('POST', '/api/agents/adopt', { session: found.session, name: 'bg' });
      expect(adopted.status, JSON.stringify(adopted.body)).toBe(201);
      const { id } = adopted.body;
      // Before its first turn it is idle as well, and has no conversation yet to go on with.
      const conversations = path.join(personal['HOME'] ?? '', '.claude/projects');
      await until('the turn of before', async () =>
        readdirSync(conversations, { recursive: true, encoding: 'utf8' })
          .filter((file) => file.endsWith(`${found.conversation}.jsonl`))
          .some((file) => readFileSync(path.join(conversations, file), 'utf8').includes('"type":"assistant"')),
      );
      await untilAgent(server, id, 'idle');
      // Its service may hand it the sign-in instead of its environment, so that only a person can tell it.
      const env = {
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: personal['ANTHROPIC_API_KEY'],
        CLAUDE_CONFIG_DIR: path.join(personal['HOME'] ?? '', '.claude'),
      };
      expect((await server.request('PATCH', `/api/agents/${id}`, { env })).status).toBe(200);
      expect((await server.request('POST', `/api/agents/${id}/restart`)).status).toBe(202);
      await untilAgent(server, id, 'idle');
      const jobs: { sessionId: string; state: string }[] = JSON.parse(claude('agents', '--json', '--all'));
      expect(jobs).toMatchObject([{ sessionId: found.conversation, state: 'stopped' }]);
      await finishedTask(server, (await giveTask(server, id, 'STUB:text and now')).id);
      expect(JSON.stringify(model.requests.at(-1)?.body)).toContain('remember MANGO');
    });
  },
);
