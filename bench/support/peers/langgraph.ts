/** The LangGraph dev server beside us: installed once, run as a process of its own on a data folder of its own. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { installNpmPackage } from '../npm-package.ts';
import { startHttpTarget } from '../http-target.ts';
import type { Workload } from '../workload.ts';
import { dataFolder, type CountingPeer, startPeer } from './peer.ts';

const VERSION = '1.5.1';
/** It names only ranges of these, and not all of them as dependencies. */
const BESIDE = ['@langchain/langgraph@1.7.3', '@langchain/core@1.4.0', 'typescript@5.9.3'];

export function startLangGraph(workload: Workload): Promise<CountingPeer | null> {
  return startPeer(workload, {
    name: 'LangGraph dev server',
    install: () => installNpmPackage({ name: '@langchain/langgraph-api', version: VERSION, beside: BESIDE, works }),
    async start(installed) {
      const { url, pid } = await startHttpTarget(workload, 'peers/langgraph-server.ts', [
        installed,
        dataFolder(workload, 'langgraph'),
      ]);
      workload.note(
        `LangGraph dev server ${VERSION}: \`POST /runs/wait\` of a graph of one node; run and checkpoints stay in memory, and are`,
      );
      workload.note(
        '  written to files 3 s after the last change. It polls: for runs up to 1 s, for their end 0.5 s, which is most of its p50',
      );
      return {
        url,
        pid,
        // Without `keep` nothing would be left of the run.
        request: (from) => ({
          address: '/runs/wait',
          body: JSON.stringify({ assistant_id: 'count', input: { count: from }, on_completion: 'keep' }),
        }),
        count: (answer) => (answer as { count?: unknown }).count,
      };
    },
  });
}

function works(directory: string): boolean {
  return ['langgraph', 'core'].every((name) => existsSync(path.join(directory, 'node_modules/@langchain', name)));
}
