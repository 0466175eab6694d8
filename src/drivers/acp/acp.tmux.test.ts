/** The driver for any ACP agent, with a small one on the official SDK and with the real opencode. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { launchDriver } from '../../../test/support/launched-driver.ts';
import { agentCli, agentCliMissing } from '../../../test/support/agent-cli.ts';
import { type ModelEndpoint, startModelEndpoint } from '../../../test/support/model-endpoint.ts';
import { linesOf, toolNamed } from '../../../test/support/transcript-lines.ts';
import { temporaryPlace } from '../../adapters/tmux/testing/temporary-host.ts';
import { agentDriverConformance, connectTo, type DriverWorld } from '../../ports/agent-driver.conformance.ts';
import type { LaunchContext } from '../../ports/agent-driver.ts';
import { createAcpDriver } from './acp-driver.ts';

const SCRIPTED_AGENT = join(import.meta.dirname, '../../../test/support/acp-agent.ts');

describe('an agent on the official SDK', () => {
  agentDriverConformance('the ACP driver', async () => world());

  it('resumes its conversation when it is started again, and with `fresh` begins a new one', async () => {
    const here = await world();
    let live = await connectTo(here);
    await live.run('STUB:text before');
    live.connection.close();
    let next = await here.relaunch();
    live = await connectTo(next);
    expect(await live.run('STUB:history', 'b')).toMatchObject({ result: { text: 'STUB:text before | STUB:history' } });
    live.connection.close();
    next = await next.relaunch({ fresh: true });
    live = await connectTo(next);
    expect(await live.run('STUB:history', 'c')).toMatchObject({ result: { text: 'STUB:history' } });
  });

  it('says so when the agent cannot resume, and works in a new conversation', async () => {
    const here = await world({}, ['--forgetful']);
    let live = await connectTo(here);
    await live.run('STUB:text before');
    live.connection.close();
    live = await connectTo(await here.relaunch());
    expect(await live.run('STUB:history', 'b')).toMatchObject({ result: { text: 'STUB:history' } });
  });

  it('tells its standing instructions before the first prompt, and once', async () => {
    const live = await connectTo(await world({ instructions: 'Always be kind.' }));
    await live.run('STUB:text one');
    const outcome = await live.run('STUB:history', 'b');
    expect(outcome.result?.text).toBe('Always be kind.\nSTUB:text one | STUB:history');
  });

  it.each([
    ['401 who are you', 'AGENT_AUTH_FAILED', 'auth_failed'],
    ['429 slow down', 'AGENT_RATE_LIMITED', 'rate_limited'],
    ['-32603 broken', 'MODEL_FAILED', 'idle'],
  ])('fails the task when the agent answers %s', async (answer, code, status) => {
    const live = await connectTo(await world());
    expect(await live.run(`STUB:error ${answer}`)).toMatchObject({ status: 'failed', error: { code } });
    await live.status(status);
    expect(await live.run('STUB:text well again', 'b')).toMatchObject({ status: 'succeeded' });
  });

  it('acts without asking in mode bypassPermissions, and never in mode dontAsk', async () => {
    for (const [permissionMode, done] of [
      ['bypassPermissions', true],
      ['dontAsk', false],
    ] as const) {
      const here = await world({ permissionMode });
      const live = await connectTo(here);
      await live.run('STUB:touch mark all done');
      expect(existsSync(join(here.context.workspace, 'mark'))).toBe(done);
      expect(live.seen.some((one) => one.type === 'decision_requested')).toBe(false);
    }
  });

  it('is unusable, with what to do, without a command or when it is not installed', async () => {
    const { context } = await world();
    const { command: _, ...bare } = context;
    const none = await createAcpDriver().launch(bare);
    expect(none).toMatchObject({ outcome: 'unusable', status: 'crashed' });
    expect(none.outcome === 'unusable' && none.reason).toContain('the program that speaks ACP');
    const absent = await createAcpDriver().launch({ ...context, command: ['no-such-agent'] });
    expect(absent.outcome === 'unusable' && absent.reason).toContain('no-such-agent is not installed');
  });

  it('is told as unusable when what it starts does not speak the protocol', async () => {
    const live = await connectTo(await world({ command: ['sh', '-c', 'exit 3'] }));
    expect(await live.connection.deliver({ id: 'a', prompt: 'STUB:text x' })).toMatchObject({ outcome: 'refused' });
  });
});

const missing = agentCliMissing('opencode');

describe.skipIf(missing !== null)(`opencode acp${missing ? ` (skipped: ${missing})` : ''}`, () => {
  // It takes seconds to start: one program does what the sentences above ask for one by one.
  it('does a turn, asks before it acts, is found again by the next server, and can be interrupted', async () => {
    const here = await opencodeWorld();
    const first = await connectTo(here);
    expect(await first.run(here.prompts.quick)).toEqual({ status: 'succeeded', result: { text: 'all done' } });
    await first.connection.deliver({ id: 'b', prompt: here.decisions.asking });
    await first.decision();
    await first.status('blocked');
    first.connection.close();
    const live = await connectTo(here);
    const { requestId, request } = await live.decision();
    expect(request).toMatchObject({ kind: 'permission', tool: 'Bash' });
    expect(await here.decisions.done()).toBe(false);
    expect(await live.connection.answer(requestId, { decision: 'allow' })).toEqual({ outcome: 'answered' });
    expect((await live.end('b')).outcome).toMatchObject({ status: 'succeeded', result: { text: 'all done' } });
    expect(await here.decisions.done()).toBe(true);
    await live.connection.deliver({ id: 'c', prompt: here.prompts.endless });
    await live.connection.interrupt();
    expect((await live.end('c')).outcome.status).toBe('cancelled');
    await live.status('idle');
  });

  it('resumes its conversation after it was killed, and so does its transcript, with tools', async () => {
    const here = await opencodeWorld();
    const first = await connectTo(here);
    const input = { command: 'echo made', description: 'says it' };
    const prompt = `remember PINEAPPLE\nSTUB:tool bash ${JSON.stringify(input)}\nSTUB:text noted`;
    await first.connection.deliver({ id: 'a', prompt });
    await first.connection.answer((await first.decision()).requestId, { decision: 'allow' });
    await first.end('a');
    first.connection.close();
    const live = await connectTo(await here.relaunch());
    await live.run('and on\nSTUB:text two', 'b');
    expect(JSON.stringify(here.model.requests.at(-1)?.body)).toContain('PINEAPPLE');
    const page = await createAcpDriver().transcript?.(here.context, { limit: 50 });
    expect(linesOf(page?.entries ?? [])).toEqual([
      'user remember PINEAPPLE',
      'tool Bash succeeded made',
      'assistant noted',
      'user and on',
      'assistant two',
    ]);
    expect(JSON.parse(toolNamed(page?.entries ?? [], 'Bash').input)).toMatchObject(input);
  });
});

interface AcpWorld extends Required<DriverWorld> {
  context: LaunchContext;
  /** Kills the program and starts it again, as a supervisor does. */
  relaunch(change?: Partial<LaunchContext>): Promise<AcpWorld>;
}

