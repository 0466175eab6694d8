/** The real Codex, against a model on loopback that does what the prompt says. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { agentCli, agentCliMissing } from '../../../test/support/agent-cli.ts';
import { type ModelEndpoint, startModelEndpoint } from '../../../test/support/model-endpoint.ts';
import { temporaryPlace } from '../../adapters/tmux/testing/temporary-host.ts';
import { agentDriverConformance, connectTo, type DriverWorld } from '../../ports/agent-driver.conformance.ts';
import type { LaunchContext } from '../../ports/agent-driver.ts';
import type { AgentSession } from '../../ports/agent-host.ts';
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
    const here = await world();
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
});

const tool = (name: string, input: object): string => `STUB:tool ${name} ${JSON.stringify(input)}`;

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
    command: [agentCli('codex')],
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
  const host = place.host();
  const plan = await driver.launch(context);
  if (plan.outcome !== 'ready') throw new Error(plan.reason);
  const opened = await host.open({ agentId: context.agentId, ...plan, cols: 100, rows: 30 });
  if (opened.outcome === 'failed') throw new Error(opened.reason);
  const session: AgentSession = opened.session;
  onTestFinished(() => session.kill({ graceMs: 0 }).catch(() => undefined));
  void model.asked('STUB:hold deadly').then(() => process.kill(session.ref.panePid, 'SIGKILL'));
  const mark = join(context.workspace, 'made by codex');
  return {
    session,
    model,
    context,
    connect: async (observe) => {
      const connection = await driver.connect({ session, context, observe });
      onTestFinished(() => connection.close());
      return connection;
    },
    prompts: {
      quick: 'STUB:text all done',
      answer: 'all done',
      endless: 'STUB:hang',
      held: 'STUB:hold held all done',
      release: async () => model.release('held'),
      deadly: 'STUB:hold deadly never',
    },
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
