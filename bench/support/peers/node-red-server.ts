/**
 * Node-RED in an HTTP server, as its documentation embeds it, with one flow: http in → function → http response.
 * `POST /one` with `{ "from": 7 }` answers `{ "count": 8 }`. Arguments: where its package is installed, its data folder.
 */
import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** The part of its API that we use. */
interface NodeRed {
  init(server: object, settings: object): void;
  start(): Promise<void>;
  httpNode: RequestListener;
  events: { once(event: string, listener: () => void): void };
}

const [directory = '', userDir = ''] = process.argv.slice(2);
const RED = createRequire(path.join(directory, 'package.json'))('node-red') as NodeRed;

writeFileSync(
  path.join(userDir, 'flows.json'),
  JSON.stringify([
    { id: 'flow', type: 'tab', label: 'One step' },
    { id: 'in', z: 'flow', type: 'http in', url: '/one', method: 'post', wires: [['add']] },
    {
      id: 'add',
      z: 'flow',
      type: 'function',
      func: 'msg.payload = { count: msg.payload.from + 1 };\nreturn msg;',
      outputs: 1,
      wires: [['out']],
    },
    { id: 'out', z: 'flow', type: 'http response', wires: [] },
  ]),
);

const server = createServer((request, response) => RED.httpNode(request, response));
RED.init(server, {
  userDir,
  flowFile: 'flows.json',
  httpNodeRoot: '/',
  httpAdminRoot: false,
  telemetry: { enabled: false, updateNotification: false },
  externalModules: { autoInstall: false, palette: { allowInstall: false } },
  logging: { console: { level: 'error', metrics: false, audit: false } },
});
const started = new Promise<void>((resolve) => RED.events.once('flows:started', resolve));
await RED.start();
await started;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
