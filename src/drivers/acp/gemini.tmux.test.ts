/** The real Gemini CLI, against a model on loopback that does what the prompt says. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
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
import { createGeminiDriver } from './gemini-driver.ts';

const missing = agentCliMissing('gemini');

describe.skipIf(missing !== null)(`Gemini CLI${missing ? ` (skipped: ${missing})` : ''}`, () => {
  agentDriverConformance('the Gemini driver', async () => world());

  it('gives the model exactly the text it was given, 64 KiB of any Unicode', async () => {
    const here = await world();
    const live = await connectTo(here);
    const prompt = `${'é🎉"\\$`~\t漢字 \u202e'.repeat(2400)}\n/slash !bang #hash @at \\\nSTUB:text got it`;
    const sized = prompt.slice(-Math.floor((65_536 * prompt.length) / Buffer.byteLength(prompt)));
    expect(await live.run(sized)).toEqual({ status: 'succeeded', result: { text: 'got it' } });
    expect(here.model.requests.at(-1)?.prompt).toBe(sized);
  });

  it('counts what it used exactly as the endpoint did, also over a restart of the program', async () => {
    const here = await world({ permissionMode: 'bypassPermissions' });
    let live = await connectTo(here);
    await live.run(`${tool('run_shell_command', { command: 'pwd' })}\nSTUB:text one`);
    await live.run('STUB:text two', 'b');
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
    const here = await world({ permissionMode: 'bypassPermissions' });
    const file = join(here.context.workspace, 'new.txt');
    let live = await connectTo(here);
    await live.run(`please\n${tool('write_file', { file_path: file, content: 'one line' })}\nSTUB:text one`);
    live.connection.close();
    live = await connectTo(await here.relaunch());
    await live.run('and on\nSTUB:text two', 'after the restart');
    const page = await createGeminiDriver().transcript?.(here.context, { limit: 50 });
    expect(linesOf(page?.entries ?? [])).toEqual([
      'user please',
      `tool Edit succeeded ${file}`,
      'assistant one',
      'user and on',
      'assistant two',
    ]);
    const { input, output } = toolNamed(page?.entries ?? [], 'Edit');
    expect(JSON.parse(input)).toEqual({ file_path: file });
    expect(output).toBe(`${file}\none line`);
  });

  it.each([
    ['401 not signed in', 'AGENT_AUTH_FAILED', 'auth_failed', 'not signed in'],
    ['429 slow down', 'AGENT_RATE_LIMITED', 'rate_limited', 'slow down'],
    ['500 broken', 'MODEL_FAILED', 'idle', 'broken'],
    ['400 refused', 'MODEL_FAILED', 'idle', 'refused'],
  ])('fails the task and says why when the endpoint answers %s', async (answer, code, status, reason) => {
    const live = await connectTo(await world());
    const outcome = await live.run(`STUB:error ${answer}`);
    expect(outcome).toMatchObject({ status: 'failed', error: { code } });
    expect(outcome.status === 'failed' && outcome.error.message).toContain(reason);
    await live.status(status);
    expect(await live.run('STUB:text well again', 'b')).toMatchObject({ status: 'succeeded' });
    await live.status('idle');
  });

  it('says so while it waits to try again after a 429', async () => {
    const here = await world({}, { maxAttempts: 3 });
    const live = await connectTo(here);
    await live.connection.deliver({ id: 'a', prompt: 'STUB:once429 in the end' });
    await live.status('rate_limited');
    expect((await live.end('a')).outcome).toMatchObject({ status: 'succeeded', result: { text: 'in the end' } });
    await live.status('idle');
  });

  it('fails the task when the endpoint breaks off at every attempt', async () => {
    const live = await connectTo(await world({}, { maxAttempts: 2 }));
    expect(await live.run('STUB:drop')).toMatchObject({ status: 'failed', error: { code: 'MODEL_FAILED' } });
    await live.status('idle');
  });

  it('fails the task when the endpoint never answers', async () => {
    const live = await connectTo(await world({}, {}, createGeminiDriver({ modelSilenceMs: 3_000 })));
    const silent = await live.run('STUB:hang');
    expect(silent).toMatchObject({ status: 'failed', error: { code: 'MODEL_FAILED' } });
    expect(silent.status === 'failed' && silent.error.message).toContain('said nothing for 3 seconds');
    expect(await live.run('STUB:text well again', 'b')).toMatchObject({ status: 'succeeded' });
  });

  it('asks about a change of files with its diff, also after a restart of the server', async () => {
    const here = await world();
    const file = join(here.context.workspace, 'new.txt');
    const task = {
      id: 'a',
      prompt: `${tool('write_file', { file_path: file, content: 'one line\n' })}\nSTUB:text done`,
    };
    const first = await connectTo(here);
    await first.connection.deliver(task);
    await first.decision();
    first.connection.close();
    const live = await connectTo(here);
    const { requestId, request } = await live.decision();
    expect(request).toMatchObject({
      kind: 'permission',
      tool: 'Edit',
      input: { file_path: file, changes: [{ path: file, old: '', new: 'one line\n' }] },
    });
    expect(existsSync(file)).toBe(false);
    await live.connection.answer(requestId, { decision: 'allow' });
    expect((await live.end('a')).outcome.status).toBe('succeeded');
    expect(await readFile(file, 'utf8')).toBe('one line\n');
  });

  it('asks about the command that a person would type', async () => {
    const here = await world();
    const live = await connectTo(here);
    const command = 'touch "a b" && echo \'x\'';
    await live.connection.deliver({ id: 'a', prompt: tool('run_shell_command', { command }) });
    const { requestId, request } = await live.decision();
    expect(request).toMatchObject({ tool: 'Bash', input: { command }, cwd: here.context.workspace });
    await live.connection.answer(requestId, { decision: 'deny', reason: 'not on a Friday' });
    await live.end('a');
    expect(existsSync(join(here.context.workspace, 'a b'))).toBe(false);
  });

  it('changes files without asking in mode acceptEdits, and still asks about commands', async () => {
    const here = await world({ permissionMode: 'acceptEdits' });
    const live = await connectTo(here);
    const file = join(here.context.workspace, 'edited');
    await live.run(`${tool('write_file', { file_path: file, content: 'x' })}\nSTUB:text done`);
    expect(existsSync(file)).toBe(true);
    await live.connection.deliver({ id: 'b', prompt: tool('run_shell_command', { command: 'touch asked' }) });
    expect((await live.decision()).request).toMatchObject({ tool: 'Bash' });
  });

  it('writes nothing in mode plan', async () => {
    const here = await world({ permissionMode: 'plan' });
    const live = await connectTo(here);
    const file = join(here.context.workspace, 'planned');
    await live.run(`${tool('write_file', { file_path: file, content: 'x' })}\nSTUB:text done`);
    expect(existsSync(file)).toBe(false);
  });

  it('has its instructions, its model and its tools, and with `fresh` a new conversation', async () => {
    const tools = await toolServer();
    const here = await world({
      instructions: 'Always be kind.',
      model: 'gemini-2.5-pro',
      tools: { url: tools.url, token: 'of this agent' },
    });
    const live = await connectTo(here);
    const outcome = await live.run(tool('mcp_pointsman_greet', { who: 'you' }));
    expect(outcome.result?.text).toContain('hello you');
    expect(tools.authorizations).toContain('Bearer of this agent');
    const { body, path } = here.model.requests[0] ?? {};
    expect(path).toContain('gemini-2.5-pro');
    expect(JSON.stringify(body)).toContain('Always be kind.');
    live.connection.close();
    const again = await connectTo(await here.relaunch({ fresh: true }));
    await again.run('STUB:text new', 'b');
    expect(JSON.stringify(here.model.requests.at(-1)?.body)).not.toContain('mcp_pointsman_greet {');
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
    const absent = await createGeminiDriver().launch({ ...context, command: ['no-such-gemini'] });
    expect(absent).toMatchObject({ outcome: 'unusable', status: 'auth_failed' });
    expect(absent.outcome === 'unusable' && absent.reason).toContain('npm install -g @google/gemini-cli');
    const { PATH = '', HOME = '' } = context.env;
    const unknown = await createGeminiDriver().launch({ ...context, env: { PATH, HOME } });
    expect(unknown).toMatchObject({ outcome: 'unusable', status: 'auth_failed' });
    expect(unknown.outcome === 'unusable' && unknown.reason).toContain('GEMINI_API_KEY');
    // The person's own sign-in is used as it is, and renewed in its place.
    await writeFile(join(HOME, '.gemini', 'oauth_creds.json'), '{}');
    expect(await createGeminiDriver().launch({ ...context, env: { PATH, HOME } })).toMatchObject({ outcome: 'ready' });
    const link = join(context.directory, 'gemini', '.gemini', 'oauth_creds.json');
    expect(await readlink(link)).toBe(join(HOME, '.gemini', 'oauth_creds.json'));
    const settings = join(context.directory, 'gemini', '.gemini', 'settings.json');
    expect((await stat(settings)).mode & 0o777).toBe(0o600);
  });
});

const tool = (name: string, input: object): string => `STUB:tool ${name} ${JSON.stringify(input)}`;

interface GeminiWorld extends DriverWorld {
  model: ModelEndpoint;
  context: LaunchContext;
  /** Kills the program and starts it again, as a supervisor does. */
  relaunch(change?: Partial<LaunchContext>): Promise<GeminiWorld>;
}

