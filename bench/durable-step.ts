/** What it costs that a step survives a crash: the real engine on a real PostgreSQL, beside one INSERT commit per step. */
import { deepStrictEqual, strictEqual } from 'node:assert';
import pg from 'pg';
import { type BenchEngine, startBenchEngine } from './support/bench-engine.ts';
import { chain, type DurableGraph, fanOut, mapOver } from './support/durable-graphs.ts';
import { MOST_DRIFT_PERCENT } from './support/noise.ts';
import { type Dbos, startDbos } from './support/peers/dbos.ts';
import { driftPercent, median } from './support/statistics.ts';
import { runWorkload } from './support/workload.ts';

const ROUNDS = 5;
/** Of each target, so that all are compiled as in a server that has run for a while. */
const WARM_UPS = 10;
const GROWTH = [10, 100, 500, 1000];
const GROWTH_ROUNDS = 3;
/** Of the time per step, from a chain of 100 to one of 1000. */
const MOST_GROWTH = 1.3;
/** Connections of the floor where steps are beside each other: as many as the engine's pool has. */
const FLOOR_CONNECTIONS = 12;

await runWorkload('durable-step', 'A durable step', async (workload) => {
  const engine = await startBenchEngine(workload);
  const floorPool = new pg.Pool({ ...engine.connection, max: FLOOR_CONNECTIONS });
  workload.own(() => floorPool.end());
  await floorPool.query('CREATE SCHEMA bench');
  await floorPool.query(
    'CREATE TABLE bench.steps (id bigserial PRIMARY KEY, step text NOT NULL, output jsonb NOT NULL)',
  );
  const settings = await durability(engine.pool);
  const dbos = await startDbos(workload, engine.connection);

  const graphs: Compared[] = [
    {
      graph: chain(40),
      floor: () => insertChain(floorPool, 40),
      goals: { floor: 6, dbos: 1 },
      dbos: (peer) => answered(peer, ['chain', 40, 40]),
    },
    {
      graph: fanOut(100),
      floor: () => insertFan(floorPool, 100, 2),
      goals: { floor: 4, dbos: 0.5 },
      dbos: (peer) => answered(peer, ['fan', 100, 3]),
    },
    { graph: mapOver(100), floor: () => insertFan(floorPool, 100, 0) },
  ];
  for (const { graph, floor, dbos: peer } of graphs) {
    for (let count = 0; count < WARM_UPS; count++) {
      await verified(engine, graph);
      await floor();
      if (dbos) await peer?.(dbos);
    }
  }
  const measured = graphs.map(() => ({
    engine: [] as number[],
    floor: [] as number[],
    dbos: [] as number[],
    cpu: [] as number[],
  }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { graph, floor, dbos: peer }] of graphs.entries()) {
      measured[index]!.floor.push((await floor()) / graph.steps);
      if (dbos && peer) measured[index]!.dbos.push((await peer(dbos)) / graph.steps);
      const { ms, cpuMs } = await verified(engine, graph);
      measured[index]!.engine.push(ms / graph.steps);
      measured[index]!.cpu.push(cpuMs / graph.steps);
    }
  }
  for (const [index, { graph, goals }] of graphs.entries()) {
    const { engine: ours, floor, dbos: theirs, cpu } = measured[index]!;
    const toFloor = median(ours.map((ms, round) => ms / floor[round]!));
    workload.row({
      what: `${graph.document.name}, per step`,
      value: median(ours),
      unit: 'ms',
      floor: { what: 'ms INSERT', value: median(floor) },
      ratio: toFloor,
      ...(goals ? { goal: `≤ ${goals.floor}×`, met: toFloor <= goals.floor } : {}),
      detail: { engine: ours, floor },
    });
    if (goals && theirs.length > 0) {
      const toDbos = median(ours.map((ms, round) => ms / theirs[round]!));
      workload.row({
        what: '  beside DBOS',
        value: median(ours),
        unit: 'ms',
        floor: { what: 'ms DBOS', value: median(theirs) },
        ratio: toDbos,
        goal: `≤ ${goals.dbos}×`,
        met: toDbos <= goals.dbos,
        detail: { engine: ours, dbos: theirs },
      });
    }
    workload.row({ what: '  CPU of node, per step', value: median(cpu), unit: 'ms', detail: { cpu } });
    const drift = driftPercent(floor[0]!, floor.at(-1)!);
    if (drift > MOST_DRIFT_PERCENT)
      workload.noisy(
        `the INSERTs of “${graph.document.name}” differ by ${drift.toFixed(0)} % between first and last round`,
      );
  }

  const grown = GROWTH.map((length) => ({ length, ms: [] as number[], floor: [] as number[], bytes: 0 }));
  for (let round = 0; round < GROWTH_ROUNDS; round++) {
    for (const growth of grown) {
      growth.floor.push((await insertChain(floorPool, growth.length)) / growth.length);
      const { ms, executionId } = await verified(engine, chain(growth.length));
      growth.ms.push(ms / growth.length);
      growth.bytes = (await checkpointBytes(engine.pool, executionId)) / growth.length;
    }
  }
  for (const { length, ms, floor, bytes } of grown) {
    const ratio = median(ms.map((value, round) => value / floor[round]!));
    workload.row({
      what: `chain of ${length}, per step`,
      value: median(ms),
      unit: 'ms',
      floor: { what: 'ms INSERT', value: median(floor) },
      ratio,
      detail: { ms, floor },
    });
    workload.row({ what: '  in the checkpoints table, per step', value: Math.round(bytes), unit: 'bytes' });
  }
  const hundred = grown[GROWTH.indexOf(100)]!;
  const thousand = grown[GROWTH.indexOf(1000)]!;
  const growth = median(thousand.ms.map((ms, round) => ms / hundred.ms[round]!));
  workload.row({
    what: '1000 against 100 steps, ms per step',
    value: median(thousand.ms),
    unit: 'ms',
    floor: { what: 'ms of 100', value: median(hundred.ms) },
    ratio: growth,
    goal: `≤ ${MOST_GROWTH}×`,
    met: growth <= MOST_GROWTH,
  });
  workload.note(
    `${ROUNDS} interleaved rounds (growth ${GROWTH_ROUNDS}); ratios are medians of the rounds' ratios; every outcome was checked`,
  );
  workload.note(`a step is an intent commit and an outcome commit; PostgreSQL ${settings}`);
});

