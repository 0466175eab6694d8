/** node-pty is what others put behind a web terminal. Not a dependency: installed once, into this user's cache. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

const VERSION = '1.1.0';
const INSTALL_WITHIN_MS = 240_000;

export type NodePtyOutcome = { outcome: 'ready'; directory: string } | { outcome: 'missing'; reason: string };

/** Compiles where there is no binary for this Node, so it may take a minute and needs a compiler and Python. */
export async function installNodePty(): Promise<NodePtyOutcome> {
  const cache = process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache');
  const directory = path.join(cache, 'pointsman-bench', `node-pty-${VERSION}-abi${process.versions.modules}`);
  if (works(directory)) return { outcome: 'ready', directory };
  mkdirSync(directory, { recursive: true });
  const args = [
    'install',
    '--prefix',
    directory,
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--ignore-scripts=false',
    `node-pty@${VERSION}`,
  ];
  const problem = await new Promise<string | null>((resolve) => {
    execFile(
      'npm',
      args,
      { cwd: directory, timeout: INSTALL_WITHIN_MS, maxBuffer: 2 ** 24 },
      (error, _stdout, stderr) => {
        resolve(error ? lastLines(stderr || error.message) : null);
      },
    );
  });
  if (works(directory)) return { outcome: 'ready', directory };
  return { outcome: 'missing', reason: problem ?? 'it was installed but does not load' };
}

/** Loaded in the process that asks. */
export function loadNodePty(directory: string): {
  spawn(
    file: string,
    args: string[],
    options: object,
  ): { onData(listener: (data: string | Buffer) => void): void; write(data: string | Buffer): void; kill(): void };
} {
  return createRequire(path.join(directory, 'package.json'))('node-pty') as ReturnType<typeof loadNodePty>; // the part of its API that we use
}

function works(directory: string): boolean {
  if (!existsSync(path.join(directory, 'node_modules/node-pty'))) return false;
  try {
    loadNodePty(directory);
    return true;
  } catch {
    return false;
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' / ');
}
