/**
 * The tools that agents have, with the real Claude Code calling them over MCP: a task ends as its agent says, in the form
 * it must have; what it asks reaches a person and the answer it, over a killed server too; and its token opens nothing else.
 */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Agent, CreateAgent } from '../../src/contract/agents.ts';
import type { InboxItem } from '../../src/contract/inbox.ts';
import type { McpAnswer } from '../../src/contract/mcp.ts';
import { agentCliMissing } from '../support/agent-cli.ts';
import { claudeAgent } from '../support/claude-agent.ts';
import { openItem, resolveItem } from '../support/inbox.ts';
import { type ModelEndpoint, startModelEndpoint } from '../support/model-endpoint.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { finishedTask, giveTask, processesOf, untilAgent, untilTask } from '../support/shell-agents.ts';

const missing = agentCliMissing('claude');

const ANSWER = {
  type: 'object',
  required: ['answer'],
  properties: { answer: { type: 'integer' } },
  additionalProperties: false,
};

/** One line of the model's script. */
const call = (tool: string, input: object) => `STUB:tool mcp__pointsman__${tool} ${JSON.stringify(input)}`;

const MODES = ['headless', 'tmux'] as const;

describe.skipIf(missing !== null).each(MODES)(
  `the tools of an agent in mode %s${missing ? ` (skipped: ${missing})` : ''}`,
  (mode) => {
    let home: string;
    let database: TestDatabase;
    let server: Pointsman;
    let model: ModelEndpoint;
    let workspace: string;
    let port: number;
    let agent: Agent;

    // The port stays: agents that outlive the server know its address.
    const start = async () =>
      startPointsman({ home, env: { POINTSMAN_DATABASE_URL: database.url, POINTSMAN_PORT: String(port) } });

    beforeAll(async () => {
      home = makeHome();
      workspace = path.join(home, 'workspace');
      mkdirSync(workspace);
      port = await freePort();
      model = await startModelEndpoint();
      database = await createTestDatabase();
      server = await start();
      agent = await claude('coder');
    });

    afterAll(async () => {
      await removeHome(home);
      await database.drop();
      await model.close();
    });

    const claude = async (name: string, options: Partial<CreateAgent> = {}) =>
      claudeAgent(server, model, { name, mode, workspace: { path: workspace }, ...options });
    const run = async (prompt: string, options: object = {}, of = agent) =>
      finishedTask(server, (await giveTask(server, of.id, prompt, options)).id);
    const toldToModel = () => JSON.stringify(model.requests.at(-1)?.body);

    const asked = async () => openItem(server, () => true);
    const answer = (item: InboxItem, form: object) => resolveItem(server, item, { decision: 'answer', form });

    /** The token that an agent's program was given. */
    function tokenOf(agentId: string): string {
      const file = path.join(home, 'agents', agentId, 'claude', 'pointsman-tools.json');
      return /pm_agent_[\w-]+/.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
    }

    const post = (token: string | null, message: unknown, headers: Record<string, string> = {}) =>
      fetch(`${server.url}/mcp`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...headers,
        },
        body: typeof message === 'string' ? message : JSON.stringify(message),
      });
    const rpc = (method: string, params?: object) => ({ jsonrpc: '2.0', id: 1, method, params });
    const callAs = async (agentId: string, name: string, args: object): Promise<McpAnswer> =>
      (await post(tokenOf(agentId), rpc('tools/call', { name, arguments: args }))).json() as Promise<McpAnswer>;

    // What does not depend on how the CLI is run is tested in one mode; the other skips it, as its title says.
    test('complete_task ends the task with what it says, and the words after it do not', async () => {
      const task = await run(`${call('complete_task', { result: 'all green', data: { runs: 3 } })}\nSTUB:text bye`);
      expect(task).toMatchObject({ status: 'succeeded', result: { text: 'all green', data: { runs: 3 } } });
      await untilTask(server, task.id, ({ usage }) => usage.inputTokens > 0);
      const next = await run('STUB:text the next one');
      expect(next).toMatchObject({ status: 'succeeded', result: { text: 'the next one' } });
      expect(JSON.stringify(model.requests[0]?.body)).toContain('complete_task'); // the tool, and what is said of it
      expect(JSON.stringify(model.requests[0]?.body)).toContain('You work in a team that Pointsman coordinates');
    });

    test('a task that is done ends soon, though its turn goes on; the next one waits for the agent', async () => {
      const first = await giveTask(
        server,
        agent.id,
        `${call('complete_task', { result: 'done early' })}\nSTUB:hold talk still talking`,
      );
      const second = await giveTask(server, agent.id, 'STUB:text second');
      expect(await finishedTask(server, first.id)).toMatchObject({ result: { text: 'done early' } });
      expect((await server.request('GET', `/api/tasks/${second.id}`)).body.status).toBe('queued');
      model.release('talk');
      expect(await finishedTask(server, second.id)).toMatchObject({ status: 'succeeded', result: { text: 'second' } });
    });

    test('what an agent said of its task counts, though its program and the server are killed right after', async () => {
      const prompt = `${call('complete_task', { result: 'said in time' })}\nSTUB:hold end and more`;
      const { id } = await giveTask(server, agent.id, prompt);
      await until(
        'the call to be answered',
        async () => model.requests.filter((one) => one.prompt === prompt).length > 1,
      );
      const { pane } = processesOf(home, agent.id);
      await server.kill('SIGKILL');
      process.kill(pane, 'SIGKILL');
      server = await start();
      expect(await finishedTask(server, id)).toMatchObject({ status: 'succeeded', result: { text: 'said in time' } });
      await untilAgent(server, agent.id, 'idle');
    });

    test.runIf(mode === 'headless')(
      'in mode headless alone: what its model is told of a task: prompt, schema and deadline',
      async () => {
        await run(`${call('current_task', {})}\n${call('complete_task', { result: 'x', data: { answer: 1 } })}`, {
          outputSchema: ANSWER,
          timeout: 'PT5M',
        });
        const said = toldToModel();
        expect(said).toContain('\\"answer\\"');
        expect(said).toMatch(/deadline\\+":\\+"20/);
      },
    );

    test.runIf(mode === 'headless')(
      'in mode headless alone: data that does not fit is refused with its path once, and may be corrected',
      async () => {
        const task = await run(
          [
            call('complete_task', { result: 'x', data: { answer: 'four' } }),
            call('complete_task', { result: 'four', data: { answer: 4 } }),
          ].join('\n'),
          { outputSchema: ANSWER },
        );
        expect(task).toMatchObject({ status: 'succeeded', result: { text: 'four', data: { answer: 4 } } });
        expect(toldToModel()).toContain('/data/answer');
      },
    );

    test.runIf(mode === 'headless')(
      'in mode headless alone: data that does not fit a second time fails the task',
      async () => {
        const wrong = call('complete_task', { result: 'x', data: { answer: 'four' } });
        const task = await run([wrong, wrong, 'STUB:text {"answer": 4}'].join('\n'), { outputSchema: ANSWER });
        expect(task).toMatchObject({ status: 'failed', error: { code: 'OUTPUT_INVALID' } });
        expect(task.error?.message).toContain('/answer');
      },
    );

    test.runIf(mode === 'headless')(
      'in mode headless alone: a final text of JSON counts, in a fence at its end too',
      async () => {
        const schema = { outputSchema: ANSWER };
        expect(await run('STUB:text {"answer": 5}', schema)).toMatchObject({ result: { data: { answer: 5 } } });
      },
    );

    test('a final text that does not fit is asked for once more, with problems and schema', async () => {
      const before = model.requests.length;
      const task = await run('STUB:text it is six\nSTUB:later {"answer": 6}', { outputSchema: ANSWER });
      expect(task).toMatchObject({ status: 'succeeded', result: { data: { answer: 6 } } });
      const asked = model.requests.slice(before).map((one) => one.prompt);
      expect(asked).toHaveLength(2);
      expect(asked[1]).toContain('The answer is not JSON.');
      expect(asked[1]).toContain('"additionalProperties": false');
      const counted = model.requests.slice(before).flatMap((one) => one.usage ?? []);
      const used = counted.reduce((sum, one) => sum + one.inputTokens, 0);
      await untilTask(server, task.id, ({ usage }) => usage.inputTokens === used);
    });

    test.runIf(mode === 'headless')(
      'in mode headless alone: a final text that does not fit twice fails the task',
      async () => {
        const before = model.requests.length;
        const task = await run('STUB:text no\nSTUB:later still no', { outputSchema: ANSWER });
        expect(task).toMatchObject({
          status: 'failed',
          error: { code: 'OUTPUT_INVALID' },
          result: { text: 'still no' },
        });
        expect(model.requests.slice(before)).toHaveLength(2);
      },
    );

    test('the second prompt goes on over a kill -9 of the server', async () => {
      const { id } = await giveTask(server, agent.id, 'STUB:hold night not yet\nSTUB:later {"answer": 7}', {
        outputSchema: ANSWER,
      });
      await model.asked('STUB:hold night');
      await untilTask(server, id, (task) => task.status === 'running');
      await server.kill('SIGKILL');
      model.release('night');
      server = await start();
      expect(await finishedTask(server, id)).toMatchObject({ status: 'succeeded', result: { data: { answer: 7 } } });
    });

    test('ask_human waits for a person, blocked meanwhile, and gets the answer', async () => {
      const { id } = await giveTask(
        server,
        agent.id,
        call('ask_human', { question: 'Which colour?', options: ['Red', 'Blue'] }),
      );
      const item = await asked();
      expect(item).toMatchObject({
        type: 'question',
        agentId: agent.id,
        title: 'coder asks: Which colour?',
        payload: { questions: [{ options: [{ label: 'Red' }, { label: 'Blue' }] }] },
      });
      await untilTask(server, id, (task) => task.status === 'blocked');
      await untilAgent(server, agent.id, 'blocked');
      expect((await answer(item, { 'Which colour?': 'Blue' })).status).toBe(200);
      expect((await finishedTask(server, id)).result?.text).toContain('Last result: Blue');
    });

    test('a question outlives a kill -9 of the server: its answer reaches the call that was held', async () => {
      const { id } = await giveTask(server, agent.id, call('ask_human', { question: 'Still there?' }));
      const item = await asked();
      await untilAgent(server, agent.id, 'blocked');
      await server.kill('SIGKILL');
      server = await start();
      await untilAgent(server, agent.id, 'blocked');
      expect((await answer(item, { 'Still there?': 'yes' })).status).toBe(200);
      expect((await finishedTask(server, id)).result?.text).toContain('Last result: yes');
      const { body } = await server.request<InboxItem[]>('GET', '/api/inbox?limit=200');
      expect(body.filter((one) => one.title.includes('Still there?'))).toHaveLength(1);
    });

    test.runIf(mode === 'headless')(
      'in mode headless alone: a question asked again in the same task is the same one, answered or open',
      async () => {
        const ask = call('ask_human', { question: 'Again?' });
        const { id } = await giveTask(server, agent.id, `${ask}\n${ask}`);
        await answer(await asked(), { 'Again?': 'once is enough' });
        expect((await finishedTask(server, id)).result?.text).toContain(
          'after 2 tool call(s). Last result: once is enough',
        );
      },
    );

    test('a question is withdrawn when its task ends', async () => {
      const { id } = await giveTask(server, agent.id, call('ask_human', { question: 'May I?' }));
      const item = await asked();
      await server.request('POST', `/api/tasks/${id}/cancel`);
      expect(await finishedTask(server, id)).toMatchObject({ status: 'cancelled' });
      expect((await server.request('GET', `/api/inbox/${item.id}`)).body.state).toBe('withdrawn');
      expect((await answer(item, { 'May I?': 'yes' })).status).toBe(409);
      await untilAgent(server, agent.id, 'idle');
    });

    test.runIf(mode === 'headless')('in mode headless alone: state is shared, with versions', async () => {
      const of = { namespace: 'team', key: 'counter' };
      const task = await run(
        [
          call('set_state', { ...of, value: { n: 1 }, ifVersion: 0 }),
          call('set_state', { ...of, value: { n: 2 }, ifVersion: 7 }),
          call('get_state', of),
        ].join('\n'),
      );
      expect(task.result?.text).toContain('"value":{"n":1}');
      expect(toldToModel()).toContain('VERSION_CONFLICT');
      expect((await server.request('GET', '/api/state/team/counter')).body).toMatchObject({
        value: { n: 1 },
        version: 1,
      });
    });

    test.runIf(mode === 'headless')(
      'in mode headless alone: progress is announced and written into the log of its execution',
      async () => {
        const executed = await server.request('POST', '/api/workflow/execute', {
          workflow: {
            pointsman: 1,
            name: 'tools',
            nodes: [
              {
                id: 'work',
                type: 'agent',
                config: {
                  agent: 'coder',
                  prompt: [
                    call('report_progress', { message: 'half way', percent: 50 }),
                    call('complete_task', { result: 'ok', data: { answer: 8 } }),
                  ].join('\n'),
                  output: ANSWER,
                },
              },
            ],
          },
        });
        expect(executed.status, JSON.stringify(executed.body)).toBe(202);
        const execution = await until('the execution', async () => {
          const { body } = await server.request('GET', `/api/executions/${executed.body.id}`);
          return ['succeeded', 'failed'].includes(body.status) ? body : null;
        });
        expect(execution).toMatchObject({
          status: 'succeeded',
          steps: [{ output: { text: 'ok', data: { answer: 8 } } }],
        });
        // In a terminal the CLI tells what a turn used a moment after its end.
        if (mode === 'headless') expect(execution.steps[0].output.usage.inputTokens).toBeGreaterThan(0);
        const { body: lines } = await server.request('GET', `/api/executions/${executed.body.id}/logs`);
        expect(JSON.stringify(lines)).toContain('coder: half way (50 %)');
      },
    );

    test.runIf(mode === 'headless')(
      'in mode headless alone: the team is listed without secrets, and a task handed to another agent; not further than that one may',
      async () => {
        const other = await claude('reviewer', { capabilities: ['review'] });
        await claude('daring', { permissionMode: 'acceptEdits' });
        const listed = await run(call('list_agents', {}));
        expect(listed.result?.text).toContain('"capabilities":["review"]');
        expect(toldToModel()).not.toContain('sk-ant-stub');
        const task = await run(
          [
            call('send_task', { agent: 'daring', prompt: 'edit it' }),
            call('send_task', { agent: 'coder', prompt: 'again' }),
            call('send_task', { agent: 'reviewer', prompt: 'STUB:text looks good' }),
          ].join('\n'),
        );
        // The reviewer may have asked its model meanwhile.
        const toldToCoder = model.requests.findLast(({ body }) => JSON.stringify(body).includes('edit it'));
        expect(JSON.stringify(toldToCoder?.body)).toContain('may do more without asking than coder');
        expect(JSON.stringify(toldToCoder?.body)).toContain('cannot hand a task to itself');
        const sent = /"taskId":"([0-9a-f-]{36})"/.exec(task.result?.text ?? '')?.[1] ?? '';
        expect(await finishedTask(server, sent)).toMatchObject({ agentId: other.id, result: { text: 'looks good' } });
      },
    );

    test.runIf(mode === 'headless')(
      'in mode headless alone: hand-overs from agent to agent end after three',
      async () => {
        const hand = (to: string, prompt: string) => call('send_task', { agent: to, prompt });
        const refused = hand('reviewer', 'STUB:text never');
        const prompt = hand('reviewer', hand('coder', hand('reviewer', hand('coder', refused))));
        await run(prompt);
        await until('the fourth hand-over to be refused', async () =>
          model.requests.some((one) => JSON.stringify(one.body).includes('was handed on 3 times')) ? true : null,
        );
        expect(model.requests.some((one) => one.prompt === 'STUB:text never')).toBe(false);
      },
    );

    test.runIf(mode === 'headless')(
      'in mode headless alone: a token speaks for its own agent alone: another one’s task is out of reach',
      async () => {
        const { body: agents } = await server.request<Agent[]>('GET', '/api/agents');
        const reviewer = agents.find((one) => one.name === 'reviewer') as Agent;
        const { id } = await giveTask(server, agent.id, 'STUB:hold mine finished by itself');
        await untilTask(server, id, (task) => task.status === 'running');
        const refused = await callAs(reviewer.id, 'complete_task', { result: 'stolen' });
        expect(refused.result).toMatchObject({
          isError: true,
          content: [{ text: expect.stringContaining('NO_RUNNING') }],
        });
        model.release('mine');
        expect(await finishedTask(server, id)).toMatchObject({ result: { text: 'finished by itself' } });
      },
    );

    test.runIf(mode === 'headless')(
      'in mode headless alone: nobody else is let in: 401 first, then Host, Origin and method',
      async () => {
        const list = rpc('tools/list');
        const own = tokenOf(agent.id);
        for (const token of [
          null,
          'x',
          server.token,
          `${own.slice(0, -1)}!`,
          own.replace(
            agent.id,
            agent.id.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
          ),
        ])
          expect((await post(token, list)).status, String(token)).toBe(401);
        expect((await post(null, 'not json')).status).toBe(401);
        expect((await post(own, list)).status).toBe(200);
        expect((await post(own, list, { origin: 'https://evil.example' })).status).toBe(403);
        expect((await post(own, 'not json')).status).toBe(400);
        expect((await post(own, [list])).status).toBe(400);
        expect((await post(own, { jsonrpc: '2.0', method: 'notifications/initialized' })).status).toBe(202);
        for (const method of ['GET', 'DELETE']) {
          const refused = await fetch(`${server.url}/mcp`, { method, headers: { authorization: `Bearer ${own}` } });
          expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST']);
          expect((await fetch(`${server.url}/mcp`, { method })).status).toBe(401);
        }
        const api = await fetch(`${server.url}/api/agents`, { headers: { authorization: `Bearer ${own}` } });
        expect(api.status).toBe(401);
      },
    );

    test.runIf(mode === 'headless')(
      'in mode headless alone: the token is kept for nobody else to read, is made anew at each launch and ends with the agent',
      async () => {
        const gone = await claude('gone');
        const directory = path.join(home, 'agents', gone.id);
        const first = tokenOf(gone.id);
        expect(readdirSync(directory)).toContain('tools-token.sha256');
        for (const file of ['tools-token.sha256', 'claude/pointsman-tools.json'])
          expect(statSync(path.join(directory, file)).mode & 0o777, file).toBe(0o600);
        expect(readFileSync(path.join(directory, 'tools-token.sha256'), 'utf8')).not.toContain(first);
        await server.request('POST', `/api/agents/${gone.id}/restart`);
        await untilAgent(server, gone.id, 'idle');
        expect((await post(first, rpc('ping'))).status).toBe(401);
        const second = tokenOf(gone.id);
        expect((await post(second, rpc('ping'))).status).toBe(200);
        expect((await server.request('DELETE', `/api/agents/${gone.id}`)).status).toBe(204);
        expect((await post(second, rpc('ping'))).status).toBe(401);
      },
    );
  },
);

async function freePort(): Promise<number> {
  const probe = net.createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as net.AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