async function world(change: Partial<LaunchContext> = {}, options: string[] = []): Promise<AcpWorld> {
  const place = await temporaryPlace();
  const context = await contextIn(place.directory, {
    command: [process.execPath, SCRIPTED_AGENT, ...options],
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', ACP_AGENT_MEMORY: place.directory },
    ...change,
  });
  const mark = join(context.workspace, 'mark');
  return launched({
    place,
    context,
    prompts: {
      quick: 'STUB:text all done',
      answer: 'all done',
      endless: 'STUB:hang',
      held: 'STUB:hold all done',
      release: async () => writeFile(join(context.workspace, 'released'), ''),
      deadly: 'STUB:die',
    },
    decisions: {
      asking: 'STUB:touch mark all done',
      tool: 'Bash',
      answer: 'all done',
      done: async () => existsSync(mark),
    },
  });
}

async function opencodeWorld(): Promise<AcpWorld & { model: ModelEndpoint }> {
  const place = await temporaryPlace();
  const model = await startModelEndpoint();
  onTestFinished(() => model.close());
  const home = join(place.directory, 'home');
  await mkdir(home, { mode: 0o700 });
  const config = {
    autoupdate: false,
    share: 'disabled',
    model: 'stub/scripted',
    small_model: 'stub/scripted',
    provider: {
      stub: {
        npm: '@ai-sdk/openai-compatible',
        options: { baseURL: `${model.url}/v1`, apiKey: 'stub' },
        models: { scripted: {} },
      },
    },
    permission: { bash: 'ask', edit: 'ask' },
  };
  const context = await contextIn(place.directory, {
    command: [agentCli('opencode'), 'acp'],
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: home,
      OPENCODE_CONFIG_CONTENT: JSON.stringify(config),
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
    },
  });
  const mark = join(context.workspace, 'made by opencode');
  const input = JSON.stringify({ command: `touch '${mark}'`, description: 'makes a file' });
  const here = await launched({
    place,
    context,
    prompts: {
      quick: 'STUB:text all done',
      answer: 'all done',
      endless: 'STUB:hang',
      held: 'STUB:hold held all done',
      release: async () => model.release('held'),
      deadly: 'STUB:hold deadly never',
    },
    decisions: {
      asking: `STUB:tool bash ${input}\nSTUB:text all done`,
      tool: 'Bash',
      answer: 'all done',
      done: async () => existsSync(mark),
    },
  });
  return { ...here, model };
}

async function contextIn(
  directory: string,
  rest: Pick<LaunchContext, 'env'> & Partial<LaunchContext>,
): Promise<LaunchContext> {
  const own = join(directory, 'agent');
  const workspace = join(directory, 'work "space"');
  for (const path of [own, workspace]) await mkdir(path, { mode: 0o700 });
  return { agentId: randomUUID(), name: 'acp one', directory: own, workspace, permissionMode: 'manual', ...rest };
}

type Parts = Pick<AcpWorld, 'prompts' | 'decisions'> & {
  place: Awaited<ReturnType<typeof temporaryPlace>>;
  context: LaunchContext;
};

async function launched(parts: Parts): Promise<AcpWorld> {
  const { place, context, prompts, decisions } = parts;
  const driver = createAcpDriver();
  const { session, connect } = await launchDriver({ place, driver, context });
  return {
    session,
    context,
    prompts,
    decisions,
    connect,
    async relaunch(change = {}) {
      await session.kill({ graceMs: 2_000 });
      return launched({ ...parts, context: { ...context, ...change } });
    },
  };
}
