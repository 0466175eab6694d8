/**
 * The least that could do a durable step over HTTP: one INSERT commit, then the answer. `POST /one/7` answers 8.
 * Argument: the database as JSON.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

const CONNECTIONS = 12; // as many as the engine has
const pool = new pg.Pool({ ...(JSON.parse(process.argv[2] ?? '{}') as pg.PoolConfig), max: CONNECTIONS });

const server = createServer((request, response) => {
  request.resume();
  const count = Number((request.url ?? '').split('/')[2]) + 1;
  pool
    .query('INSERT INTO bench.steps (step, output) VALUES ($1, $2)', ['one', { count }])
    .then(() => response.setHeader('content-type', 'application/json').end(JSON.stringify({ count })))
    .catch((error: unknown) => response.writeHead(500).end(String(error)));
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
