/**
 * A worker that is stopped in the middle of a write and woken after another has taken its execution over: what it still
 * sends is refused, and the execution is as if it had never woken.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Execution } from '../../src/contract/executions.ts';
import { makeHome, type Pointsman, removeHome, startPointsman, until } from '../support/pointsman-process.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { expectInvariants } from '../support/postgres-invariants.ts';

const preload = [pathToFileURL(path.resolve(import.meta.dirname, '../support/stop-before-write.mjs')).href];
const CHAIN = ['a', 'b', 'c', 'd'];
const workflow = {
  nodes: CHAIN.map((id) => ({ id, type: 'wait', config: { duration: 'PT0.05S' } })),
  edges: CHAIN.slice(1).map((to, index) => ({ from: CHAIN[index], to })),
  outputs: { done: 'nodes.d.output != null' },
};

describe.concurrent('two servers of one database', () => {
  for (const point of [3, 4, 6, 9])
    test(`one that sleeps before its write ${point} does nothing with it when it wakes`, async (context) => {
      const database = await createTestDatabase();
      const [home, otherHome] = [makeHome(), makeHome()];
      let sleeper: Pointsman | undefined;
      context.onTestFinished(async () => {
        await sleeper?.kill('SIGKILL');
        await removeHome(home);
        await removeHome(otherHome);
        await database.drop();
      });
      const env = { POINTSMAN_DATABASE_URL: database.url };
      sleeper = await startPointsman({ home, preload, env: { ...env, TEST_STOP_BEFORE: String(point) } });
      void sleeper.request('POST', '/api/workflow/execute', { workflow }).catch(() => undefined);
      const { pid } = sleeper;
      await until('the server to sleep', async () => stateOf(pid) === 'T');

      const other = await startPointsman({ home: otherHome, env });
      const [{ id }] = (await other.request('GET', '/api/executions?limit=1')).body;
      const ended = await until(
        'the other one to take over and finish',
        async () => {
          const { body } = await other.request<Execution>('GET', `/api/executions/${id}`);
          return body.finishedAt ? body : null;
        },
        60_000,
      );
      expect(ended).toMatchObject({ status: 'succeeded', outputs: { done: true } });

      process.kill(pid, 'SIGCONT');
      // It lives, works, and what it had to send is sent before this.
      const { body: next } = await sleeper.request('POST', '/api/workflow/execute', { workflow });
      await until('another execution', async () => {
        const { body } = await sleeper.request<Execution>('GET', `/api/executions/${next.id}`);
        return body.status === 'succeeded';
      });
      const { body: after } = await other.request<Execution>('GET', `/api/executions/${id}`);
      expect(after).toEqual(ended);
      for (const server of [sleeper, other]) await server.kill('SIGTERM');
      await expectInvariants(database.connection, { accepted: [id, next.id], isSettled: true });
    });
});

/** As Linux tells it: R, S, T for stopped … */
function stateOf(pid: number): string {
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';
}