async function world(
  change: Partial<LaunchContext> = {},
  // Gemini tries ten times, five seconds and more apart.
  { maxAttempts = 1 }: { maxAttempts?: number } = {},
  driver = createGeminiDriver(),
): Promise<GeminiWorld> {
  const place = await temporaryPlace();
  const model = await startModelEndpoint();
  onTestFinished(() => model.close());
  const directory = join(place.directory, 'agent');
  const workspace = join(place.directory, 'work space'); // Gemini acts nowhere below a double quote
  const home = join(place.directory, 'home');
  for (const path of [directory, workspace, home, join(home, '.gemini')]) await mkdir(path, { mode: 0o700 });
  await writeFile(join(home, '.gemini', 'settings.json'), JSON.stringify({ general: { maxAttempts } }));
  const context: LaunchContext = {
    agentId: randomUUID(),
    name: 'gemini one',
    directory,
    workspace,
    permissionMode: 'manual',
    model: 'gemini-2.5-flash',
    command: [agentCli('gemini')],
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: home,
      GOOGLE_GEMINI_BASE_URL: model.url,
      GEMINI_API_KEY: 'stub',
    },
    ...change,
  };
  return launched({ place, model, context, driver });
}

async function launched(parts: {
  place: Awaited<ReturnType<typeof temporaryPlace>>;
  model: ModelEndpoint;
  context: LaunchContext;
  driver: ReturnType<typeof createGeminiDriver>;
}): Promise<GeminiWorld> {
  const { place, model, context, driver } = parts;
  const { session, connect } = await launchDriver({ place, driver, context });
  const mark = join(context.workspace, 'made by gemini');
  return {
    session,
    model,
    context,
    connect,
    prompts: modelPrompts(model, session.ref),
    decisions: {
      asking: `${tool('run_shell_command', { command: `touch '${mark}'` })}\nSTUB:text all done`,
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
