/**
 * `npm run sweep [-- --graph NAME] [--jobs J] [--second N]`: kills the server after every write of every graph, and whoever
 * recovers after every N-th of its own writes (1 unless told; 0: not at all), and says what was found. Each lane is a
 * process of its own, so that what is left of dead servers is gone with it.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  type ManagedPostgresConnection,
  removeManagedPostgres,
  startManagedPostgres,
} from '../../src/adapters/managed-postgres/managed-postgres.ts';
import { FORGETFUL_SETTINGS } from '../support/test-database.ts';
import { GRAPHS, type SweptGraph } from './graphs.ts';
import { type Points, sweepGraph, type Swept } from './sweep.ts';

interface Lane {
  graph: string;
  points: Points;
  server: ManagedPostgresConnection;
}

const { values } = parseArgs({
  options: {
    graph: { type: 'string' },
    jobs: { type: 'string' },
    second: { type: 'string', default: '1' },
    /** Of a job: what it sweeps, as JSON. */
    lane: { type: 'string' },
  },
});
/** Most of the time goes by in waiting for commands and for PostgreSQL. */
const LANES_OF_A_CORE = 2;
/** Points of a graph are dealt out to so many lanes. */
const LANES_OF_A_GRAPH = 2;
const LANES_OF_SECONDS = 6;

if (values.lane) {
  const { graph, points, server } = JSON.parse(values.lane) as Lane;
  console.log(JSON.stringify(await sweepGraph(graphNamed(graph), { server, points })));
  // Dead servers still wait for answers that never come.
  process.exit(0);
} else process.exitCode = await sweepAll();

async function sweepAll(): Promise<number> {
  const startedAt = performance.now();
  const graphs = values.graph === undefined ? GRAPHS : [graphNamed(values.graph)];
  const second = Number(values.second);
  const home = mkdtempSync(path.join(os.tmpdir(), 'pointsman-sweep-'));
  const postgres = await startManagedPostgres({ home, settings: FORGETFUL_SETTINGS });
  postgres.release();
  const totals = new Map(graphs.map(({ name }) => [name, { points: 0, seconds: 0, checks: 0, failures: [] } as Swept]));
  try {
    const server = postgres.connection;
    const lanesOf = (count: number, seconds: number) =>
      graphs.flatMap(({ name }) =>
        Array.from({ length: count }, (_, index) => ({
          graph: name,
          points: { first: index + 1, step: count, second: seconds },
          server,
        })),
      );
    const lanes = [...(second > 0 ? lanesOf(LANES_OF_SECONDS, second) : []), ...lanesOf(LANES_OF_A_GRAPH, 0)];
    const jobs = Number(values.jobs ?? os.availableParallelism() * LANES_OF_A_CORE);
    await Promise.all(
      Array.from({ length: jobs }, async () => {
        for (let lane = lanes.shift(); lane; lane = lanes.shift()) add(totals.get(lane.graph), lane, await job(lane));
      }),
    );
  } finally {
    await removeManagedPostgres({ home });
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
  for (const [name, swept] of totals) console.log(`${name}: ${counts(swept)}`);
  const all = [...totals.values()];
  const sum = (of: (swept: Swept) => number) => all.reduce((total, one) => total + of(one), 0);
  const failures = all.flatMap((swept) => swept.failures);
  for (const failure of failures) console.log(`  ${failure}`);
  const total = {
    points: sum((one) => one.points),
    seconds: sum((one) => one.seconds),
    checks: sum((one) => one.checks),
  };
  console.log(`${counts({ ...total, failures })}, ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  return failures.length === 0 ? 0 : 1;
}

/** A point is one of those with a single kill; the same ones are where the first of two comes. */
function add(total: Swept | undefined, { points }: Lane, swept: Swept): void {
  if (!total) return;
  if (points.second === 0) total.points += swept.points;
  total.seconds += swept.seconds;
  total.checks += swept.checks;
  total.failures.push(...swept.failures);
}

function counts({ points, seconds, checks, failures }: Swept): string {
  return `points ${points}, second kills ${seconds}, invariants checked ${checks} times, failed ${failures.length}`;
}

function graphNamed(name: string): SweptGraph {
  const graph = GRAPHS.find((one) => one.name === name);
  if (graph) return graph;
  console.error(`There is no graph “${name}”. There are: ${GRAPHS.map((one) => one.name).join(', ')}`);
  process.exit(2);
}

async function job(lane: Lane): Promise<Swept> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), '--lane', JSON.stringify(lane)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, complaints] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const status = await new Promise<number | null>((resolve) => void child.on('close', resolve));
  if (status === 0) return JSON.parse(output) as Swept;
  const what = `${lane.graph} ${JSON.stringify(lane.points)} broke off with ${status}: ${complaints.slice(0, 4_000)}`;
  return { points: 0, seconds: 0, checks: 0, failures: [what] };
}
