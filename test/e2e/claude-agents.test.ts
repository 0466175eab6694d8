/**
 * Claude Code agents in a whole server, with the real CLI and a model on loopback: what they ask reaches the inbox, what
 * is answered reaches them, once, and a killed server changes neither.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Agent } from '../../src/contract/agents.ts';
import type { InboxItem } from '../../src/contract/inbox.ts';
import type { Task } from '../../src/contract/tasks.ts';
import { tmuxSocketOf } from '../../src/server/home.ts';
import { agentCliMissing } from '../support/agent-cli.ts';
import { claudeAgent } from '../support/claude-agent.ts';
import { openItem, resolveItem } from '../support/inbox.ts';
import { type ModelEndpoint, startModelEndpoint } from '../support/model-endpoint.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { finishedTask, giveTask, processesOf, untilAgent, untilTask } from '../support/shell-agents.ts';

const missing = agentCliMissing('claude');
const MODES = ['headless', 'tmux'] as const;

describe.skipIf(missing !== null).each(MODES)(
  `a Claude Code agent in mode %s${missing ? ` (skipped: ${missing})` : ''}`,
  (mode) => {
    let home: string;
    let database: TestDatabase;
    let server: Pointsman;
    let model: ModelEndpoint;
    let workspace: string;
    let agent: Agent;

    const start = async () => startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url } });

    beforeAll(async () => {
      home = makeHome();
      workspace = path.join(home, 'work space');
      mkdirSync(workspace);
      model = await startModelEndpoint();
      database = await createTestDatabase();
      server = await start();
      agent = await claudeAgent(server, model, { name: 'coder', mode, workspace: { path: workspace } });
    });

    afterAll(async () => {
      await removeHome(home);
      await database.drop();
      await model.close();
    });

    const touch = (name: string, answer = 'done') =>
      `STUB:tool Bash ${JSON.stringify({ command: `touch ${name}` })}\nSTUB:text ${answer}`;
    const made = (name: string) => existsSync(path.join(workspace, name));

    const asked = async (agentId = agent.id) => openItem(server, (item) => item.agentId === agentId);
    const resolve = async (item: InboxItem, answer: object) => resolveItem(server, item, answer);

    test('does a task: every receipt, the text, tokens and cost as the endpoint counted them', async () => {
      const before = model.requests.length;
      const task = await finishedTask(server, (await giveTask(server, agent.id, 'STUB:text good morning')).id);
      expect(task).toMatchObject({ status: 'succeeded', result: { text: 'good morning' } });
      const { acceptedAt, typedAt, submittedAt, turnStartedAt, finishedAt } = task.receipts;
      const times = [acceptedAt, typedAt, submittedAt, turnStartedAt, finishedAt];
      expect(times.every(Boolean), JSON.stringify(task.receipts)).toBe(true);
      expect(times).toEqual(times.toSorted());
      const counted = model.requests.slice(before).flatMap((one) => one.usage ?? []);
      const inputTokens = counted.reduce((sum, one) => sum + one.inputTokens, 0);
      const outputTokens = counted.reduce((sum, one) => sum + one.outputTokens, 0);
      // In a terminal the last count, and the cost, come a moment after the turn.
      await untilTask(
        server,
        task.id,
        ({ usage }) => usage.inputTokens === inputTokens && usage.outputTokens === outputTokens && usage.cost > 0,
      );
      const { body } = await server.request<Agent>('GET', `/api/agents/${agent.id}`);
      expect(body.tokens).toBe(inputTokens + outputTokens);
    });

    test('asks for permission in the inbox, is blocked meanwhile, and acts when it is allowed', async () => {
      const { id } = await giveTask(server, agent.id, touch('allowed'));
      const item = await asked();
      expect(item).toMatchObject({
        type: 'permission',
        title: 'coder asks to use Bash: touch allowed',
        choices: ['allow', 'deny', 'allow_always'],
        payload: { agent: 'coder', tool: 'Bash', command: 'touch allowed', cwd: workspace },
      });
      await untilAgent(server, agent.id, 'blocked');
      await untilTask(server, id, (task) => task.status === 'blocked');
      expect(made('allowed')).toBe(false);
      expect((await resolve({ ...item, hash: 'of something else' }, { decision: 'allow' })).status).toBe(409);
      expect((await resolve(item, { decision: 'allow' })).status).toBe(200);
      expect(await finishedTask(server, id)).toMatchObject({ status: 'succeeded', result: { text: 'done' } });
      expect(made('allowed')).toBe(true);
      const again = await resolve(item, { decision: 'allow' });
      expect(again).toMatchObject({ status: 409, body: { code: 'INBOX_ITEM_CLOSED' } });
    });

    test('does not act when it is denied, and its model is told why', async () => {
      const { id } = await giveTask(server, agent.id, touch('denied', 'understood'));
      await resolve(await asked(), { decision: 'deny', note: 'never on a Friday' });
      await finishedTask(server, id);
      expect(made('denied')).toBe(false);
      expect(JSON.stringify(model.requests.at(-1)?.body)).toContain('never on a Friday');
    });

    test('is not asked again for what was allowed always, and the rule can be taken back', async () => {
      const first = await giveTask(server, agent.id, touch('always'));
      await resolve(await asked(), { decision: 'allow_always' });
      await finishedTask(server, first.id);
      const again = await giveTask(server, agent.id, `again\n${touch('always')}`);
      expect(await finishedTask(server, again.id)).toMatchObject({ status: 'succeeded' });
      const { body: policies } = await server.request('GET', '/api/policies');
      expect(policies).toMatchObject([{ effect: 'allow', agentId: agent.id, tool: 'Bash', pattern: 'touch always' }]);
      expect((await server.request('DELETE', `/api/policies/${policies[0].id}`)).status).toBe(204);
      const third = await giveTask(server, agent.id, `a third time\n${touch('always')}`);
      await resolve(await asked(), { decision: 'allow' });
      await finishedTask(server, third.id);
    });

    test('is denied by a rule without anybody being asked', async () => {
      const rule = { effect: 'deny', tool: 'Bash', pattern: 'touch forbidden*', note: 'the team forbids this' };
      const created = await server.request('POST', '/api/policies', rule);
      expect(created.status).toBe(201);
      const { id } = await giveTask(server, agent.id, touch('forbidden'));
      await finishedTask(server, id);
      expect(made('forbidden')).toBe(false);
      expect(JSON.stringify(model.requests.at(-1)?.body)).toContain('the team forbids this');
      const { body } = await server.request('GET', '/api/inbox?state=resolved&limit=200');
      expect(body.at(-1)).toMatchObject({ resolution: { decision: 'deny', by: `policy ${created.body.id}` } });
    });

    test('asks a question with its options; the answer reaches the model', async () => {
      const question = {
        question: 'Which colour?',
        header: 'Colour',
        multiSelect: false,
        options: [
          { label: 'Red', description: 'warm' },
          { label: 'Blue', description: 'cold' },
        ],
      };
      const { id } = await giveTask(
        server,
        agent.id,
        `STUB:tool AskUserQuestion ${JSON.stringify({ questions: [question] })}`,
      );
      const item = await asked();
      expect(item).toMatchObject({
        type: 'question',
        choices: ['answer', 'deny'],
        payload: { question: 'Which colour?' },
      });
      const incomplete = await resolve(item, { decision: 'answer', form: {} });
      expect(incomplete.status).toBe(422);
      expect((await resolve(item, { decision: 'answer', form: { 'Which colour?': 'Blue' } })).status).toBe(200);
      expect((await finishedTask(server, id)).result?.text).toContain('Blue');
    });

    test('keeps what it asked over a kill -9 of the server, is adopted, and takes the answer then', async () => {
      const { id } = await giveTask(server, agent.id, touch('after the crash'));
      const item = await asked();
      const before = processesOf(home, agent.id);
      await server.kill('SIGKILL');
      server = await start();
      expect(processesOf(home, agent.id)).toEqual(before);
      await untilAgent(server, agent.id, 'blocked');
      const { body } = await server.request<InboxItem[]>('GET', '/api/inbox?state=open');
      expect(body.map((one) => one.id)).toEqual([item.id]);
      expect((await resolve(item, { decision: 'allow' })).status).toBe(200);
      expect(await finishedTask(server, id)).toMatchObject({ status: 'succeeded', result: { text: 'done' } });
    });

    test('finishes while no server runs, and the task has its result afterwards', async () => {
      const { id } = await giveTask(server, agent.id, 'STUB:hold night finished in the night');
      await model.asked('STUB:hold night');
      await untilTask(server, id, (task) => task.status === 'running');
      await server.kill('SIGKILL');
      model.release('night');
      server = await start();
      const task = await finishedTask(server, id);
      expect(task).toMatchObject({ status: 'succeeded', result: { text: 'finished in the night' } });
      expect(task.usage.inputTokens).toBeGreaterThan(0);
      expect(model.requests.filter((one) => one.prompt.includes('STUB:hold night'))).toHaveLength(1);
    });

    test('withdraws what it asked when its task is cancelled', async () => {
      const { id } = await giveTask(server, agent.id, touch('cancelled'));
      const item = await asked();
      await server.request('POST', `/api/tasks/${id}/cancel`);
      expect(await finishedTask(server, id)).toMatchObject({ status: 'cancelled' });
      const { body } = await server.request('GET', `/api/inbox/${item.id}`);
      expect(body.state).toBe('withdrawn');
      expect((await resolve(item, { decision: 'allow' })).status).toBe(409);
      await untilAgent(server, agent.id, 'idle');
    });

    test('does one task in a worktree of its own, in the same conversation, and the next one at home', async () => {
      const git = (...args: string[]) => execFileSync('git', ['-C', workspace, ...args], { encoding: 'utf8' });
      git('init', '--quiet');
      git('-c', 'user.name=t', '-c', 'user.email=t@t.invalid', 'commit', '--quiet', '--allow-empty', '-m', 'first');
      await finishedTask(server, (await giveTask(server, agent.id, 'the word is MANGO\nSTUB:text noted')).id);
      const apart = await giveTask(server, agent.id, touch('apart'), { workspace: 'worktree' });
      const item = await asked();
      expect(item.payload['cwd']).toContain('worktrees');
      await resolve(item, { decision: 'allow' });
      expect(await finishedTask(server, apart.id)).toMatchObject({ status: 'succeeded' });
      expect(JSON.stringify(model.requests.at(-1)?.body)).toContain('MANGO');
      expect(made('apart')).toBe(false);
      const { body: diff } = await server.request('GET', `/api/tasks/${apart.id}/diff`);
      expect(diff.files).toMatchObject([{ path: 'apart', status: 'added' }]);
      const home2 = await giveTask(server, agent.id, touch('at home again'));
      const again = await asked();
      expect(again.payload['cwd']).toBe(workspace);
      await resolve(again, { decision: 'allow' });
      await finishedTask(server, home2.id);
    });

    test('killed with -9 is started again and remembers the conversation', async () => {
      const { id } = await giveTask(server, agent.id, 'remember: PINEAPPLE\nSTUB:text noted');
      await finishedTask(server, id);
      // Claude Code writes the last rows of a turn a moment after its end; in a terminal the count comes from them.
      await untilTask(server, id, (task) => task.usage.outputTokens > 0);
      process.kill(processesOf(home, agent.id).pane, 'SIGKILL');
      await untilAgent(server, agent.id, 'crashed');
      await untilAgent(server, agent.id, 'idle');
      await finishedTask(server, (await giveTask(server, agent.id, 'STUB:text and now')).id);
      expect(JSON.stringify(model.requests.at(-1)?.body)).toContain('PINEAPPLE');
      await server.request('POST', `/api/agents/${agent.id}/restart?fresh=true`);
      await finishedTask(server, (await giveTask(server, agent.id, 'STUB:text who are you')).id);
      expect(JSON.stringify(model.requests.at(-1)?.body)).not.toContain('PINEAPPLE');
    });

    test('says what went wrong when its model refuses it, and what to do', async () => {
      const { id } = await giveTask(server, agent.id, 'STUB:error 401 no such key');
      expect(await finishedTask(server, id)).toMatchObject({ status: 'failed', error: { code: 'AGENT_AUTH_FAILED' } });
      const { statusReason } = await untilAgent(server, agent.id, 'auth_failed');
      expect(statusReason).toContain('sign in');
      const { body } = await server.request('GET', `/api/agents/${agent.id}/explain`);
      expect(body.evidence.filter((one: { used: boolean }) => one.used)).toHaveLength(1);
    });

    test('does not start on settings that nobody has allowed, and is asked about again when they change', async () => {
      const brought = path.join(home, `brought along in ${mode}`);
      mkdirSync(path.join(brought, '.claude'), { recursive: true });
      const mark = path.join(home, `run by a hook in ${mode}`);
      const hook = { type: 'command', command: `touch '${mark}'` };
      const settings = (more: object) => JSON.stringify({ hooks: { SessionStart: [{ hooks: [hook] }] }, ...more });
      writeFileSync(path.join(brought, '.claude/settings.json'), settings({}));
      const careful = await claudeAgent(
        server,
        model,
        { name: 'careful', mode, workspace: { path: brought } },
        'blocked',
      );
      const { statusReason } = careful;
      expect(statusReason).toContain('an administrator has to allow them');
      const item = await asked(careful.id);
      expect(item).toMatchObject({ type: 'permission', choices: ['allow', 'deny'] });
      expect(item.payload['text']).toContain(`touch '${mark}'`);
      expect(existsSync(mark)).toBe(false);
      await resolve(item, { decision: 'deny' });
      await untilAgent(server, careful.id, 'stopped');
      await server.request('POST', `/api/agents/${careful.id}/start`);
      await resolve(await asked(careful.id), { decision: 'allow' });
      await untilAgent(server, careful.id, 'idle');
      writeFileSync(path.join(brought, '.claude/settings.json'), settings({ model: 'another' }));
      await server.request('POST', `/api/agents/${careful.id}/restart`);
      await untilAgent(server, careful.id, 'blocked');
      await server.request('DELETE', `/api/agents/${careful.id}`);
    });

    test('that is not installed says so instead of crashing', async () => {
      const created = await server.request('POST', '/api/agents', {
        name: 'absent',
        kind: 'claude',
        mode,
        autostart: true,
        command: ['claude-that-is-not-there'],
        workspace: { path: workspace },
      });
      const absent = await untilAgent(server, created.body.id, 'auth_failed');
      expect(absent.statusReason).toContain('npm install -g @anthropic-ai/claude-code');
    });

    test.runIf(mode === 'tmux')(
      'in mode tmux alone: is answered in its own terminal first: the inbox lets go, and a later answer is told so',
      async () => {
        const { id } = await giveTask(server, agent.id, touch('by-hand'));
        const item = await asked();
        await untilAgent(server, agent.id, 'blocked');
        const typed = await server.request('POST', `/api/agents/${agent.id}/input`, { text: '1' });
        expect(typed).toMatchObject({ status: 409, body: { code: 'AGENT_BLOCKED' } });
        // A key pressed in the first moment of a dialog is lost (2.1.330): people see that, and press again.
        await until('the answer by hand', async () => {
          const { body } = await server.request('GET', `/api/agents/${agent.id}/screen`);
          if (String(body.screen).includes('Do you want to proceed?'))
            execFileSync('tmux', ['-S', tmuxSocketOf(home, agent.id), 'send-keys', '1']);
          return (await server.request<Task>('GET', `/api/tasks/${id}`)).body.status !== 'blocked';
        });
        expect(await finishedTask(server, id)).toMatchObject({ status: 'succeeded', result: { text: 'done' } });
        expect(made('by-hand')).toBe(true);
        const late = await resolve(item, { decision: 'deny' });
        expect(late).toMatchObject({ status: 409, body: { code: 'INBOX_ITEM_CLOSED' } });
        expect((await server.request('GET', `/api/inbox/${item.id}`)).body.state).toBe('withdrawn');
      },
    );

    test.runIf(mode === 'headless')(
      'in mode headless alone: without a terminal has none to type into or to look at',
      async () => {
        const typed = await server.request('POST', `/api/agents/${agent.id}/input`, { text: 'x' });
        expect(typed).toMatchObject({ status: 409, body: { code: 'NO_TERMINAL' } });
        const seen = await server.request('GET', `/api/agents/${agent.id}/screen`);
        expect(seen).toMatchObject({ status: 409, body: { code: 'NO_TERMINAL' } });
      },
    );
  },
);
