/** `POST execute` → one step → its result, over HTTP as a program would ask: one after the other, and 16 at a time. */
import { strictEqual } from 'node:assert';
import http from 'node:http';
import pg from 'pg';
import { startManagedPostgres } from '../src/adapters/managed-postgres/managed-postgres.ts';
import { makeHome, removeHome, startPointsman } from '../test/support/pointsman-process.ts';
import { startHttpTarget } from './support/http-target.ts';
import { MOST_DRIFT_PERCENT } from './support/noise.ts';
import { startDbos } from './support/peers/dbos.ts';
import { startLangGraph } from './support/peers/langgraph.ts';
import { startN8n } from './support/peers/n8n.ts';
import { startNodeRed } from './support/peers/node-red.ts';
import type { CountingPeer } from './support/peers/peer.ts';
import { driftPercent, median, quantile } from './support/statistics.ts';
import { runWorkload, type Workload } from './support/workload.ts';

const ROUNDS = 5;
const SEQUENTIAL = 60;
const SEQUENTIAL_MS = 6_000; // a peer that polls would take minutes for as many
const AT_ONCE = 16;
const AT_ONCE_MS = 2_500;
const WARM_UP = 100;
const WARM_UP_MS = 10_000;
const ANSWERED_WITHIN_MS = 60_000;
const MOST_TIMES_DBOS = 1.5;
/** Each keeps something else of a request, or nothing, so they are shown and no more. */
const WITHOUT_GOAL = ['n8n', 'Node-RED', 'LangGraph'];

type Connection = pg.PoolConfig & { host: string; port: number; user: string };

const agents: http.Agent[] = [];

interface Target {
  name: string;
  /** Its process, or its group when negative; it stands still while others are measured. */
  pid: number;
  /** Throws when the answer is not the right one. */
  one(lane: number): Promise<void>;
}

await runWorkload('engine-requests', 'One step over HTTP', async (workload) => {
  const home = makeHome();
  workload.own(() => removeHome(home));
  const managed = await startManagedPostgres({ home });
  workload.own(() => managed.release());
  const connection = { ...managed.connection, password: '' };
  const started = [
    await insertTarget(workload, connection),
    await pointsmanTarget(workload, connection),
    await dbosTarget(workload, connection),
    peerTarget('n8n', await startN8n(workload, connection)),
    peerTarget('Node-RED', await startNodeRed(workload)),
    peerTarget('LangGraph', await startLangGraph(workload)),
  ].filter((target) => target !== null);
  const targets = new Set(started);
  // Whoever stands still does not hear that it shall end.
  workload.own(() => {
    for (const { pid } of started) process.kill(pid, 'SIGCONT');
  });
  const measured = new Map(
    started.map(({ name }) => [name, { ms: [] as number[], p99: [] as number[], perSecond: [] as number[] }]),
  );
  /** A peer without a goal that answers wrongly is left out from then on; of all others it fails the benchmark. */
  const inTurn = async (work: (target: Target) => Promise<void>) => {
    for (const target of targets) {
      try {
        process.kill(target.pid, 'SIGCONT');
        await work(target);
        // A server that wakes closes what nobody used for a while, in the moment in which it is used again.
        for (const agent of agents) agent.destroy();
        process.kill(target.pid, 'SIGSTOP');
      } catch (error) {
        if (!WITHOUT_GOAL.includes(target.name)) throw error;
        targets.delete(target);
        measured.delete(target.name);
        workload.note(`${target.name} did not answer as it should, so it was not measured: ${String(error)}`);
      }
    }
  };
  await inTurn(async (target) => {
    const start = performance.now();
    for (let count = 0; count < WARM_UP && performance.now() - start < WARM_UP_MS; count++)
      await target.one(count % AT_ONCE);
  });
  for (let round = 0; round < ROUNDS; round++) {
    await inTurn(async (target) => {
      const { ms, p99, perSecond } = measured.get(target.name)!;
      const times = await sequential(target);
      ms.push(median(times));
      p99.push(quantile(times, 0.99));
      perSecond.push(await atOnce(target));
    });
  }

  const [floor, ours] = ['INSERT', 'Pointsman'].map((name) => measured.get(name));
  if (!floor || !ours) throw new Error('nothing was measured');
  const compare = (
    what: string,
    of: 'ms' | 'p99' | 'perSecond',
    goal?: { text: string; met: (ratio: number) => boolean },
  ) => {
    // The slowest peer answers too few for a p99.
    for (const name of ['INSERT', 'DBOS', ...(of === 'p99' ? [] : WITHOUT_GOAL)]) {
      const other = measured.get(name);
      if (!other) continue;
      const ratio = median(ours[of].map((value, round) => value / other[of][round]!));
      const unit = of === 'perSecond' ? '/s' : 'ms';
      workload.row({
        what: name === 'INSERT' ? what : `  beside ${name}`,
        value: median(ours[of]),
        unit,
        floor: { what: `${unit} ${name}`, value: median(other[of]) },
        ratio,
        ...(goal && name === 'DBOS' ? { goal: goal.text, met: goal.met(ratio) } : {}),
        detail: { ours: ours[of], [name]: other[of] },
      });
    }
  };
  compare('one request, p50', 'ms', { text: `≤ ${MOST_TIMES_DBOS}×`, met: (ratio) => ratio <= MOST_TIMES_DBOS });
  compare('one request, p99', 'p99');
  compare(`${AT_ONCE} at a time`, 'perSecond', { text: '≥ 1×', met: (ratio) => ratio >= 1 });
  const drift = driftPercent(floor.ms[0]!, floor.ms.at(-1)!);
  if (drift > MOST_DRIFT_PERCENT)
    workload.noisy(`the INSERTs differ by ${drift.toFixed(0)} % between first and last round`);
  workload.note(
    `${ROUNDS} interleaved rounds of ${SEQUENTIAL} requests (at most ${SEQUENTIAL_MS / 1000} s) and ${AT_ONCE_MS / 1000} s of ${AT_ONCE} at a time; every answer was checked; whoever is not measured stands still`,
  );
  workload.note(
    'Pointsman: `execute?wait=30` of a saved workflow of one transform step, with identity and rights looked up, live events kept;',
  );
  workload.note(
    'DBOS: a workflow of one step behind node:http; INSERT: one row behind node:http. All in one PostgreSQL, fsync on',
  );
});

