/**
 * DBOS behind HTTP, as its documentation has it: a workflow of steps, each of which is recorded before the next begins.
 * `POST /chain/40`, `/fan/100`, `/one/7` answer when the workflow has ended, with its result and how long it took.
 * Arguments: where its package is installed, and the database as JSON.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import pg from 'pg';

/** As many as Pointsman's engine has. */
const CONNECTIONS = 12;

/** The part of its API that we use. */
interface Dbos {
  setConfig(config: object): void;
  launch(): Promise<void>;
  registerWorkflow<A, R>(work: (argument: A) => Promise<R>, config: { name: string }): (argument: A) => Promise<R>;
  runStep<R>(work: () => Promise<R>, config: { name: string }): Promise<R>;
}

const [directory = '', connection = '{}'] = process.argv.slice(2);
const { DBOS } = createRequire(path.join(directory, 'package.json'))('@dbos-inc/dbos-sdk') as { DBOS: Dbos };

const counted = (from: number, name: string) => DBOS.runStep(async () => from + 1, { name });
const workflows: Record<string, (size: number) => Promise<number>> = {
  chain: DBOS.registerWorkflow(
    async (length: number) => {
      let count = 0;
      for (let step = 0; step < length; step++) count = await counted(count, `s${step}`);
      return count;
    },
    { name: 'chain' },
  ),
  fan: DBOS.registerWorkflow(
    async (width: number) => {
      const first = await counted(0, 'first');
      const beside = await Promise.all(Array.from({ length: width }, (_, index) => counted(first, `f${index}`)));
      return counted(beside.at(-1) ?? 0, 'last');
    },
    { name: 'fan' },
  ),
  one: DBOS.registerWorkflow((from: number) => counted(from, 'one'), { name: 'one' }),
};

DBOS.setConfig({
  name: 'bench',
  systemDatabasePool: new pg.Pool({ ...(JSON.parse(connection) as pg.PoolConfig), max: CONNECTIONS }),
  logLevel: 'error',
  runAdminServer: false,
});
await DBOS.launch();

const server = createServer(
  (request, response) => void answer(request, response).catch((error: unknown) => refuse(response, error)),
);
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume();
  const [, name = '', size = ''] = (request.url ?? '').split('/');
  const workflow = workflows[name];
  if (!workflow) throw new Error(`there is no ${name}`);
  const start = performance.now();
  const count = await workflow(Number(size));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ count, ms: performance.now() - start }));
}

function refuse(response: ServerResponse, error: unknown): void {
  response.statusCode = 500;
  response.end(String(error));
}
