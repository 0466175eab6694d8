/** The real Claude Code without a terminal, against a model on loopback that does what the prompt says. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { launchDriver } from '../../../../test/support/launched-driver.ts';
import { agentCli, agentCliMissing } from '../../../../test/support/agent-cli.ts';
import { type ModelEndpoint, startModelEndpoint } from '../../../../test/support/model-endpoint.ts';
import { linesOf, toolNamed } from '../../../../test/support/transcript-lines.ts';
import { eventually, temporaryPlace } from '../../../adapters/tmux/testing/temporary-host.ts';
import { agentDriverConformance, connectTo, type DriverWorld } from '../../../ports/agent-driver.conformance.ts';
import type { LaunchContext, Observation } from '../../../ports/agent-driver.ts';
import { createClaudeHeadlessDriver } from './headless-driver.ts';

const missing = agentCliMissing('claude');

describe.skipIf(missing !== null)(`Claude Code headless${missing ? ` (skipped: ${missing})` : ''}`, () => {
  agentDriverConformance('the headless Claude driver', async () => world());

  it('gives the model exactly the text it was given, 64 KiB of any Unicode', async () => {
    const here = await world();
    const live = await connectTo(here);
    const prompt = `${'é🎉"\\$`~\t漢字 \u202e'.repeat(2400)}\n/slash !bang #hash @at \\\nSTUB:text got it`;
    const sized = prompt.slice(-Math.floor((65_536 * prompt.length) / Buffer.byteLength(prompt)));
    expect(await live.run(sized)).toEqual({ status: 'succeeded', result: { text: 'got it' } });
    expect(here.model.requests.at(-1)?.prompt).toBe(sized);
  });

  it('counts what it used exactly as the endpoint did, also over a restart of the program', async () => {
    const here = await world();
    let live = await connectTo(here);
    await live.run('STUB:tool Bash {"command":"true"}\nSTUB:text one');
    await live.run('STUB:text two');
    live.connection.close();
    const again = await here.relaunch();
    live = await connectTo(again);
    // Claude Code drops a prompt whose id its conversation has seen: the ids of tasks are never used twice.
    await live.run('STUB:text three', 'after the restart');
    const used = live.seen.findLast((one) => one.type === 'usage');
    const counted = here.model.requests.map((one) => one.usage ?? { inputTokens: 0, outputTokens: 0 });
    expect(used?.total.inputTokens).toBe(counted.reduce((sum, one) => sum + one.inputTokens, 0));
    expect(used?.total.outputTokens).toBe(counted.reduce((sum, one) => sum + one.outputTokens, 0));
    expect(used?.total.cost).toBeGreaterThan(0);
    // It is one conversation: the model was shown what was said before the restart.
    expect(JSON.stringify(here.model.requests.at(-1)?.body)).toContain('STUB:text two');
  });

  it('that was killed before its first answer begins a new conversation', async () => {
    const here = await world();
    const first = await connectTo(here);
    await first.connection.deliver({ id: randomUUID(), prompt: 'STUB:hang' });
    await here.model.asked('STUB:hang');
    process.kill(here.session.ref.panePid, 'SIGKILL');
    await here.session.exited;
    first.connection.close();
    const live = await connectTo(await here.relaunch());
    expect(await live.run('STUB:text here again')).toMatchObject({ result: { text: 'here again' } });
  });

  it('has a transcript with prompts, tools and answers in order, which goes on after a restart', async () => {
    const here = await world();
    const driver = createClaudeHeadlessDriver();
    const read = async () => (await driver.transcript?.(here.context, { limit: 50 }))?.entries ?? [];
    expect(await read()).toEqual([]);
    let live = await connectTo(here);
    await live.run('please\nSTUB:tool Bash {"command":"true"}\nSTUB:text one');
    live.connection.close();
    live = await connectTo(await here.relaunch());
    await live.run('and on\nSTUB:text two', 'after the restart');
    const entries = await read();
    expect(linesOf(entries)).toEqual([
      'user please',
      'tool Bash succeeded (Bash completed with no output)',
      'assistant one',
      'user and on',
      'assistant two',
    ]);
    expect(JSON.parse(toolNamed(entries, 'Bash').input)).toEqual({ command: 'true' });
  });

  it.each([
    ['401 not signed in', 'AGENT_AUTH_FAILED', 'auth_failed'],
    ['429 slow down', 'AGENT_RATE_LIMITED', 'rate_limited'],
    ['500 broken', 'MODEL_FAILED', 'idle'],
    ['400 refused', 'MODEL_FAILED', 'idle'],
  ])('fails the task and says why when the endpoint answers %s', async (answer, code, status) => {
    const live = await connectTo(await world());
    const outcome = await live.run(`STUB:error ${answer}`);
    expect(outcome).toMatchObject({ status: 'failed', error: { code } });
    expect(outcome.status === 'failed' && outcome.error.message).toContain(answer.slice(4));
    await live.status(status);
    // Between its own last try and its giving up it does not work.
    const since = statusesOf(live).slice(statusesOf(live).indexOf('working'));
    expect(since.filter((one) => one !== since.at(-1))).toEqual(['working']);
    expect(await live.run('STUB:text well again')).toMatchObject({ status: 'succeeded' });
    await live.status('idle');
  });

  it('waits and goes on when it is told once to slow down', async () => {
    const live = await connectTo(await world());
    expect(await live.run('STUB:once429 went through')).toMatchObject({ result: { text: 'went through' } });
    expect(live.seen.some((one) => one.type === 'status' && one.status === 'rate_limited')).toBe(true);
  });

  it('does not finish before the subagents it left in the background have', async () => {
    const here = await world();
    const live = await connectTo(here);
    const sub = JSON.stringify({
      description: 'look',
      prompt: 'STUB:hold sub the subagent is done',
      subagent_type: 'general-purpose',
      run_in_background: true,
    });
    await live.status('idle');
    const id = randomUUID();
    await live.connection.deliver({ id, prompt: `STUB:tool Agent ${sub}\nSTUB:text left it running` });
    await here.model.asked('STUB:hold sub');
    await live.status('working');
    expect(live.seen.some((one) => one.type === 'task_finished')).toBe(false);
    here.model.release('sub');
    expect((await live.end(id)).outcome).toMatchObject({ status: 'succeeded' });
    await live.status('idle');
    // The turn that the subagent's end brought about is part of it.
    expect(here.model.requests.filter((one) => one.prompt.includes('left it running'))).toHaveLength(3);
    expect(statusesOf(live)).toEqual(['idle', 'working', 'idle']);
    expect(live.seen.filter((one) => one.type === 'task_finished')).toHaveLength(1);
  });

  it.for([
    { heard: 'and we know it', isBusy: false },
    { heard: 'and we read of it after the interruption', isBusy: true },
  ])('stops the subagents of a task that is interrupted when it has answered already, $heard', async ({ isBusy }) => {
    const here = await world();
    const live = await connectTo(here);
    const sub = JSON.stringify({
      description: 'look',
      prompt: 'STUB:hold sub never told',
      subagent_type: 'general-purpose',
      run_in_background: true,
    });
    const id = randomUUID();
    await live.connection.deliver({ id, prompt: `STUB:tool Agent ${sub}\nSTUB:text left it running` });
    await here.model.asked('STUB:hold sub never told');
    // Nothing of ours runs while Claude Code goes on.
    if (isBusy) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    else await eventually(() => live.seen.some((one) => one.type === 'usage'), 'its answer');
    await live.connection.interrupt();
    expect((await live.end(id)).outcome.status).toBe('cancelled');
    await live.status('idle');
    expect(await live.run('STUB:text on')).toMatchObject({ result: { text: 'on' } });
  });

  it('does not hold a task for a command that it left in the background', async () => {
    const here = await world();
    const live = await connectTo(here);
    const command = { command: 'until [ -e go-on ]; do sleep 0.1; done', run_in_background: true };
    const prompt = `STUB:tool Bash ${JSON.stringify(command)}\nSTUB:text it runs`;
    expect(await live.run(prompt)).toMatchObject({ status: 'succeeded', result: { text: 'it runs' } });
    await live.status('idle');
    await writeFile(join(here.context.workspace, 'go-on'), '');
    // Its end wakes the agent: nobody's task.
    await live.status('working');
    await live.status('idle');
    expect(live.seen.filter((one) => one.type === 'task_finished')).toHaveLength(1);
  });

  it('is after a restart of the server what it was before', async () => {
    const here = await world();
    let live = await connectTo(here);
    for (const [prompt, status] of [
      ['STUB:text Shall I go on?', 'waiting_input'],
      ['STUB:error 401 not signed in', 'auth_failed'],
    ] as const) {
      await live.run(prompt, randomUUID());
      await live.status(status);
      live.connection.close();
      live = await connectTo(here);
      await live.status(status);
      expect(statusesOf(live)).toEqual([status]);
    }
  });

  it('asks its question with the options, and gives the answer to the model', async () => {
    const here = await world();
    const live = await connectTo(here);
    const question = {
      question: 'Which colour?',
      header: 'Colour',
      multiSelect: false,
      options: [
        { label: 'Red', description: 'like fire' },
        { label: 'Blue', description: 'like the sea' },
      ],
    };
    await live.connection.deliver({
      id: 'a',
      prompt: `STUB:tool AskUserQuestion ${JSON.stringify({ questions: [question] })}`,
    });
    const { requestId, request } = await live.decision();
    expect(request).toMatchObject({ kind: 'question', questions: [{ question: 'Which colour?', multiple: false }] });
    await live.connection.answer(requestId, { decision: 'answer', answers: { 'Which colour?': 'Blue' } });
    const { outcome } = await live.end('a');
    expect(outcome.result?.text).toContain('Blue');
  });

  it('is unusable, with what to do, where it is not installed', async () => {
    const { context } = await world();
    const plan = await createClaudeHeadlessDriver().launch({ ...context, command: ['no-such-claude'] });
    expect(plan).toMatchObject({ outcome: 'unusable', status: 'auth_failed' });
    expect(plan.outcome === 'unusable' && plan.reason).toContain('npm install -g');
  });
});

function statusesOf({ seen }: { seen: readonly Observation[] }): string[] {
  return seen.flatMap((one) => (one.type === 'status' ? [one.status] : []));
}

interface ClaudeWorld extends DriverWorld {
  model: ModelEndpoint;
  context: LaunchContext;
  /** Kills the program and starts it again, as a supervisor does. */
  relaunch(): Promise<ClaudeWorld>;
}

