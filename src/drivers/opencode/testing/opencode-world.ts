/** A real opencode for one test, whose model is on loopback and does what the prompt says. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { agentCli } from '../../../../test/support/agent-cli.ts';
import { launchDriver, modelPrompts } from '../../../../test/support/launched-driver.ts';
import { type ModelEndpoint, startModelEndpoint } from '../../../../test/support/model-endpoint.ts';
import { eventually, temporaryPlace } from '../../../adapters/tmux/testing/temporary-host.ts';
import type { DriverWorld } from '../../../ports/agent-driver.conformance.ts';
import type { LaunchContext } from '../../../ports/agent-driver.ts';
import { createOpencodeDriver } from '../opencode-driver.ts';
import { opencodeFiles } from '../opencode-files.ts';
import { opencodeServer, type OpencodeServer } from '../opencode-server.ts';

/** One start, with its first turn, takes up to 30 s on a busy machine. */
export const STARTS_TWICE_MS = 120_000;

/** A line of a script that calls a tool. */
export const tool = (name: string, input: object): string => `STUB:tool ${name} ${JSON.stringify(input)}`;

export interface OpencodeWorld extends Required<DriverWorld> {
  model: ModelEndpoint;
  context: LaunchContext;
  /** Kills the program and starts it again, as a supervisor does. */
  relaunch(change?: Partial<LaunchContext>): Promise<OpencodeWorld>;
}

export async function world(
  change: Partial<LaunchContext> = {},
  driver = createOpencodeDriver(),
  env: Record<string, string> = {},
): Promise<OpencodeWorld> {
  const place = await temporaryPlace();
  const model = await startModelEndpoint();
  onTestFinished(() => model.close());
  const usual = await contextIn(place.directory, model.url);
  const context = { ...usual, env: { ...usual.env, ...env }, ...change };
  return launched({ place, model, context, driver });
}

export async function contextIn(directory: string, modelUrl: string): Promise<LaunchContext> {
  const own = join(directory, 'agent');
  const workspace = join(directory, 'work "space"');
  const home = join(directory, 'home');
  const configuration = join(home, '.config', 'opencode');
  for (const path of [own, workspace, home]) await mkdir(path, { mode: 0o700 });
  await mkdir(configuration, { recursive: true });
  await writeFile(join(configuration, 'opencode.json'), JSON.stringify(operatorsConfiguration(modelUrl)));
  return {
    agentId: randomUUID(),
    name: 'opencode one',
    directory: own,
    workspace,
    permissionMode: 'manual',
    command: [agentCli('opencode')],
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: home, OPENCODE_DISABLE_MODELS_FETCH: '1' },
  };
}

function operatorsConfiguration(modelUrl: string): object {
  return {
    model: 'stub/scripted',
    provider: {
      stub: {
        npm: '@ai-sdk/openai-compatible',
        options: { baseURL: `${modelUrl}/v1`, apiKey: 'stub' },
        models: { scripted: {}, other: {} },
      },
    },
  };
}

async function launched(parts: {
  place: Awaited<ReturnType<typeof temporaryPlace>>;
  model: ModelEndpoint;
  context: LaunchContext;
  driver: ReturnType<typeof createOpencodeDriver>;
}): Promise<OpencodeWorld> {
  const { place, model, context, driver } = parts;
  const { session, connect } = await launchDriver({ place, driver, context });
  const mark = join(context.workspace, 'made by opencode');
  return {
    session,
    model,
    context,
    connect,
    prompts: modelPrompts(model, session.ref),
    decisions: {
      asking: `${tool('bash', { command: `touch '${mark}'`, description: 'makes a file' })}\nSTUB:text all done`,
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

export async function portOf({ directory }: LaunchContext): Promise<number> {
  const { output } = opencodeFiles(directory);
  return eventually(
    async () => Number(/127\.0\.0\.1:(\d+)/.exec(await readFile(output, 'utf8'))?.[1] ?? 0) || null,
    'the address of opencode',
    30_000,
  );
}

export async function serverOf(context: LaunchContext, port?: number): Promise<OpencodeServer> {
  return opencodeServer({
    port: port ?? (await portOf(context)),
    password: await readFile(opencodeFiles(context.directory).password, 'utf8'),
    directory: context.workspace,
  });
}

/** A wire to a port on loopback that can be cut, and refuses until it is mended. */
export async function cuttable(behind: number): Promise<{ port: number; behind: number; cut(): void; mend(): void }> {
  const ends = new Set<net.Socket>();
  let whole = true;
  const server = net.createServer((near) => {
    if (!whole) return near.destroy();
    const far = net.connect(behind, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(one);
      one
        .on('error', () => undefined)
        .on('close', () => {
          ends.delete(one);
          other.destroy();
        });
      one.pipe(other);
    }
    return near;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    whole = false;
    for (const end of ends) end.destroy();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  return { port: (server.address() as net.AddressInfo).port, behind, cut, mend: () => void (whole = true) };
}
