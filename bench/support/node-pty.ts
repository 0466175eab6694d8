/** node-pty is what others put behind a web terminal. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { type InstallOutcome, installNpmPackage } from './npm-package.ts';

const VERSION = '1.1.0';

/** Compiles where there is no binary for this Node, so it may take a minute and needs a compiler and Python. */
export function installNodePty(): Promise<InstallOutcome> {
  return installNpmPackage({ name: 'node-pty', version: VERSION, works, runsScripts: true });
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
  try {
    loadNodePty(directory);
    return true;
  } catch {
    return false;
  }
}
