/**
 * Kills the server with SIGKILL right after each persisted write of an execution and starts it again once. Whatever the
 * point, the execution goes on by itself, no finished step runs again, none is lost, none stays running.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tmuxSocketOf } from '../../src/server/home.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const preload = [pathToFileURL(path.resolve(import.meta.dirname, '../support/kill-after-write.mjs')).href];
/** More than any execution of this workflow writes. */
const MOST_WRITES = 200;
const NODES = ['tests', 'lines', 'build', 'verdict', 'accept', 'pause', 'release', 'summary'];

let home: string;
let database: TestDatabase;
let workspace: string;
let ran: string;

beforeAll(async () => {
  home = makeHome();
  workspace = path.join(home, 'workspace');
  ran = path.join(home, 'ran.log');
  mkdirSync(workspace);
  writeFileSync(ran, '');
  database = await createTestDatabase();
});

afterAll(async () => {
  await removeHome(home);
  await database.drop();
});

describe('kill -9 at each persisted write', () => {
  test('every execution goes on after one restart, each step exactly once', { timeout: 900_000 }, async () => {
    let server = await start(0);
    for (const name of ['tester', 'reviewer']) {
      const created = await server.request('POST', '/api/agents', {
        name,
        kind: 'shell',
        workspace: { path: workspace },
        autostart: true,
      });
      expect(created.status, JSON.stringify(created.body)).toBe(201);
      await until(
        `${name} to be idle`,
        async () => (await server.request('GET', `/api/agents/${created.body.id}`)).body.status === 'idle',
      );
    }
    const agents = (await server.request('GET', '/api/agents')).body as { id: string; name: string }[];
    const panes = await panesOf(server);
    await server.kill('SIGTERM');

    let point = 0;
    let unfinished: string | null = null;
    for (;;) {
      point += 1;
      expect(point, 'the sweep does not end').toBeLessThan(MOST_WRITES);
      server = await start(point);
      if (unfinished) await finish(server, unfinished, point - 1);
      const marker = `p${point}`;
      const execution = await execute(server, marker).catch(() => null);
      const died = execution
        ? await drive(server, execution).then(
            () => false,
            () => true,
          )
        : true;
      if (!died) {
        await finish(server, execution ?? '', point);
        break;
      }
      expect((await server.exited).signal).toBe('SIGKILL');
      unfinished = marker;
    }
    console.log(`crash sweep: ${point - 1} points, all recovered with one restart`);
    expect(point).toBeGreaterThan(20);
    expect(await panesOf(server), 'agents were re-adopted, not restarted').toEqual(panes);
    expect(agents).toHaveLength(2);
    await server.kill('SIGTERM');
  });
});

function start(killAfter: number): Promise<Pointsman> {
  return startPointsman({
    home,
    preload,
    env: { POINTSMAN_DATABASE_URL: database.url, TEST_KILL_AFTER: String(killAfter) },
  });
}

/** Approves as soon as it is asked; throws when the server dies. */
async function drive(server: Pointsman, executionId: string): Promise<void> {
  await until('the end of the execution', async () => {
    const { body: execution } = await server.request('GET', `/api/executions/${executionId}`);
    if (['succeeded', 'failed', 'cancelled'].includes(execution.status)) return true;
    const { body: items } = await server.request('GET', '/api/inbox?state=open');
    for (const item of items as { id: string; type: string; hash: string; executionId: string }[]) {
      if (item.executionId !== executionId) continue;
      expect(item.type, 'nothing needs to be asked about').toBe('approval');
      const answered = await server.request('POST', `/api/inbox/${item.id}/resolve`, {
        decision: 'approve',
        hash: item.hash,
      });
      expect([200, 409]).toContain(answered.status);
    }
    return false;
  });
}

