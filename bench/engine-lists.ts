/** Pages of the list of executions, and one execution, through the API: with 100 of them stored, and with 10 000. */
import { strictEqual } from 'node:assert';
import pg from 'pg';
import { startManagedPostgres } from '../src/adapters/managed-postgres/managed-postgres.ts';
import { makeHome, type Pointsman, removeHome, startPointsman } from '../test/support/pointsman-process.ts';
import { median, quantile } from './support/statistics.ts';
import { runWorkload } from './support/workload.ts';

const FEW = 100;
const MANY = 10_000;
const REQUESTS = 100;
const PAGE = 50;
/** Among the copies, so that there is a status of which there are few. */
const FAILED = 10;
/** Nodes of the workflow whose executions are listed. */
const STEPS = 20;
const MOST_MS = 50;
/** “Unchanged” within what two measurements of the same thing differ by. */
const MOST_GROWTH = 1.3;

await runWorkload('engine-lists', 'Pages of stored executions', async (workload) => {
  const home = makeHome();
  workload.own(() => removeHome(home));
  const managed = await startManagedPostgres({ home });
  workload.own(() => managed.release());
  const server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: managed.url } });
  workload.own(() => server.kill('SIGTERM'));
  const client = new pg.Client({ ...managed.connection, password: '' });
  await client.connect();
  workload.own(() => client.end());

  const { body: workflow } = await server.request('POST', '/api/workflows', chainOfTransforms());
  const { body: first } = await server.request('POST', `/api/workflows/${workflow.id}/execute?wait=60`, {});
  strictEqual(first.status, 'succeeded');
  const kinds: { what: string; page: (at: Stored) => string; expected: (body: unknown, at: Stored) => void }[] = [
    {
      what: 'newest page',
      page: () => `/api/executions?limit=${PAGE}`,
      expected: (body) => strictEqual((body as unknown[]).length, PAGE),
    },
    {
      what: 'a page in the middle',
      page: ({ middle }) => `/api/executions?limit=${PAGE}&cursor=${middle}`,
      expected: (body, { older }) => strictEqual((body as unknown[]).length, Math.min(PAGE, older)),
    },
    {
      what: 'a page of one workflow, succeeded',
      page: () => `/api/executions?limit=${PAGE}&workflow=${workflow.id}&status=succeeded`,
      expected: (body) => strictEqual((body as unknown[]).length, PAGE),
    },
    {
      what: 'a page of failed ones, of which there are few',
      page: () => `/api/executions?limit=${PAGE}&status=failed`,
      expected: (body) => strictEqual((body as unknown[]).length, FAILED),
    },
    {
      what: 'one execution with its steps',
      page: ({ middle }) => `/api/executions/${middle}`,
      expected: (body) => strictEqual((body as { steps: unknown[] }).steps.length, STEPS),
    },
  ];
  const measured: number[][][] = [];
  for (const count of [FEW, MANY]) {
    const stored = await storeUpTo(client, first.id as string, count);
    const times: number[][] = kinds.map(() => []);
    for (let request = 0; request < REQUESTS; request++) {
      // Interleaved, so that what else the machine does meets all of them.
      for (const [index, { page, expected }] of kinds.entries())
        times[index]!.push(await timed(server, page(stored), (body) => expected(body, stored)));
    }
    measured.push(times);
  }
  const [few = [], many = []] = measured;
  for (const [index, { what }] of kinds.entries()) {
    const p95 = quantile(many[index]!, 0.95);
    const ratio = median(many[index]!) / median(few[index]!);
    workload.row({ what: `${what}, p95`, value: p95, unit: 'ms', goal: `< ${MOST_MS} ms`, met: p95 < MOST_MS });
    workload.row({
      what: '  p50 of 10 000 against 100',
      value: median(many[index]!),
      unit: 'ms',
      floor: { what: 'ms of 100', value: median(few[index]!) },
      ratio,
      goal: `≤ ${MOST_GROWTH}×`,
      met: ratio <= MOST_GROWTH,
    });
  }
  workload.note(
    `${REQUESTS} requests of each kind in turns, one at a time, over HTTP with identity; ${STEPS} steps each`,
  );
  workload.note(
    'the stored executions are copies of one that ran, with its steps, under ids in the order of their creation',
  );
});

interface Stored {
  /** The id of one in the middle. */
  middle: string;
  /** How many are older than that one. */
  older: number;
}

function chainOfTransforms(): object {
  const ids = Array.from({ length: STEPS }, (_, index) => `s${index + 1}`);
  return {
    name: 'Listed',
    nodes: ids.map((id, index) => ({
      id,
      type: 'transform',
      config: { value: index === 0 ? '1' : `nodes.${ids[index - 1]}.output + 1` },
    })),
    edges: ids.slice(1).map((id, index) => ({ from: ids[index], to: id })),
    outputs: { count: `nodes.${ids.at(-1)}.output` },
  };
}

/** Copies rows inside the database: running 10 000 of them would measure something else. The first ten copies failed. */
async function storeUpTo(client: pg.Client, original: string, count: number): Promise<Stored> {
  const { rows } = await client.query('SELECT count(*)::int AS stored FROM executions');
  const columns = async (table: string, without: string[]) =>
    (
      await client.query<{ name: string }>(
        `SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1 AND table_schema = 'public'`,
        [table],
      )
    ).rows
      .map(({ name }) => name)
      .filter((name) => !without.includes(name))
      .join(', ');
  const ofExecutions = await columns('executions', ['id', 'status', 'created_at']);
  const ofSteps = await columns('steps', ['id', 'seq', 'execution_id']);
  // As UUIDv7: the time first, so that ids sort by it.
  await client.query(
    `WITH copies AS (
       INSERT INTO executions (id, status, created_at, ${ofExecutions})
       SELECT (lpad(to_hex((extract(epoch FROM created_at) * 1000)::bigint - n), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid,
         CASE WHEN n <= ${FAILED} THEN 'failed' ELSE status END, created_at - n * interval '1 ms', ${ofExecutions}
       FROM executions, generate_series($2::int, $3::int) AS n WHERE id = $1 RETURNING id)
     INSERT INTO steps (id, execution_id, ${ofSteps})
     SELECT gen_random_uuid(), copies.id, ${ofSteps} FROM copies, (SELECT * FROM steps WHERE execution_id = $1 ORDER BY seq) AS kept`,
    [original, rows[0].stored, count - 1],
  );
  await client.query('VACUUM ANALYZE');
  const { rows: placed } = await client.query<{ id: string }>(
    'SELECT id FROM executions ORDER BY id DESC OFFSET $1 LIMIT 1',
    [count / 2],
  );
  return { middle: placed[0]?.id ?? '', older: count / 2 - 1 };
}

async function timed(server: Pointsman, address: string, check: (body: unknown) => void): Promise<number> {
  const start = performance.now();
  const { status, body } = await server.request('GET', address);
  const ms = performance.now() - start;
  strictEqual(status, 200, JSON.stringify(body));
  check(body);
  return ms;
}
