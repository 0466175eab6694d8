/** The real Codex, against a model on loopback that does what the prompt says. */
import { randomUUID } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { mkdir, open, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { agentCli, agentCliMissing } from '../../../test/support/agent-cli.ts';
import { launchDriver, modelPrompts } from '../../../test/support/launched-driver.ts';
import { type ModelEndpoint, startModelEndpoint } from '../../../test/support/model-endpoint.ts';
import { toolServer } from '../../../test/support/tool-server.ts';
import { linesOf, toolNamed } from '../../../test/support/transcript-lines.ts';
import { temporaryPlace } from '../../adapters/tmux/testing/temporary-host.ts';
import { agentDriverConformance, connectTo, type DriverWorld } from '../../ports/agent-driver.conformance.ts';
import type { LaunchContext } from '../../ports/agent-driver.ts';
import { pipedFiles } from '../launch-piped.ts';
import { storedConversation } from '../private-file.ts';
import { createCodexDriver } from './codex-driver.ts';

const missing = agentCliMissing('codex');

describe.skipIf(missing !== null)(`Codex headless${missing ? ` (skipped: ${missing})` : ''}`, () => {
  agentDriverConformance('the Codex driver', async () => world());

  it('gives the model exactly the text it was given, 64 KiB of any Unicode', async () => {
    const here = await world();
    const live = await connectTo(here);
    const prompt = `${'é🎉"\\$`~\t漢字 \u202e'.repeat(2400)}\n/slash !bang #hash @at \\\nSTUB:text got it`;
    const sized = prompt.slice(-Math.floor((65_536 * prompt.length) / Buffer.byteLength(prompt)));
    expect(await live.run(sized)).toEqual({ status: 'succeeded', result: { text: 'got it' } });
    expect(here.model.requests.at(-1)?.prompt).toBe(sized);
  });

  it('counts what it used exactly as the endpoint did, also over a restart of the program', async () => {
    const here = await world({ permissionMode: 'acceptEdits' });
    let live = await connectTo(here);
    await live.run(`${tool('exec_command', { cmd: 'pwd' })}\nSTUB:text one`);
    await live.run('STUB:text two');
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
  });

  it('has a transcript with prompts, tools and answers in order, which goes on after a restart', async () => {
    const here = await world({ permissionMode: 'acceptEdits' });
    let live = await connectTo(here);
    await live.run(`please\n${tool('exec_command', { cmd: 'echo made' })}\nSTUB:text one`);
    live.connection.close();
    live = await connectTo(await here.relaunch());
    await live.run('and on\nSTUB:text two', 'after the restart');
    const page = await createCodexDriver().transcript?.(here.context, { limit: 50 });
    expect(linesOf(page?.entries ?? [])).toEqual([
      'user please',
      expect.stringContaining('tool exec_command succeeded'),
      'assistant one',
      'user and on',
      'assistant two',
    ]);
    const { input, output } = toolNamed(page?.entries ?? [], 'exec_command');
    expect(JSON.parse(input)).toEqual({ cmd: 'echo made' });
    expect(output).toContain('\nmade\n');
  });

  it.each([
    ['401 not signed in', 'AGENT_AUTH_FAILED', 'auth_failed', 'not signed in'],
    ['429 slow down', 'AGENT_RATE_LIMITED', 'rate_limited', '429 Too Many Requests'],
    // What the endpoint says with it is not passed on.
    ['500 broken', 'MODEL_FAILED', 'idle', 'high demand'],
    ['400 refused', 'MODEL_FAILED', 'idle', 'refused'],
  ])('fails the task and says why when the endpoint answers %s', async (answer, code, status, reason) => {
    const live = await connectTo(await world());
    const outcome = await live.run(`STUB:error ${answer}`);
    expect(outcome).toMatchObject({ status: 'failed', error: { code } });
    expect(outcome.status === 'failed' && outcome.error.message).toContain(reason);
    await live.status(status);
    expect(await live.run('STUB:text well again')).toMatchObject({ status: 'succeeded' });
    await live.status('idle');
  });

  it('fails the task when the endpoint breaks off, and when it never answers', async () => {
    const live = await connectTo(await world({}, createCodexDriver({ modelSilenceMs: 3_000 })));
    expect(await live.run('STUB:drop')).toMatchObject({ status: 'failed', error: { code: 'MODEL_FAILED' } });
    const silent = await live.run('STUB:hang');
    expect(silent).toMatchObject({ status: 'failed', error: { code: 'MODEL_FAILED' } });
    expect(silent.status === 'failed' && silent.error.message).toContain('said nothing for 3 seconds');
    expect(await live.run('STUB:text well again')).toMatchObject({ status: 'succeeded' });
  });

  it('asks about a change of files with its diff, also after a restart of the server', async () => {
    const here = await world();
    const patch = '*** Begin Patch\n*** Add File: new.txt\n+one line\n*** End Patch\n';
    const task = { id: 'a', prompt: `${tool('apply_patch', { input: patch })}\nSTUB:text done` };
    const first = await connectTo(here);
    await first.connection.deliver(task);
    await first.decision();
    first.connection.close();
    const live = await connectTo(here);
    const { requestId, request } = await live.decision();
    const file = join(here.context.workspace, 'new.txt');
    expect(request).toMatchObject({
      kind: 'permission',
      tool: 'Edit',
      input: { file_path: file, changes: [{ path: file, kind: 'add', diff: 'one line\n' }] },
    });
    expect(existsSync(file)).toBe(false);
    await live.connection.answer(requestId, { decision: 'allow' });
    expect((await live.end('a')).outcome.status).toBe('succeeded');
    expect(await readFile(file, 'utf8')).toBe('one line\n');
  });

  it('asks about the command that a person would type, and tells the model why it was denied', async () => {
    const here = await world();
    const live = await connectTo(here);
    const command = 'touch "a b" && echo \'x\'';
    await live.connection.deliver({ id: 'a', prompt: tool('exec_command', { cmd: command }) });
    const { requestId, request } = await live.decision();
    expect(request).toMatchObject({ tool: 'Bash', input: { command }, cwd: here.context.workspace });
    await live.connection.answer(requestId, { decision: 'deny', reason: 'not on a Friday' });
    await live.end('a');
    expect(JSON.stringify(here.model.requests.at(-1)?.body)).toContain('not on a Friday');
  });

  it('asks about what a program of the model does, as newer models do everything', async () => {
    const here = await world();
    const live = await connectTo(here);
    const program = "text(await tools.exec_command({ cmd: 'touch made && echo it was' }))";
    await live.connection.deliver({ id: 'a', prompt: tool('exec', { input: program }) });
    const { requestId, request } = await live.decision();
    expect(request).toMatchObject({ tool: 'Bash', input: { command: 'touch made && echo it was' } });
    expect(existsSync(join(here.context.workspace, 'made'))).toBe(false);
    await live.connection.answer(requestId, { decision: 'allow' });
    expect((await live.end('a')).outcome.result?.text).toContain('it was');
    expect(existsSync(join(here.context.workspace, 'made'))).toBe(true);
  });

  it('asks its question with the options, and gives the answer to the model', async () => {
    const live = await connectTo(await world());
    const options = [
      { label: 'Red', description: 'like fire' },
      { label: 'Blue', description: 'like the sea' },
    ];
    const questions = [{ id: 'colour', header: 'Colour', question: 'Which colour?', options }];
    await live.connection.deliver({ id: 'a', prompt: tool('request_user_input', { questions }) });
    const { requestId, request } = await live.decision();
    expect(request).toMatchObject({ kind: 'question', questions: [{ question: 'Which colour?', options }] });
    await live.connection.answer(requestId, { decision: 'answer', answers: { 'Which colour?': 'Blue' } });
    expect((await live.end('a')).outcome.result?.text).toContain('Blue');
  });

  it('writes nothing in mode plan, and asks nobody', async () => {
    const here = await world({ permissionMode: 'plan' });
    const live = await connectTo(here);
    const outcome = await live.run(tool('exec_command', { cmd: 'touch planned' }));
    expect(outcome.result?.text).toContain('Read-only file system');
    expect(existsSync(join(here.context.workspace, 'planned'))).toBe(false);
    expect(live.seen.some((one) => one.type === 'decision_requested')).toBe(false);
  });

  it('works for one task in the directory of the task', async () => {
    const here = await world({ permissionMode: 'acceptEdits' });
    const live = await connectTo(here);
    const directory = join(here.context.directory, 'tree');
    await mkdir(directory);
    const prompt = tool('exec_command', { cmd: 'touch here && pwd' });
    await live.connection.deliver({ id: 'a', prompt, directory });
    expect((await live.end('a')).outcome.result?.text).toContain(directory);
    expect(existsSync(join(directory, 'here'))).toBe(true);
    expect((await live.run(tool('exec_command', { cmd: 'pwd' }))).result?.text).toContain(here.context.workspace);
  });

  it('has its instructions, its model and its tools, and with `fresh` a new conversation', async () => {
    const tools = await toolServer();
    const here = await world({
      instructions: 'Always be kind.',
      model: 'gpt-5.1-codex',
      tools: { url: tools.url, token: 'of this agent' },
    });
    const live = await connectTo(here);
    const outcome = await live.run(`${tool('mcp__pointsman__greet', { who: 'you' })}`);
    expect(outcome.result?.text).toContain('hello you');
    expect(tools.authorizations).toContain('Bearer of this agent');
    const { body } = here.model.requests[0] ?? {};
    expect(body?.['model']).toBe('gpt-5.1-codex');
    expect(JSON.stringify(body)).toContain('Always be kind.');
    live.connection.close();
    const again = await connectTo(await here.relaunch({ fresh: true }));
    await again.run('STUB:text new');
    expect(JSON.stringify(here.model.requests.at(-1)?.body)).not.toContain('mcp__pointsman__greet {');
  });

  it('knows of a prompt on which the server died whether it arrived', async () => {
    const here = await world();
    const first = await connectTo(here);
    await first.run('STUB:text before');
    first.connection.close();
    const { input, delivery } = pipedFiles(here.context.directory);
    const thread = await storedConversation(here.context.directory);
    const line = (id: string, text: string): string =>
      JSON.stringify({
        id: `turn/${id}`,
        method: 'turn/start',
        params: { threadId: thread, clientUserMessageId: id, input: [{ type: 'text', text }] },
      });
    const die = async (id: string, written: string): Promise<void> => {
      const offset = (await stat(pipedFiles(here.context.directory).output)).size;
      await writeFile(delivery, JSON.stringify({ taskId: id, offset }));
      const pipe = await open(input, constants.O_WRONLY | constants.O_NONBLOCK);
      await pipe.write(written);
      await pipe.close();
    };

    const half = { id: 'half', prompt: 'STUB:text only once' };
    await die('half', line('half', half.prompt).slice(0, 120));
    const second = await connectTo(here);
    expect(await second.connection.recover(half)).toEqual({ outcome: 'not_started' });
    expect(await second.connection.deliver(half)).toEqual({ outcome: 'submitted' });
    expect((await second.end('half')).outcome).toMatchObject({ result: { text: 'only once' } });
    second.connection.close();

    const whole = { id: 'whole', prompt: 'STUB:hold whole it went through' };
    await die('whole', `${line('whole', whole.prompt)}\n`);
    const third = await connectTo(here);
    expect(await third.connection.recover(whole)).toEqual({ outcome: 'running' });
    here.model.release('whole');
    expect((await third.end('whole')).outcome).toMatchObject({ result: { text: 'it went through' } });
    expect(here.model.requests.map((one) => one.prompt)).toEqual(['STUB:text before', half.prompt, whole.prompt]);
  });

  it('is after a restart of the server what it was before', async () => {
    const here = await world();
    let live = await connectTo(here);
    for (const [prompt, status] of [
      ['STUB:text Shall I go on?', 'waiting_input'],
      ['STUB:error 401 not signed in', 'auth_failed'],
    ] as const) {
      await live.run(prompt, prompt);
      await live.status(status);
      live.connection.close();
      live = await connectTo(here);
      await live.status(status);
      expect(live.seen.flatMap((one) => (one.type === 'status' ? [one.status] : []))).toEqual([status]);
    }
  });

  it('is unusable, with what to do, where it is not installed or nobody is signed in', async () => {
    const { context } = await world();
    const absent = await createCodexDriver().launch({ ...context, command: ['no-such-codex'] });
    expect(absent).toMatchObject({ outcome: 'unusable', status: 'auth_failed' });
    expect(absent.outcome === 'unusable' && absent.reason).toContain('npm install -g @openai/codex');
    const { PATH = '', HOME = '' } = context.env;
    const command = [agentCli('codex')];
    const unknown = await createCodexDriver().launch({ ...context, command, env: { PATH, HOME } });
    expect(unknown).toMatchObject({ outcome: 'unusable', status: 'auth_failed' });
    expect(unknown.outcome === 'unusable' && unknown.reason).toContain('codex login');
    // The person's own sign-in is used as it is, and renewed in its place.
    await mkdir(join(HOME, '.codex'));
    await writeFile(join(HOME, '.codex', 'auth.json'), '{"OPENAI_API_KEY":"sk-mine"}');
    expect(await createCodexDriver().launch({ ...context, env: { PATH, HOME } })).toMatchObject({ outcome: 'ready' });
    expect(await readlink(join(context.directory, 'codex', 'auth.json'))).toBe(join(HOME, '.codex', 'auth.json'));
  });
});

const tool = (name: string, input: object): string => `STUB:tool ${name} ${JSON.stringify(input)}`;

const retries = (option: string, times: number): string[] => ['-c', `model_providers.pointsman.${option}=${times}`];

interface CodexWorld extends DriverWorld {
  model: ModelEndpoint;
  context: LaunchContext;
  /** Kills the program and starts it again, as a supervisor does. */
  relaunch(change?: Partial<LaunchContext>): Promise<CodexWorld>;
}

async function world(change: Partial<LaunchContext> = {}, driver = createCodexDriver()): Promise<CodexWorld> {
  const place = await temporaryPlace();
  const model = await startModelEndpoint();
  onTestFinished(() => model.close());
  const directory = join(place.directory, 'agent');
  const workspace = join(place.directory, 'work "space"');
  const home = join(place.directory, 'home');
  for (const path of [directory, workspace, home]) await mkdir(path, { mode: 0o700 });
  const context: LaunchContext = {
    agentId: randomUUID(),
    name: 'codex one',
    directory,
    workspace,
    permissionMode: 'manual',
    // Codex tries again for half a minute.
    command: [agentCli('codex'), ...retries('request_max_retries', 0), ...retries('stream_max_retries', 1)],
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: home,
      OPENAI_BASE_URL: `${model.url}/v1`,
      OPENAI_API_KEY: 'sk-stub',
    },
    ...change,
  };
  return launched({ place, model, context, driver });
}

async function launched(parts: {
  place: Awaited<ReturnType<typeof temporaryPlace>>;
  model: ModelEndpoint;
  context: LaunchContext;
  driver: ReturnType<typeof createCodexDriver>;
}): Promise<CodexWorld> {
  const { place, model, context, driver } = parts;
  const { session, connect } = await launchDriver({ place, driver, context });
  const mark = join(context.workspace, 'made by codex');
  return {
    session,
    model,
    context,
    connect,
    prompts: modelPrompts(model, session.ref),
    decisions: {
      asking: `${tool('exec_command', { cmd: `touch '${mark}'` })}\nSTUB:text all done`,
      tool: 'Bash',
      answer: 'all done',
      done: async () => existsSync(mark),
    },
    async relaunch(other = {}) {
      await session.kill({ graceMs: 2_000 });
      return launched({ ...parts, context: { ...context, ...other } });
    },
  };
}
