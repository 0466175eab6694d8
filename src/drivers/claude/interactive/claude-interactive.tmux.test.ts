/** The real Claude Code in a real terminal, against a model on loopback that does what the prompt says. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { agentCli, agentCliMissing } from '../../../../test/support/agent-cli.ts';
import { type ModelEndpoint, startModelEndpoint } from '../../../../test/support/model-endpoint.ts';
import { linesOf, toolNamed } from '../../../../test/support/transcript-lines.ts';
import { eventually, temporaryPlace, textShown } from '../../../adapters/tmux/testing/temporary-host.ts';
import { agentDriverConformance, connectTo, type DriverWorld } from '../../../ports/agent-driver.conformance.ts';
import type { LaunchContext, Observation } from '../../../ports/agent-driver.ts';
import type { AgentSession } from '../../../ports/agent-host.ts';
import { storedConversation } from '../../private-file.ts';
import { terminalFiles } from './terminal-files.ts';
import { createClaudeInteractiveDriver } from './claude-interactive-driver.ts';

const missing = agentCliMissing('claude');

describe.skipIf(missing !== null)(`Claude Code in a terminal${missing ? ` (skipped: ${missing})` : ''}`, () => {
  agentDriverConformance('the interactive Claude driver', async () => world());

  it('gives the model exactly the text it was given, whatever its input line would make of it', async () => {
    const here = await world({ directoryName: `it's "an" agent` });
    const live = await connectTo(here);
    const long = `${'é🎉"\\$`~\t漢字 '.repeat(3600)}\n/slash !bang #hash @at \\\nSTUB:text got it`;
    expect(Buffer.byteLength(long)).toBeGreaterThan(64 * 1024);
    const prompts = [
      long,
      '  two blanks before\n\n\tand a tab\nSTUB:text got it',
      '!echo STUB:text got it',
      '#remember STUB:text got it',
      '@src STUB:text got it',
      '<pasted_content> [Pasted text #1 +4 lines] STUB:text got it\n\\',
      'STUB:text got it\n👩‍👩‍👧 ❤️ نص e\u0301 \u00a0 \ue000',
      '?',
    ];
    for (const prompt of prompts) {
      expect(await live.run(prompt, prompt)).toMatchObject({ status: 'succeeded' });
      expect(here.model.requests.at(-1)?.prompt.replaceAll('<\\pasted', '<pasted')).toBe(prompt);
    }
    // What it would run as a command of its own goes in a pair of tags.
    for (const prompt of ['/help STUB:text got it', ' /exit', 'exit']) {
      expect(await live.run(prompt, prompt)).toMatchObject({ status: 'succeeded' });
      expect(here.model.requests.at(-1)?.prompt).toBe(`<prompt>\n${prompt}\n</prompt>`);
    }
    expect(here.model.requests).toHaveLength(prompts.length + 3);
    for (const [prompt, code] of Object.entries({
      'a\u001b[201~b': 'PROMPT_CONTROL_CHARACTERS',
      ' \n': 'DELIVERY_FAILED',
    }))
      expect(await live.connection.deliver({ id: code, prompt })).toMatchObject({ outcome: 'refused', code });
  });

  it('fails the task and says why when the endpoint does not answer as it should', async () => {
    const live = await connectTo(await world());
    for (const [script, code, status] of [
      ['STUB:error 401 not signed in', 'AGENT_AUTH_FAILED', 'auth_failed'],
      ['STUB:error 429 slow down', 'AGENT_RATE_LIMITED', 'rate_limited'],
      ['STUB:error 400 refused', 'MODEL_FAILED', 'idle'],
      ['STUB:error 500 broken', 'MODEL_FAILED', 'idle'],
      ['STUB:drop', 'MODEL_FAILED', 'idle'],
    ]) {
      expect([script, await live.run(script ?? '', script)]).toMatchObject([
        script,
        { status: 'failed', error: { code } },
      ]);
      await live.status(status ?? '');
    }
    expect(await live.run('STUB:text well again')).toMatchObject({ status: 'succeeded' });
    expect(await live.run('STUB:once429 went through')).toMatchObject({ result: { text: 'went through' } });
    expect(await live.run('STUB:text Shall I go on?')).toMatchObject({ status: 'succeeded' });
    await live.status('waiting_input');
  });

  it("leaves a person's draft alone, and counts a person's own prompt for nobody", async () => {
    const here = await world();
    const live = await connectTo(here);
    await live.status('idle');
    await here.session.keys(Buffer.from('my draft'));
    await textShown(here.session, 'my draft');
    expect(await live.connection.deliver({ id: 'a', prompt: 'STUB:text a' })).toMatchObject({
      outcome: 'refused',
      code: 'AGENT_BUSY',
    });
    expect(await live.connection.recover({ id: 'a', prompt: 'STUB:text a' })).toEqual({ outcome: 'not_started' });
    await textShown(here.session, 'my draft');
    await here.session.keys(Buffer.from(' STUB:hold mine by hand'));
    await textShown(here.session, 'by hand');
    await here.session.keys(Buffer.from('\r'));
    await live.status('working');
    expect(await live.connection.deliver({ id: 'b', prompt: 'STUB:text b' })).toMatchObject({
      outcome: 'refused',
      code: 'AGENT_BUSY',
    });
    here.model.release('mine');
    await live.status('idle');
    expect(live.seen.filter((one) => one.type === 'task_finished' || one.type === 'receipt')).toEqual([]);
    expect(await live.run('STUB:text b', 'b')).toMatchObject({ result: { text: 'b' } });
  });

  it('ends the task as cancelled when a person presses Esc, before the first word or in the middle', async () => {
    const here = await world();
    const live = await connectTo(here);
    for (const prompt of ['STUB:hang', `STUB:slow 300 ${'word '.repeat(100)}end`]) {
      expect(await live.connection.deliver({ id: prompt, prompt })).toEqual({ outcome: 'submitted' });
      await here.model.asked(prompt);
      if (prompt.includes('word')) await textShown(here.session, '●');
      await pressByHand(here, ESCAPE);
      expect((await live.end(prompt)).outcome.status).toBe('cancelled');
      await live.status('idle');
    }
    expect(await live.run('STUB:text on')).toMatchObject({ result: { text: 'on' } });
  });

  it('withdraws what it asked when a person answers in the terminal, and lets the hook go', async () => {
    const here = await world();
    const live = await connectTo(here);
    const { decisions } = here;
    if (!decisions) throw new Error('it asks');
    for (const [id, key, done] of [
      ['allowed', ENTER, true],
      ['denied', ESCAPE, false],
    ] as const) {
      await rm(join(here.context.workspace, 'made by claude'), { force: true });
      expect(await live.connection.deliver({ id, prompt: decisions.asking })).toEqual({ outcome: 'submitted' });
      await live.status('blocked');
      await eventually(async () => (await liveStatus(here)) === 'waiting', 'the dialog');
      await pressByHand(here, key);
      expect((await live.end(id)).outcome.status).toBe(done ? 'succeeded' : 'cancelled');
      expect(await decisions.done()).toBe(done);
      await live.status('idle');
      const asked = live.seen.findLast((one) => one.type === 'decision_requested');
      expect(live.seen.findLast((one) => one.type === 'decision_settled')?.requestId).toBe(asked?.requestId);
      expect(await live.connection.answer(asked?.requestId ?? '', { decision: 'allow' })).toMatchObject({
        outcome: 'gone',
      });
    }
    const left = await readdir(join(here.context.directory, 'claude-terminal/letters'));
    expect(left.filter((name) => name.endsWith('.answer'))).toEqual([]);
  });

  it('asks its questions with their options, and gives the answers to the model', async () => {
    const here = await world();
    const live = await connectTo(here);
    const options = [
      { label: 'Red', description: 'like fire' },
      { label: 'Blue', description: 'like the sea' },
    ];
    const questions = [
      { question: 'Which colour?', header: 'Colour', multiSelect: false, options },
      { question: 'Which others?', header: 'Others', multiSelect: true, options },
    ];
    await live.connection.deliver({ id: 'a', prompt: `STUB:tool AskUserQuestion ${JSON.stringify({ questions })}` });
    const { requestId, request } = await live.decision();
    expect(request).toEqual({
      kind: 'question',
      questions: [
        { question: 'Which colour?', header: 'Colour', multiple: false, options },
        { question: 'Which others?', header: 'Others', multiple: true, options },
      ],
    });
    await live.connection.answer(requestId, {
      decision: 'answer',
      answers: { 'Which colour?': 'Blue', 'Which others?': 'Red, and green' },
    });
    const { outcome } = await live.end('a');
    expect(outcome.result?.text).toContain('"Which colour?"="Blue", "Which others?"="Red, and green"');
  });

  it('uses one conversation over a kill -9, and counts exactly what the endpoint did', async () => {
    const here = await world();
    let live = await connectTo(here);
    await live.run('STUB:tool Bash {"command":"true"}\nSTUB:text one', 'one');
    await live.connection.deliver({ id: 'lost', prompt: 'STUB:hang' });
    await here.model.asked('STUB:hang');
    live.connection.close();
    process.kill(here.session.ref.panePid, 'SIGKILL');
    await here.session.exited;
    const again = await here.relaunch();
    live = await connectTo(again);
    expect(await live.connection.recover({ id: 'lost', prompt: 'STUB:hang' })).toMatchObject({
      outcome: 'finished',
      taskOutcome: { status: 'failed', error: { code: 'AGENT_EXITED' } },
    });
    await live.run('STUB:text two', 'two');
    const counted = here.model.requests.map((one) => one.usage ?? { inputTokens: 0, outputTokens: 0 });
    const inputTokens = counted.reduce((sum, one) => sum + one.inputTokens, 0);
    const outputTokens = counted.reduce((sum, one) => sum + one.outputTokens, 0);
    await eventually(() => {
      const used = live.seen.findLast((one) => one.type === 'usage')?.total;
      return used?.inputTokens === inputTokens && used.outputTokens === outputTokens && used.cost > 0;
    }, `a usage of ${inputTokens} and ${outputTokens}`);
    expect(JSON.stringify(here.model.requests.at(-1)?.body)).toContain('STUB:text one');
  });

  it('knows what happened while no server ran', async () => {
    const here = await world();
    let live = await connectTo(here);
    const { decisions } = here;
    if (!decisions) throw new Error('it asks');
    const cases: [id: string, prompt: string, meanwhile: () => Promise<void>, outcome: object][] = [
      ['answered', here.prompts.held, here.prompts.release, { status: 'succeeded', result: { text: 'all done' } }],
      [
        'allowed',
        decisions.asking,
        async () => {
          await eventually(async () => (await liveStatus(here)) === 'waiting', 'the dialog');
          await pressByHand(here, ENTER);
        },
        { status: 'succeeded' },
      ],
      ['stopped', 'STUB:hang', async () => pressByHand(here, ESCAPE), { status: 'cancelled' }],
    ];
    for (const [id, prompt, meanwhile, outcome] of cases) {
      expect(await live.connection.deliver({ id, prompt })).toEqual({ outcome: 'submitted' });
      await here.model.asked(prompt);
      live.connection.close();
      await meanwhile();
      await eventually(async () => (await liveStatus(here)) === 'idle', 'its end');
      live = await connectTo(here);
      await live.status('idle');
      expect([id, await live.connection.recover({ id, prompt })]).toMatchObject([
        id,
        { outcome: 'finished', taskOutcome: outcome },
      ]);
      expect(live.seen.filter((one) => one.type === 'decision_requested')).toEqual([]);
    }
  });

  it('delivers a prompt once when its server dies at any key', async () => {
    const here = await world();
    await connectTo(here);
    for (const [presses, when] of [
      [1, 'before'],
      [1, 'after'],
      [2, 'before'],
      [2, 'after'],
    ] as const) {
      const task = { id: `${presses} ${when}`, prompt: `STUB:text ${presses} ${when}` };
      const dying = await connectTo({ connect: here.connectWith(dyingAt(here.session, { presses, when })) });
      void dying.connection.deliver(task);
      await eventually(() => dead.has(here.session), 'the death');
      dead.delete(here.session);
      dying.connection.close();
      const live = await connectTo(here);
      const found = await live.connection.recover(task);
      expect([task.id, found.outcome]).toEqual([task.id, expect.stringMatching(/not_started|running|finished/)]);
      if (presses < 2 || when === 'before') expect(found.outcome).toBe('not_started');
      if (found.outcome === 'not_started')
        expect(await live.connection.deliver(task)).toEqual({ outcome: 'submitted' });
      const outcome = found.outcome === 'finished' ? found.taskOutcome : (await live.end(task.id)).outcome;
      expect(outcome).toMatchObject({ status: 'succeeded', result: { text: `${presses} ${when}` } });
      expect(here.model.requests.filter((one) => one.prompt === task.prompt)).toHaveLength(1);
      live.connection.close();
    }
  });

  it('opens no editor for a key that a server pressed before it died', async () => {
    const here = await world();
    await connectTo(here);
    const task = { id: 'late', prompt: 'STUB:text late' };
    const dying = await connectTo({
      connect: here.connectWith(dyingAt(here.session, { presses: 1, when: 'before' })),
    });
    const { panePid } = here.session.ref;
    void dying.connection.deliver(task);
    await eventually(() => dead.has(here.session), 'the death');
    dead.delete(here.session);
    process.kill(panePid, 'SIGSTOP');
    await here.session.keys(Buffer.from([0x07]));
    dying.connection.close();
    const live = await connectTo(here);
    process.kill(panePid, 'SIGCONT');
    await setTimeout(1500); // the time in which the key would open one
    expect(await live.connection.recover(task)).toEqual({ outcome: 'not_started' });
    expect(await live.run(task.prompt)).toMatchObject({ status: 'succeeded', result: { text: 'late' } });
  });

  it('follows a /clear into the new conversation, also over a restart', async () => {
    const here = await world();
    let live = await connectTo(here);
    await live.run('STUB:text before', 'before');
    const first = await storedConversation(here.context.directory);
    await here.session.keys(Buffer.from('/clear'));
    await textShown(here.session, '/clear');
    await here.session.keys(Buffer.from('\r'));
    await eventually(async () => (await storedConversation(here.context.directory)) !== first, 'the new conversation');
    expect(await live.run('STUB:text after', 'after')).toMatchObject({ result: { text: 'after' } });
    await eventually(
      () => new Set(live.seen.flatMap((one) => (one.type === 'usage' ? [one.conversation] : []))).size === 2,
      'the usage of both conversations',
    );
    live.connection.close();
    live = await connectTo(await here.relaunch());
    await live.run('STUB:text again', 'again');
    const last = JSON.stringify(here.model.requests.at(-1)?.body);
    expect(last).toContain('STUB:text after');
    expect(last).not.toContain('STUB:text before');
  });

  it('has a transcript with prompts, tools and answers in order, which goes on after /clear', async () => {
    const here = await world();
    const live = await connectTo(here);
    await live.run('please\nSTUB:tool Bash {"command":"kill -l"}\nSTUB:text one', 'before');
    const first = await storedConversation(here.context.directory);
    await here.session.keys(Buffer.from('/clear'));
    await textShown(here.session, '/clear');
    await here.session.keys(Buffer.from('\r'));
    await eventually(async () => (await storedConversation(here.context.directory)) !== first, 'the new conversation');
    await live.run('and on\nSTUB:text two', 'after');
    const read = async () =>
      (await createClaudeInteractiveDriver().transcript?.(here.context, { limit: 50 }))?.entries ?? [];
    // Claude Code writes its last words down a moment after its turn has ended.
    await eventually(async () => linesOf(await read()).includes('assistant two'), 'the last answer in the record');
    const entries = await read();
    expect(linesOf(entries)).toEqual([
      'user please',
      expect.stringContaining('tool Bash succeeded HUP'),
      'assistant one',
      'system /clear',
      'user and on',
      'assistant two',
    ]);
    expect(toolNamed(entries, 'Bash').input).toContain('kill -l');
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
    await live.connection.deliver({ id: 'a', prompt: `STUB:tool Agent ${sub}\nSTUB:text left it running` });
    await here.model.asked('STUB:hold sub');
    await textShown(here.session, 'left it running');
    expect(live.seen.some((one) => one.type === 'task_finished')).toBe(false);
    here.model.release('sub');
    expect((await live.end('a')).outcome).toMatchObject({ status: 'succeeded' });
    await live.status('idle');
    expect(live.seen.filter((one) => one.type === 'task_finished')).toHaveLength(1);
  });

  it('stops the subagents of a task that is interrupted when it has answered already', async () => {
    const here = await world();
    const live = await connectTo(here);
    const sub = JSON.stringify({
      description: 'look',
      prompt: 'STUB:hold sub never told',
      subagent_type: 'general-purpose',
      run_in_background: true,
    });
    await live.connection.deliver({ id: 'a', prompt: `STUB:tool Agent ${sub}\nSTUB:text left it running` });
    await here.model.asked('STUB:hold sub');
    await textShown(here.session, 'left it running');
    await eventually(async () => hasTold(here, 'Stop'), 'the end of its answer');
    await live.connection.interrupt();
    expect((await live.end('a')).outcome.status).toBe('cancelled');
    await live.status('idle');
    expect(await live.run('STUB:text on')).toMatchObject({ result: { text: 'on' } });
  });

  it('takes the next prompt only after subagents that an interruption stopped have woken their turn for the last time', async () => {
    const here = await world();
    const live = await connectTo(here);
    const sub = JSON.stringify({
      description: 'look',
      prompt: 'STUB:hold sub never told',
      subagent_type: 'general-purpose',
      run_in_background: true,
    });
    for (const id of ['a', 'b']) {
      const begun = live.seen.length;
      // Interrupted before its last words: no hook tells that subagents work on.
      const prompt = `${id}\nSTUB:tool Agent ${sub}\nSTUB:hold last never said`;
      await live.connection.deliver({ id, prompt });
      await here.model.asked(prompt, 2);
      await live.connection.interrupt();
      expect((await live.end(id)).outcome.status).toBe('cancelled');
      expect(await live.run(`STUB:text after ${id}`)).toMatchObject({ result: { text: `after ${id}` } });
      await live.status('idle');
      const statuses = statusesOf({ seen: live.seen.slice(begun) });
      expect(statuses.filter((one) => one !== 'starting').slice(-4)).toEqual(['working', 'idle', 'working', 'idle']);
      expect(here.model.requests.filter((one) => one.prompt === `STUB:text after ${id}`)).toHaveLength(1);
    }
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

  it('is after a restart of the server what it was before, also when nothing told of the end of its turn', async () => {
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
      expect(statusesOf(live)).toEqual([status]);
    }
    // A person's own, so that no record of a task knows of its end either.
    await here.session.keys(Buffer.from('STUB:hang'));
    await textShown(here.session, 'STUB:hang');
    await here.session.keys(Buffer.from('\r'));
    await here.model.asked('STUB:hang');
    await live.status('working');
    await pressByHand(here, ESCAPE);
    await live.status('idle');
    live.connection.close();
    live = await connectTo(here);
    expect(statusesOf(live)).toEqual(['idle']);
  });
});

function statusesOf({ seen }: { seen: readonly Observation[] }): string[] {
  return seen.flatMap((one) => (one.type === 'status' ? [one.status] : []));
}

async function liveStatus({ context, session }: ClaudeWorld): Promise<string> {
  const file = join(context.directory, `claude/sessions/${session.ref.panePid}.json`);
  return /"status":"(\w+)"/.exec(await readFile(file, 'utf8'))?.[1] ?? '';
}

const ESCAPE = '\u001b';
const ENTER = '\r';

/** As a person would: again when nothing happened, for Claude Code takes no key in the first moment of a turn or dialog. */
async function pressByHand(here: ClaudeWorld, key: string): Promise<void> {
  const before = await liveStatus(here);
  for (let pressed = 0; pressed < 8; pressed += 1) {
    await here.session.keys(Buffer.from(key));
    const changed = eventually(async () => (await liveStatus(here)) !== before, 'another state', 1500);
    if (await changed.catch(() => false)) return;
  }
}

