/**
 * Kills a whole server with SIGKILL right after a persisted write of an execution and starts it again once. Whatever the
 * point, the execution goes on by itself, no finished step runs again, none is lost, none stays running.
 * test/sweep takes every point of the same graphs in a fraction of the time, without the process around the engine.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test, type TestContext } from 'vitest';
import type { Agent } from '../../src/contract/agents.ts';
import { type Execution, FINISHED_EXECUTION } from '../../src/contract/executions.ts';
import type { InboxItem } from '../../src/contract/inbox.ts';
import {
  type Answer,
  makeHome,
  type Pointsman,
  removeHome,
  startPointsman,
  until,
} from '../support/pointsman-process.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { expectInvariants } from '../support/postgres-invariants.ts';
import { processesOf, untilAgent } from '../support/shell-agents.ts';
import { GRAPHS } from '../sweep/graphs.ts';
import { differences } from '../sweep/outcome.ts';

const preload = [pathToFileURL(path.resolve(import.meta.dirname, '../support/kill-after-write.mjs')).href];
/** `npm run sweep -- --processes` takes every point, `npm test` a few: of each graph another one. */
const EVERY_POINT = process.env['POINTSMAN_TEST_SWEEP'] === 'all';
/** More than any execution here writes. */
const MOST_WRITES = 200;

/** A product of its own: several are swept at once, for most of the time goes by in starting and waiting. */
interface Place {
  home: string;
  start(killAfter: number): Promise<Pointsman>;
  /** What must hold of all rows, once no server writes any. */
  check(): Promise<void>;
}

describe.concurrent('kill -9 at each persisted write', { timeout: 1_800_000 }, () => {
  test('of the sample workflow: each agent’s command began once, and there is one release', async (context) => {
    const lane = async (points: Points) => {
      const place = await makePlace(context, {
        POINTSMAN_DEMO: 'on',
        PATH: `${impatience(context)}:${process.env['PATH'] ?? ''}`,
      });
      const { home } = place;
      const first = await place.start(0);
      const agents: Agent[] = (await first.request('GET', '/api/agents')).body;
      for (const { id } of agents) await untilAgent(first, id, 'idle');
      const processes = agents.map(({ id }) => processesOf(home, id));
      const { workflowId } = await finished(first);
      await first.kill('SIGTERM');
      return sweep({
        place,
        points,
        begin: (server) => server.request('POST', `/api/workflows/${workflowId}/execute`, {}),
        verify(execution, begun) {
          const version = `1.${3 + begun}.0`;
          const about = JSON.stringify(execution, null, 1);
          expect(execution, about).toMatchObject({ status: 'succeeded', outputs: { released: true, version } });
          expect(stepsOf(execution), about).toEqual([
            'approve 1 succeeded',
            'hold 1 skipped',
            'leftovers 1 succeeded',
            'release 1 succeeded',
            'report 1 succeeded',
            'size 1 succeeded',
            'tests 1 succeeded',
            'verdict 1 succeeded',
            'version 1 succeeded',
          ]);
          const times = begun + 1; // the demo itself has begun one too
          expect(commandsBegun(home, agents), 'what the shells say they ran').toEqual({
            backend: times,
            release: 2 * times,
            reviewer: times,
            tester: times,
          });
          const git = gitIn(path.join(home, 'sample/release-check'));
          expect(git('tag')).toHaveLength(times);
          expect(git('log', '--format=%s', `main..v${version}`)).toEqual([`Release ${version}`]);
          const changelog = git('show', `v${version}:CHANGELOG.md`);
          expect(changelog.filter((line) => line.startsWith(`## ${version} `))).toHaveLength(1);
          expect(
            agents.map(({ id }) => processesOf(home, id)),
            'agents were re-adopted, not restarted',
          ).toEqual(processes);
        },
      });
    };
    report(
      'the sample workflow',
      EVERY_POINT
        ? await Promise.all([lane({ first: 1, step: 2 }), lane({ first: 2, step: 2 })])
        : [await lane({ first: 2, step: 7 })],
    );
  });

  for (const [index, graph] of GRAPHS.entries())
    test(`of the graph “${graph.name}”: it ends as it would have`, async (context) => {
      // Recovering starts executions too, so what counts is the request that begins one.
      const place = await makePlace(context, { TEST_KILL_FROM: 'idempotency_keys' });
      const ranOf = (begun: number) => path.join(place.home, `ran-${begun}`);
      let begun = 0;
      const swept = await sweep({
        place,
        points: EVERY_POINT ? { first: 1, step: 1 } : { first: 3 + 2 * index, step: 1, most: 1 },
        async begin(server) {
          if (begun === 0)
            for (const part of graph.parts ?? [])
              expect((await server.request('POST', '/api/workflows', part)).status).toBe(201);
          begun += 1;
          const workflow = { name: graph.name, ...graph.workflow(ranOf(begun)) };
          return server.request('POST', '/api/workflow/execute', { workflow }, { 'idempotency-key': randomUUID() });
        },
        async verify(execution, run) {
          const about = JSON.stringify(execution, null, 1);
          expect(await differences(graph, { ...execution, ran: ranOf(run) }), about).toEqual([]);
        },
      });
      report(`the graph “${graph.name}”`, [swept]);
    });
});

/** Point 1 is the first write, point 2 the second … */
interface Points {
  first: number;
  step: number;
  /** So many at most. */
  most?: number;
}