async function pointsmanTarget(workload: Workload, connection: Connection): Promise<Target> {
  const { host, port, user } = connection;
  const admin = new pg.Client(connection);
  await admin.connect();
  await admin.query('CREATE DATABASE pointsman_bench');
  await admin.end();
  const home = makeHome();
  workload.own(() => removeHome(home));
  const url = `postgresql://${user}@${encodeURIComponent(host)}:${port}/pointsman_bench`;
  const server = await startPointsman({ home, env: { POINTSMAN_DATABASE_URL: url } });
  workload.own(() => server.kill('SIGTERM'));
  const { body: workflow } = await server.request('POST', '/api/workflows', {
    name: 'One step',
    inputs: { from: { type: 'integer' } },
    nodes: [{ id: 'one', type: 'transform', config: { value: 'inputs.from + 1' } }],
    outputs: { count: 'nodes.one.output' },
  });
  // The limit of requests per minute is one of each token.
  const tokens = await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, lane) => {
      const { body } = await server.request('POST', '/api/tokens', { name: `lane ${lane}`, role: 'operator' });
      return (body as { token: string }).token;
    }),
  );
  const post = poster(server.url);
  return {
    name: 'Pointsman',
    pid: server.pid,
    async one(lane) {
      const { status, body } = await post(`/api/workflows/${workflow.id}/execute?wait=30`, {
        token: tokens[lane] ?? '',
        body: '{"inputs":{"from":7}}',
      });
      strictEqual(status, 202, body);
      const execution = JSON.parse(body) as { status: string; outputs: { count: number } };
      strictEqual(execution.status, 'succeeded');
      strictEqual(execution.outputs.count, 8);
    },
  };
}

async function insertTarget(workload: Workload, connection: pg.PoolConfig): Promise<Target> {
  const admin = new pg.Client(connection);
  await admin.connect();
  await admin.query('CREATE SCHEMA bench');
  await admin.query('CREATE TABLE bench.steps (id bigserial PRIMARY KEY, step text NOT NULL, output jsonb NOT NULL)');
  await admin.end();
  const { url, pid } = await startHttpTarget(workload, 'floor-server.ts', [JSON.stringify(connection)]);
  return { name: 'INSERT', pid, one: counted(poster(url)) };
}

async function dbosTarget(workload: Workload, connection: pg.PoolConfig): Promise<Target | null> {
  const dbos = await startDbos(workload, connection);
  return dbos && { name: 'DBOS', pid: dbos.pid, one: counted(poster(dbos.url)) };
}

function peerTarget(name: string, peer: CountingPeer | null): Target | null {
  if (!peer) return null;
  const post = poster(peer.url);
  return {
    name,
    pid: peer.pid,
    async one() {
      const { address, body } = peer.request(7);
      const answer = await post(address, { body });
      strictEqual(answer.status, 200, answer.body);
      strictEqual(peer.count(JSON.parse(answer.body)), 8);
    },
  };
}

function counted(post: ReturnType<typeof poster>): Target['one'] {
  return async () => {
    const { status, body } = await post('/one/7', {});
    strictEqual(status, 200, body);
    strictEqual((JSON.parse(body) as { count: number }).count, 8);
  };
}

/** A client that keeps its connections, with as little of its own as Node allows. */
function poster(url: string) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
  agents.push(agent);
  return (address: string, { token, body }: { token?: string; body?: string }) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const headers = {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {}),
      };
      const request = http.request(
        `${url}${address}`,
        { method: 'POST', agent, headers, timeout: ANSWERED_WITHIN_MS },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (text += chunk));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
          response.on('error', reject);
        },
      );
      request.on('timeout', () => request.destroy(new Error(`no answer within ${ANSWERED_WITHIN_MS / 1000} s`)));
      request.on('error', reject);
      request.end(body);
    });
}

async function sequential(target: Target): Promise<number[]> {
  const times: number[] = [];
  const first = performance.now();
  for (let count = 0; count < SEQUENTIAL && performance.now() - first < SEQUENTIAL_MS; count++) {
    const start = performance.now();
    await target.one(count % AT_ONCE);
    times.push(performance.now() - start);
  }
  return times;
}

/** Requests that were answered per second. */
async function atOnce(target: Target): Promise<number> {
  const start = performance.now();
  let answered = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, lane) => {
      while (performance.now() - start < AT_ONCE_MS) {
        await target.one(lane);
        answered += 1;
      }
    }),
  );
  return (answered / (performance.now() - start)) * 1000;
}