const dead = new WeakSet<AgentSession>();

/** The same session, at one key of which the server stops for ever. */
function dyingAt(
  session: AgentSession,
  { presses, when }: { presses: number; when: 'before' | 'after' },
): AgentSession {
  let pressed = 0;
  return new Proxy(session, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== 'keys') return typeof value === 'function' ? value.bind(target) : value;
      return async (bytes: Uint8Array) => {
        pressed += 1;
        const last = pressed === presses;
        if (!last || when === 'after') await target.keys(bytes);
        if (!last) return;
        dead.add(session);
        await new Promise(() => undefined);
      };
    },
  });
}

/** Whether a hook of this name has run; its letter lies there until the next turn. */
async function hasTold({ context }: { context: LaunchContext }, hook: string): Promise<boolean> {
  const { letters } = terminalFiles(context.directory);
  const files = (await readdir(letters)).filter((name) => name.endsWith('.json'));
  const bodies = await Promise.all(files.map((name) => readFile(join(letters, name), 'utf8')));
  return bodies.some((body) => (JSON.parse(body) as { hook_event_name?: string }).hook_event_name === hook);
}

interface ClaudeWorld extends DriverWorld {
  model: ModelEndpoint;
  context: LaunchContext;
  connectWith(session: AgentSession): DriverWorld['connect'];
  /** Lets the program end, or ends it, and starts it again, as a supervisor does. */
  relaunch(): Promise<ClaudeWorld>;
}

