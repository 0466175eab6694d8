/** The real opencode, against a model on loopback that does what the prompt says. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { agentCliMissing } from '../../../test/support/agent-cli.ts';
import { toolServer } from '../../../test/support/tool-server.ts';
import { eventually, temporaryPlace } from '../../adapters/tmux/testing/temporary-host.ts';
import { agentDriverConformance, connectTo } from '../../ports/agent-driver.conformance.ts';
import { createOpencodeDriver } from './opencode-driver.ts';
import { opencodeFiles } from './opencode-files.ts';
import { opencodeServer } from './opencode-server.ts';
import { contextIn, portOf, serverOf, STARTS_TWICE_MS, tool, world } from './testing/opencode-world.ts';

const missing = agentCliMissing('opencode');

// It takes seconds to start: beside the sentences of every driver, one program does several things in each test.
describe.skipIf(missing !== null)(`opencode serve${missing ? ` (skipped: ${missing})` : ''}`, () => {
  agentDriverConformance('the opencode driver', async () => world());

  it(
    'gives the model 64 KiB of any Unicode as they are, its instructions, its model and its tools',
    async () => {
      const tools = await toolServer();
      const here = await world({
        instructions: 'Always be kind.',
        model: 'stub/other',
        tools: { url: tools.url, token: 'of this agent' },
      });
      const live = await connectTo(here);
      const prompt = `${'é🎉"\\$`~\t漢字 \u202e'.repeat(2400)}\n/slash !bang #hash @at \\\nSTUB:text got it`;
      const sized = prompt.slice(-Math.floor((65_536 * prompt.length) / Buffer.byteLength(prompt)));
      expect(await live.run(sized)).toEqual({ status: 'succeeded', result: { text: 'got it' } });
      expect(here.model.requests.map((one) => one.prompt)).toEqual([sized]);
      const { body } = here.model.requests[0] ?? {};
      expect(body?.['model']).toBe('other');
      expect(JSON.stringify(body)).toContain('Always be kind.');

      expect((await live.run(tool('pointsman_greet', { who: 'you' }))).result?.text).toContain('hello you');
      expect(tools.authorizations).toContain('Bearer of this agent');
      expect(live.seen.some((one) => one.type === 'decision_requested')).toBe(false);
      live.connection.close();

      const unknown = await connectTo(await here.relaunch({ model: 'stub/none' }));
      const failed = await unknown.run('STUB:text never', 'never');
      expect(failed).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('not found') } });
      await unknown.status('idle');
    },
    STARTS_TWICE_MS,
  );

  it(
    'counts what it used exactly as the endpoint did, and killed with -9 goes on with its conversation',
    async () => {
      const here = await world({ permissionMode: 'bypassPermissions' });
      let live = await connectTo(here);
      await live.run(`${tool('bash', { command: 'pwd', description: 'where' })}\nSTUB:text one`);
      await live.run('STUB:text two', 'b');
      process.kill(here.session.ref.panePid, 'SIGKILL');
      await here.session.exited;
      live.connection.close();
      live = await connectTo(await here.relaunch());
      await live.run('STUB:text three', 'after the restart');
      const used = live.seen.findLast((one) => one.type === 'usage');
      const counted = here.model.requests.map((one) => one.usage ?? { inputTokens: 0, outputTokens: 0 });
      expect(counted).toHaveLength(4);
      expect(used?.total).toEqual({
        inputTokens: counted.reduce((sum, one) => sum + one.inputTokens, 0),
        outputTokens: counted.reduce((sum, one) => sum + one.outputTokens, 0),
        cost: 0,
      });
      // It is one conversation: the model was shown what was said before the restart.
      expect(JSON.stringify(here.model.requests.at(-1)?.body)).toContain('STUB:text two');
      // And what was done before it is known.
      expect(await live.connection.recover({ id: 'b', prompt: 'STUB:text two' })).toMatchObject({
        outcome: 'finished',
        taskOutcome: { result: { text: 'two' } },
      });
      expect(await live.connection.deliver({ id: 'b', prompt: 'STUB:text two' })).toMatchObject({ outcome: 'unknown' });
    },
    STARTS_TWICE_MS,
  );

  it(
    'fails the task and says why, whatever goes wrong at the endpoint, and is well again after it',
    async () => {
      const here = await world({}, createOpencodeDriver({ modelSilenceMs: 6_000, retryMs: 12_000 }));
      const live = await connectTo(here);
      for (const [script, code, status, reason] of [
        ['error 401 not signed in', 'AGENT_AUTH_FAILED', 'auth_failed', 'not signed in'],
        ['error 429 slow down', 'AGENT_RATE_LIMITED', 'rate_limited', 'slow down'],
        ['error 500 broken', 'MODEL_FAILED', 'idle', 'broken'],
        ['error 400 refused', 'MODEL_FAILED', 'idle', 'refused'],
        ['drop', 'MODEL_FAILED', 'idle', ''],
        ['hang', 'MODEL_FAILED', 'idle', 'said nothing for 6 seconds'],
      ] as const) {
        const outcome = await live.run(`STUB:${script}`, script);
        expect(outcome, script).toMatchObject({ status: 'failed', error: { code } });
        expect(outcome.status === 'failed' && outcome.error.message).toContain(reason);
        await live.status(status);
        expect(await live.run('STUB:text well again', `after ${script}`)).toMatchObject({ status: 'succeeded' });
        await live.status('idle');
      }
      await live.connection.deliver({ id: 'later', prompt: 'STUB:once429 in the end' });
      await live.status('rate_limited');
      expect((await live.end('later')).outcome).toMatchObject({ status: 'succeeded', result: { text: 'in the end' } });
      await live.status('idle');

      // What it was before, it is also for the next server.
      await live.run('STUB:text Shall I go on?', 'question');
      await live.status('waiting_input');
      live.connection.close();
      const second = await connectTo(here);
      await second.status('waiting_input');
      await second.run('STUB:error 401 not signed in', 'last');
      second.connection.close();
      const third = await connectTo(here);
      await third.status('auth_failed');
    },
    STARTS_TWICE_MS,
  );

  it('asks about a change of files with its diff, about commands, and its own questions', async () => {
    const here = await world();
    const first = await connectTo(here);
    const file = join(here.context.workspace, 'new.txt');
    const writing = tool('write', { filePath: file, content: 'one line\n' });
    await first.connection.deliver({ id: 'write', prompt: `${writing}\nSTUB:text done` });
    await first.decision();
    first.connection.close();
    const live = await connectTo(here);
    const change = await live.decision();
    expect(change.request).toMatchObject({ kind: 'permission', tool: 'Edit', input: { file_path: file } });
    expect(JSON.stringify(change.request)).toContain('+one line');
    expect(existsSync(file)).toBe(false);
    await live.connection.answer(change.requestId, { decision: 'allow' });
    expect((await live.end('write')).outcome.status).toBe('succeeded');
    expect(await readFile(file, 'utf8')).toBe('one line\n');

    const asked = async (count: number) =>
      eventually(() => live.seen.filter((one) => one.type === 'decision_requested')[count - 1], 'a decision');
    const command = 'touch "a b" && echo \'x\'';
    await live.connection.deliver({ id: 'deny', prompt: tool('bash', { command, description: 'makes two files' }) });
    const denied = await asked(2);
    expect(denied.request).toMatchObject({
      tool: 'Bash',
      input: { command },
      cwd: here.context.workspace,
      description: 'makes two files',
    });
    await live.connection.answer(denied.requestId, { decision: 'deny', reason: 'not on a Friday' });
    expect((await live.end('deny')).outcome.status).toBe('succeeded');
    expect(JSON.stringify(here.model.requests.at(-1)?.body)).toContain('not on a Friday');
    expect(existsSync(join(here.context.workspace, 'a b'))).toBe(false);

    await live.connection.deliver({ id: 'elsewhere', prompt: tool('bash', { command, description: 'again' }) });
    const { requestId } = await asked(3);
    const opencode = await serverOf(here.context);
    expect((await opencode.request('POST', `/permission/${requestId}/reply`, { reply: 'once' })).status).toBe(200);
    expect((await live.end('elsewhere')).outcome.status).toBe('succeeded');
    expect(live.seen).toContainEqual(expect.objectContaining({ type: 'decision_settled', requestId }));
    expect(await live.connection.answer(requestId, { decision: 'allow' })).toMatchObject({ outcome: 'gone' });

    const options = [
      { label: 'Red', description: 'like fire' },
      { label: 'Blue', description: 'like the sea' },
    ];
    const questions = [{ header: 'Colour', question: 'Which colour?', options }];
    await live.connection.deliver({ id: 'ask', prompt: tool('question', { questions }) });
    const question = await asked(4);
    expect(question.request).toMatchObject({ kind: 'question', questions: [{ question: 'Which colour?', options }] });
    await live.connection.answer(question.requestId, { decision: 'answer', answers: { 'Which colour?': 'Blue' } });
    expect((await live.end('ask')).outcome.result?.text).toContain('Blue');
  });

  it('is reached by nobody without its password, which its commands do not get', async () => {
    const here = await world({ permissionMode: 'bypassPermissions' });
    const live = await connectTo(here);
    const files = opencodeFiles(here.context.directory);
    const outcome = await live.run(tool('bash', { command: 'env', description: 'shows' }));
    expect(outcome.status).toBe('succeeded');
    const told = JSON.stringify(here.model.requests.at(-1)?.body);
    const password = await readFile(files.password, 'utf8');
    expect(told).toContain('OPENCODE_PID=');
    expect(told).not.toContain(password);
    expect(told).not.toMatch(/OPENCODE_SERVER_PASSWORD|XDG_DATA_HOME/);
    expect((await stat(files.password)).mode & 0o777).toBe(0o600);
    const port = await portOf(here.context);
    expect((await fetch(`http://127.0.0.1:${port}/session`)).status).toBe(401);
    const stranger = opencodeServer({ port, password: 'guessed', directory: here.context.workspace });
    expect((await stranger.request('GET', '/session')).status).toBe(401);
    // Everything of its own lies in the agent's directory.
    const homeOfPerson = here.context.env['HOME'] ?? '';
    expect(existsSync(join(homeOfPerson, '.local'))).toBe(false);
  });

  it(
    'writes nothing in modes plan and dontAsk, asks nobody, and with `fresh` begins a new conversation',
    async () => {
      let here = await world({ permissionMode: 'plan' });
      for (const permissionMode of ['plan', 'dontAsk'] as const) {
        if (permissionMode !== 'plan') here = await here.relaunch({ permissionMode, fresh: true });
        const live = await connectTo(here);
        await live.run(tool('bash', { command: 'touch planned', description: 'tries' }), permissionMode);
        await live.run(tool('write', { filePath: 'planned', content: 'x' }), `${permissionMode} write`);
        expect(existsSync(join(here.context.workspace, 'planned'))).toBe(false);
        expect(live.seen.some((one) => one.type === 'decision_requested')).toBe(false);
        live.connection.close();
      }
      const told = here.model.requests.map(({ body }) => body['messages'] as unknown[]);
      // Two prompts with two answers each came before it.
      expect(JSON.stringify(told[4])).toContain('touch planned');
      expect(told[4]).toHaveLength(told[0]?.length ?? 0);
    },
    STARTS_TWICE_MS,
  );

  it('is unusable, with what to do, where it is not installed or nobody is signed in', async () => {
    const place = await temporaryPlace();
    const context = await contextIn(place.directory, 'http://127.0.0.1:9');
    const absent = await createOpencodeDriver().launch({ ...context, command: ['no-such-opencode'] });
    expect(absent).toMatchObject({ outcome: 'unusable', status: 'auth_failed' });
    expect(absent.outcome === 'unusable' && absent.reason).toContain('npm install -g opencode-ai');
    const { PATH = '' } = context.env;
    const nobody = { PATH, HOME: join(place.directory, 'nobody') };
    const unknown = await createOpencodeDriver().launch({ ...context, env: nobody });
    expect(unknown).toMatchObject({ outcome: 'unusable', status: 'auth_failed' });
    expect(unknown.outcome === 'unusable' && unknown.reason).toContain('opencode auth login');
    const signIn = join(nobody.HOME, '.local/share/opencode');
    await mkdir(signIn, { recursive: true });
    await writeFile(join(signIn, 'auth.json'), '{"stub":{"type":"api","key":"mine"}}');
    expect(await createOpencodeDriver().launch({ ...context, env: nobody })).toMatchObject({ outcome: 'ready' });
  });
});
