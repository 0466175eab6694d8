/** What every peer that is measured beside us has in common: asked for with `--peers`, left out with a reason, never a failure. */
import { mkdtempSync, rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { InstallOutcome } from '../npm-package.ts';
import type { Workload } from '../workload.ts';

/** One request of "add one", as this peer's users would send it, and where its answer has the count. */
export interface CountingPeer {
  url: string;
  /** Its process; negative: its group. */
  pid: number;
  request(from: number): { address: string; body: string };
  count(answer: unknown): unknown;
}

export interface Peer {
  name: string;
  install(): Promise<InstallOutcome>;
  /** Throws when it does not come up; what it started ends with the workload all the same. */
  start(installed: string): Promise<CountingPeer>;
}

/** Null, and a note, where it was not asked for, cannot be had or does not start. */
export async function startPeer(workload: Workload, { name, install, start }: Peer): Promise<CountingPeer | null> {
  if (!process.argv.includes('--peers')) {
    workload.note(`${name} was not measured: it is with --peers`);
    return null;
  }
  try {
    const installed = await install();
    if (installed.outcome === 'missing') {
      workload.note(`${name} could not be installed, so it was not measured: ${installed.reason}`);
      return null;
    }
    return await start(installed.directory);
  } catch (error) {
    workload.note(`${name} could not be started, so it was not measured: ${reasonOf(error)}`);
    return null;
  }
}

/** Removed when the workload ends. */
export function dataFolder(workload: Workload, name: string): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), `pointsman-bench-${name}-`));
  workload.own(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
  return directory;
}

/** For programs that cannot tell which port they were given; somebody else may take it first, then they fail to start. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split('\n').slice(-3).join(' / ');
}