async function world(options: { context?: Partial<LaunchContext>; directoryName?: string } = {}): Promise<ClaudeWorld> {
  const place = await temporaryPlace();
  const model = await startModelEndpoint();
  onTestFinished(() => model.close());
  const directory = join(place.directory, options.directoryName ?? 'agent');
  const workspace = join(place.directory, 'work space');
  const home = join(place.directory, 'home');
  for (const path of [directory, workspace, home]) await mkdir(path, { mode: 0o700 });
  await mkdir(join(workspace, '.claude'));
  await writeFile(
    join(workspace, '.claude/settings.json'),
    JSON.stringify({ permissions: { allow: ['Bash(kill -9 $PPID)', 'Bash(kill:*)'] } }),
  );
  const context: LaunchContext = {
    agentId: randomUUID(),
    name: 'claude one',
    directory,
    workspace,
    permissionMode: 'manual',
    command: [agentCli('claude')],
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: home,
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: 'sk-ant-stub-0123456789abcdefghij',
      CLAUDE_CODE_MAX_RETRIES: '1',
    },
    ...options.context,
  };
  return launched({ place, model, context });
}

async function launched(parts: {
  place: Awaited<ReturnType<typeof temporaryPlace>>;
  model: ModelEndpoint;
  context: LaunchContext;
}): Promise<ClaudeWorld> {
  const { place, model, context } = parts;
  const driver = createClaudeInteractiveDriver();
  const host = place.host();
  const plan = await driver.launch(context);
  if (plan.outcome !== 'ready') throw new Error(plan.reason);
  const opened = await host.open({ agentId: context.agentId, ...plan, cols: 100, rows: 30 });
  if (opened.outcome === 'failed') throw new Error(opened.reason);
  const session: AgentSession = opened.session;
  onTestFinished(() => session.kill({ graceMs: 0 }).catch(() => undefined));
  const connectWith: ClaudeWorld['connectWith'] = (over) => async (observe) => {
    const connection = await driver.connect({ session: over, context, observe });
    onTestFinished(() => connection.close());
    return connection;
  };
  const mark = join(context.workspace, 'made by claude');
  return {
    session,
    model,
    context,
    connect: connectWith(session),
    connectWith,
    prompts: {
      quick: 'STUB:text all done',
      answer: 'all done',
      endless: 'STUB:hang',
      held: 'STUB:hold held all done',
      release: async () => model.release('held'),
      deadly: `STUB:tool Bash ${JSON.stringify({ command: 'kill -9 $PPID' })}`,
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
