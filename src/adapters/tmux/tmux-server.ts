/** The tmux server of one agent as files and a process: where its socket is, whether it answers, how it is ended. */
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readStartTicks } from './process-table.ts';
import type { ProcessIdentity } from './process-tree.ts';

export interface ServerFiles {
  socket: string;
  launch: string;
  /** A paste adds a random name. */
  pastePrefix: string;
}

const SOCKET_ENDING = '.sock';

export function serverFiles(directory: string, agentId: string): ServerFiles {
  return {
    socket: join(directory, `${agentId}${SOCKET_ENDING}`),
    launch: join(directory, `${agentId}.launch`),
    pastePrefix: join(directory, `${agentId}.paste-`),
  };
}

export function agentIdOfSocket(fileName: string): string | null {
  return fileName.endsWith(SOCKET_ENDING) ? fileName.slice(0, -SOCKET_ENDING.length) : null;
}

/** A socket file outlives its server; only a connection tells them apart. */
export function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}

const END_MS = 2_000;
const LOOK_AGAIN_MS = 10;

/** Ends the server and waits until it is gone: a new one on the same socket would meet the old one's end. */
export async function endServer(server: ProcessIdentity, files: ServerFiles): Promise<void> {
  if ((await readStartTicks(server.pid)) === server.startTicks) {
    tryKill(server.pid, 'SIGTERM');
    const start = performance.now();
    while ((await readStartTicks(server.pid)) === server.startTicks) {
      // Past the time it is stuck, for instance in a client that does not read.
      const late = performance.now() - start > END_MS;
      if (late) tryKill(server.pid, 'SIGKILL');
      if (performance.now() - start > 2 * END_MS) break; // in the kernel's hands; there is nothing more to do
      await delay(LOOK_AGAIN_MS);
    }
  }
  await removeServerFiles(files);
}

/** Has the server look for ended children; it looks for all of them whenever it is told of one. */
export function remindServer(server: ProcessIdentity): void {
  tryKill(server.pid, 'SIGCHLD');
}

export async function removeServerFiles(files: ServerFiles): Promise<void> {
  await Promise.all([files.socket, `${files.socket}.lock`, files.launch].map((file) => rm(file, { force: true })));
}

function tryKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended by itself
  }
}
