/** Node-RED beside us: installed once, run as a process of its own on a data folder of its own. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { installNpmPackage } from '../npm-package.ts';
import { startHttpTarget } from '../http-target.ts';
import type { Workload } from '../workload.ts';
import { dataFolder, type CountingPeer, startPeer } from './peer.ts';

const VERSION = '5.0.7';

export function startNodeRed(workload: Workload): Promise<CountingPeer | null> {
  return startPeer(workload, {
    name: 'Node-RED',
    install: () => installNpmPackage({ name: 'node-red', version: VERSION, works }),
    async start(installed) {
      const { url, pid } = await startHttpTarget(workload, 'peers/node-red-server.ts', [
        installed,
        dataFolder(workload, 'node-red'),
      ]);
      workload.note(`Node-RED ${VERSION}: http in → function → http response; it keeps nothing of a request`);
      return {
        url,
        pid,
        request: (from) => ({ address: '/one', body: JSON.stringify({ from }) }),
        count: (answer) => (answer as { count?: unknown }).count,
      };
    },
  });
}

function works(directory: string): boolean {
  try {
    createRequire(path.join(directory, 'package.json')).resolve('node-red');
    return true;
  } catch {
    return false;
  }
}