/** After the restart: it ends by itself (but for the answer), and everything happened once. */
async function finish(server: Pointsman, idOrMarker: string, point: number): Promise<void> {
  const { body: executions } = await server.request('GET', '/api/executions?limit=10');
  const mine = (executions as { id: string; inputs: { marker: string } }[]).find(
    (one) => one.id === idOrMarker || one.inputs.marker === idOrMarker,
  );
  expect(mine, `the execution of point ${point} exists`).toBeDefined();
  if (!mine) return;
  await drive(server, mine.id).catch((error: unknown) =>
    Promise.reject(new Error(`point ${point}: ${String(error)}\n${server.output()}`)),
  );
  const { body: execution } = await server.request('GET', `/api/executions/${mine.id}`);
  const about = `point ${point}: ${JSON.stringify(execution, null, 1)}`;
  expect(execution.status, about).toBe('succeeded');
  expect(execution.outputs, about).toEqual({ done: `p${point}`, items: 2 });
  const steps = execution.steps as { nodeId: string; attempt: number; status: string; item?: object }[];
  expect(
    steps
      .filter((step) => !step.item)
      .map((step) => step.nodeId)
      .toSorted(),
    about,
  ).toEqual(NODES.toSorted());
  expect(
    steps.every((step) => step.status === 'succeeded' && step.attempt === 1),
    about,
  ).toBe(true);
  const lines = readFileSync(ran, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`p${point} `));
  expect(lines.toSorted(), `each command ran exactly once at point ${point}`).toEqual(
    ['item a', 'item b', 'lines', 'release', 'tests'].map((what) => `p${point} ${what}`),
  );
}

async function execute(server: Pointsman, marker: string): Promise<string> {
  const log = (what: string) => `echo "{{ inputs.marker }} ${what}" >> ${ran}`;
  const workflow = {
    name: 'Crash sweep',
    workspace: { path: workspace },
    inputs: { marker: { type: 'string' } },
    nodes: [
      { id: 'tests', type: 'agent', config: { agent: 'tester', prompt: `${log('tests')}; echo 3 passed` } },
      { id: 'lines', type: 'agent', config: { agent: 'reviewer', prompt: `${log('lines')}; echo 42` } },
      {
        id: 'build',
        type: 'map',
        config: {
          over: "['a','b']",
          as: 'part',
          node: {
            type: 'shell',
            config: {
              command: ['sh', '-c', `echo "$MARKER item $PART" >> ${ran}`],
              env: { MARKER: '{{ inputs.marker }}', PART: '{{ part }}' },
            },
          },
        },
      },
      { id: 'verdict', type: 'condition', config: {} },
      {
        id: 'accept',
        type: 'approval',
        config: { title: 'Release {{ inputs.marker }}?', body: '{{ nodes.tests.output.text }}' },
      },
      { id: 'pause', type: 'wait', config: { duration: 'PT0.1S' } },
      {
        id: 'release',
        type: 'shell',
        config: { command: ['sh', '-c', `echo "$MARKER release" >> ${ran}`], env: { MARKER: '{{ inputs.marker }}' } },
      },
      {
        id: 'summary',
        type: 'transform',
        config: { value: '{"done": inputs.marker, "items": size(nodes.build.output)}' },
      },
    ],
    edges: [
      { from: 'tests', to: 'verdict' },
      { from: 'lines', to: 'verdict' },
      { from: 'build', to: 'verdict' },
      { from: 'verdict', to: 'accept', when: "nodes.tests.output.text.contains('passed')" },
      { from: 'accept', to: 'pause', when: "nodes.accept.output.decision == 'approve'" },
      { from: 'pause', to: 'release' },
      { from: 'release', to: 'summary' },
    ],
    outputs: { done: 'nodes.summary.output.done', items: 'nodes.summary.output.items' },
  };
  const { status, body } = await server.request('POST', '/api/workflow/execute', { workflow, inputs: { marker } });
  if (status !== 202) throw new Error(JSON.stringify(body));
  return body.id as string;
}

/** Process ids of the agents' panes: the same ones mean that no agent was started again. */
async function panesOf(server: Pointsman): Promise<string[]> {
  const { body: agents } = await server.request('GET', '/api/agents');
  return (agents as { id: string; name: string }[]).map(({ id, name }) => {
    const pids = execFileSync('tmux', ['-S', tmuxSocketOf(home, id), 'list-panes', '-a', '-F', '#{pane_pid}']);
    return `${name} ${pids.toString().trim()}`;
  });
}