async function world(): Promise<ClaudeWorld> {
  const place = await temporaryPlace();
  const model = await startModelEndpoint();
  onTestFinished(() => model.close());
  const directory = join(place.directory, 'agent');
  const workspace = join(place.directory, 'work space');
  const home = join(place.directory, 'home');
  for (const path of [directory, workspace, home]) await mkdir(path, { mode: 0o700 });
  const context: LaunchContext = {
    agentId: randomUUID(),
    name: 'claude one',
    directory,
    workspace,
    permissionMode: 'manual',
    command: [agentCli('claude'), '--allowedTools', 'Bash(kill:*)', 'Bash(true)'],
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: home,
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: 'sk-ant-stub-0123456789abcdefghij',
      CLAUDE_CODE_MAX_RETRIES: '1',
    },
  };
  return launched({ place, model, context });
}

async function launched(parts: {
  place: Awaited<ReturnType<typeof temporaryPlace>>;
  model: ModelEndpoint;
  context: LaunchContext;
}): Promise<ClaudeWorld> {
  const { place, model, context } = parts;
  const driver = createClaudeHeadlessDriver();
  const { session, connect } = await launchDriver({ place, driver, context });
  const mark = join(context.workspace, 'made by claude');
  return {
    session,
    model,
    context,
    connect,
    prompts: {
      quick: 'STUB:text all done',
      answer: 'all done',
      endless: 'STUB:hang',
      held: 'STUB:hold held all done',
      release: async () => model.release('held'),
      deadly: `STUB:tool Bash ${JSON.stringify({ command: `kill -9 ${session.ref.panePid}` })}`,
    },
    decisions: {
      asking: `STUB:tool Bash ${JSON.stringify({ command: `touch '${mark}'` })}\nSTUB:text all done`,
      tool: 'Bash',
      answer: 'all done',
      done: async () => existsSync(mark),
    },
    async relaunch() {
      await session.kill({ graceMs: 2_000 });
      return launched(parts);
    },
  };
}