interface Swept {
  points: number;
  /** Whether it went on to the end of the execution. */
  isWhole: boolean;
  seconds: number;
}

/**
 * One execution for each point, until one ends before its point has come. The server that has to finish what was killed
 * is the one that is killed next.
 */
async function sweep({
  place,
  points,
  begin,
  verify,
}: {
  place: Place;
  points: Points;
  begin: (server: Pointsman) => Promise<Answer>;
  /** `begun` executions have been begun here, this one last. */
  verify: (execution: Execution, begun: number) => void | Promise<void>;
}): Promise<Swept> {
  const startedAt = performance.now();
  let begun = 0;
  let died = true;
  let server = await place.start(points.first);
  for (let point = points.first; died && begun < (points.most ?? MOST_WRITES); point += points.step) {
    begun += 1;
    died = await diesDuring(server, begin);
    // After the end there may be one write more, which its point may still kill: nothing is left to sweep then.
    if (died) server = await place.start(point + points.step);
    else server = await startedAnew(place, server);
    const execution = await finished(server).catch((error: unknown) =>
      Promise.reject(new Error(`point ${point}: ${String(error)}\n${server.output()}`)),
    );
    await verify(execution, begun);
  }
  await server.kill('SIGTERM');
  await place.check();
  const seconds = (performance.now() - startedAt) / 1000;
  return { points: died ? begun : begun - 1, isWhole: !died, seconds };
}

async function startedAnew(place: Place, server: Pointsman): Promise<Pointsman> {
  await server.kill('SIGTERM');
  return place.start(0);
}

function report(what: string, lanes: Swept[]): void {
  const points = lanes.reduce((sum, lane) => sum + lane.points, 0);
  const each = lanes.reduce((sum, lane) => sum + lane.seconds, 0) / points;
  console.log(`crash sweep of ${what}: ${points} points, each recovered with one restart, ${each.toFixed(1)} s each`);
  // As few as there are since a beginning is one commit: fewer would mean that the sweep missed some.
  expect(points).toBeGreaterThan(EVERY_POINT && lanes.every(({ isWhole }) => isWhole) ? 10 : 0);
}

/** Whether the server was killed before what it was asked to begin had finished. */
async function diesDuring(server: Pointsman, begin: (server: Pointsman) => Promise<Answer>): Promise<boolean> {
  try {
    const { status, body } = await begin(server);
    expect(status, JSON.stringify(body)).toBe(202);
    await finished(server);
    return false;
  } catch (error) {
    // What fetch throws when nobody answers.
    if (!(error instanceof TypeError)) throw error;
    expect((await server.exited).signal).toBe('SIGKILL');
    return true;
  }
}

/** The newest execution once it has ended; approves what it asks as soon as it asks. */
async function finished(server: Pointsman): Promise<Execution> {
  const [{ id }] = (await server.request('GET', '/api/executions?limit=1&parent=none')).body;
  let seen: Execution | undefined;
  const look = async () => {
    seen = (await server.request<Execution>('GET', `/api/executions/${id}`)).body;
    if (FINISHED_EXECUTION.includes(seen.status)) return seen;
    const { body: items } = await server.request<InboxItem[]>('GET', '/api/inbox?state=open');
    for (const item of items) {
      expect(item.type, `nothing else needs a person: ${item.title}`).toBe('approval');
      const answer = { decision: 'approve', hash: item.hash };
      // 409: the answer before the crash was taken, and the item is about to close.
      expect([200, 409]).toContain((await server.request('POST', `/api/inbox/${item.id}/resolve`, answer)).status);
    }
    return null;
  };
  return until('the end of the execution', look).catch((error: unknown) => {
    if (error instanceof TypeError) throw error;
    throw new Error(`${String(error)}: ${JSON.stringify(seen, null, 1)}`, { cause: error });
  });
}

async function makePlace(context: TestContext, env: Record<string, string> = {}): Promise<Place> {
  const home = makeHome();
  const database = await createTestDatabase();
  context.onTestFinished(async () => {
    await removeHome(home);
    await database.drop();
  });
  const given = { POINTSMAN_DATABASE_URL: database.url, ...env };
  return {
    home,
    start: (killAfter) => startPointsman({ home, preload, env: { ...given, TEST_KILL_AFTER: String(killAfter) } }),
    check: () => expectInvariants(database.connection, { isSettled: true }),
  };
}

/** A directory for the PATH in which `sleep` does not: the sample's pauses are for people who watch. */
function impatience(context: TestContext): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'pointsman-impatience-'));
  context.onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(path.join(directory, 'sleep'), '#!/bin/sh\n', { mode: 0o755 });
  return directory;
}

function stepsOf({ steps }: Execution): string[] {
  return steps
    .map(({ nodeId, item, attempt, status }) => `${nodeId}${item ? `[${item.index}]` : ''} ${attempt} ${status}`)
    .toSorted();
}

/** How many command lines each shell has begun, whoever they were of. */
function commandsBegun(home: string, agents: readonly Agent[]): Record<string, number> {
  const counts = agents.map(({ id, name }) => {
    const journal = readFileSync(path.join(home, 'agents', id, 'shell/journal'), 'utf8');
    return [name, journal.split('\n').filter((line) => line.split(' ')[1] === 'start').length] as const;
  });
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function gitIn(repository: string): (...args: string[]) => string[] {
  return (...args) => execFileSync('git', args, { cwd: repository, encoding: 'utf8' }).trim().split('\n');
}