interface Compared {
  graph: DurableGraph;
  /** Milliseconds of the least that could do it. */
  floor: () => Promise<number>;
  /** How many times the other's time ours may be. */
  goals?: { floor: number; dbos: number };
  /** Milliseconds of the same in DBOS. */
  dbos?: (dbos: Dbos) => Promise<number>;
}

async function answered(dbos: Dbos, [workflow, size, expected]: ['chain' | 'fan', number, number]): Promise<number> {
  const { count, ms } = await dbos.run(workflow, size);
  strictEqual(count, expected);
  return ms;
}

/** A wrong outcome is an error, never a sample. */
async function verified(
  engine: BenchEngine,
  { document, steps, outputs }: DurableGraph,
): Promise<{ ms: number; cpuMs: number; executionId: string }> {
  const before = process.cpuUsage();
  const { record, ms } = await engine.execute(document);
  const { user, system } = process.cpuUsage(before);
  strictEqual(record.status, 'succeeded', JSON.stringify(record.error));
  deepStrictEqual(record.outputs, outputs);
  const { rows } = await engine.pool.query(
    `SELECT count(*)::int AS done FROM effects WHERE execution_id = $1 AND status = 'done'`,
    [record.id],
  );
  strictEqual(rows[0].done, steps);
  const { rows: ended } = await engine.pool.query(
    `SELECT count(*)::int AS steps, count(*) FILTER (WHERE status = 'succeeded' AND attempt = 1)::int AS succeeded FROM steps WHERE execution_id = $1`,
    [record.id],
  );
  strictEqual(ended[0].steps, ended[0].succeeded);
  return { ms, cpuMs: (user + system) / 1000, executionId: record.id };
}

async function insertChain(pool: pg.Pool, length: number): Promise<number> {
  const client = await pool.connect();
  try {
    const start = performance.now();
    for (let step = 0; step < length; step++) await insert(client, step);
    return performance.now() - start;
  } finally {
    client.release();
  }
}

async function insertFan(pool: pg.Pool, width: number, around: number): Promise<number> {
  const start = performance.now();
  if (around > 0) await insert(pool, 0);
  await Promise.all(Array.from({ length: width }, (_, step) => insert(pool, step)));
  for (let step = 1; step < around; step++) await insert(pool, step);
  return performance.now() - start;
}

async function insert(on: pg.Pool | pg.PoolClient, step: number): Promise<void> {
  await on.query('INSERT INTO bench.steps (step, output) VALUES ($1, $2)', [`s${step}`, { count: step + 1 }]);
}

async function checkpointBytes(pool: pg.Pool, executionId: string): Promise<number> {
  const { rows } = await pool.query(
    'SELECT coalesce(sum(pg_column_size(checkpoints.*)), 0)::bigint AS bytes FROM checkpoints WHERE thread_id = $1',
    [executionId],
  );
  return Number(rows[0].bytes);
}

/** Numbers of different durability are not comparable, so it stands beside them. */
async function durability(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query(
    `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit`,
  );
  strictEqual(rows[0].fsync, 'on');
  strictEqual(rows[0].commit, 'on');
  return `${rows[0].version}, fsync ${rows[0].fsync}, synchronous_commit ${rows[0].commit}`;
}
