/** How soon work goes on: from a killed server to the next step of an execution, and from a start to a first execution. */
import { strictEqual } from 'node:assert';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../test/support/pointsman-process.ts';
import { median } from './support/statistics.ts';
import { runWorkload } from './support/workload.ts';

const ROUNDS = 5;
const STEPS = 12;
const KILLED_AFTER = 5;
const STEP_SECONDS = 0.2;
const MOST_MS = 1_500;

await runWorkload('engine-restarts', 'After a kill, and after a start', async (workload) => {
  const home = makeHome();
  workload.own(() => removeHome(home));
  let server = await startPointsman({ home });
  workload.own(() => server.kill('SIGTERM'));
  const { body: workflow } = await server.request('POST', '/api/workflows', {
    name: 'First',
    nodes: [{ id: 'one', type: 'transform', config: { value: '1 + 1' } }],
    outputs: { sum: 'nodes.one.output' },
  });

  const starts: { ready: number; executed: number; bareNode: number }[] = [];
  const kills: { newStep: number; repeated: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await server.kill('SIGTERM');
    const bare = await timed(() => bareNode());
    const start = performance.now();
    server = await startPointsman({ home });
    const ready = performance.now() - start;
    await executed(server, workflow.id as string);
    starts.push({ ready, executed: performance.now() - start, bareNode: bare });
    const killed = await killInTheMiddle(server, home, round);
    server = killed.server;
    kills.push(killed);
  }
  const row = (what: string, values: number[], goal = true) =>
    workload.row({
      what,
      value: median(values),
      unit: `ms (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`,
      ...(goal ? { goal: `< ${MOST_MS} ms`, met: median(values) < MOST_MS } : {}),
      detail: values,
    });
  row(
    'kill -9 → first new step',
    kills.map(({ newStep }) => newStep),
  );
  const repeated = kills.reduce((sum, kill) => sum + kill.repeated, 0);
  workload.row({ what: '  steps run again', value: repeated, unit: '', goal: '0', met: repeated === 0 });
  row(
    'start → first execution',
    starts.map((one) => one.executed),
  );
  row(
    '  of that until it is ready',
    starts.map((one) => one.ready),
    false,
  );
  row(
    '  a Node that only starts, beside',
    starts.map((one) => one.bareNode),
    false,
  );
  workload.note(
    `${ROUNDS} rounds on one data directory with its managed PostgreSQL, which goes on running; the built product`,
  );
  workload.note(
    `killed while step ${KILLED_AFTER + 1} of ${STEPS} runs (a shell step of ${STEP_SECONDS} s that adds a line to a file when it begins), started again at once;`,
  );
  workload.note(
    'a new step is the first line that the killed server did not cause; every execution ended as it should, with each line once',
  );
});

async function executed(server: Pointsman, workflowId: string): Promise<void> {
  const { body } = await server.request('POST', `/api/workflows/${workflowId}/execute?wait=30`, {});
  strictEqual(body.status, 'succeeded');
  strictEqual(body.outputs.sum, 2);
}

async function killInTheMiddle(
  server: Pointsman,
  home: string,
  round: number,
): Promise<{ server: Pointsman; newStep: number; repeated: number }> {
  const file = path.join(home, `lines-${round}`);
  const lines = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
  const ids = Array.from({ length: STEPS }, (_, index) => `s${index + 1}`);
  const { body: execution } = await server.request('POST', '/api/workflow/execute', {
    workflow: {
      name: 'Killed',
      nodes: ids.map((id) => ({
        id,
        type: 'shell',
        config: { command: ['/bin/sh', '-c', `echo ${id} >> ${file}; exec sleep ${STEP_SECONDS}`] },
      })),
      edges: ids.slice(1).map((id, index) => ({ from: ids[index], to: id })),
    },
  });
  await until(`step ${KILLED_AFTER + 1}`, async () => lines().length > KILLED_AFTER);
  const start = performance.now();
  await server.kill('SIGKILL');
  const next = startPointsman({ home });
  // The step that was under way goes on without us; the one after it is new.
  for (const before = KILLED_AFTER + 1; lines().length <= before;) await delay(2);
  const newStep = performance.now() - start;
  const again = await next;
  await until('its end', async () => {
    const { body } = await again.request('GET', `/api/executions/${execution.id}?wait=30`);
    return body.finishedAt && strictEqual(body.status, 'succeeded') === undefined;
  });
  return { server: again, newStep, repeated: lines().length - new Set(lines()).size };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** What else the machine does shows in this as well. */
async function bareNode(): Promise<void> {
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
}
