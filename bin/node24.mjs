/** Finds the Node that runs the product (24 or newer) and hands over to it. Plain JavaScript, so that any Node >= 20 can. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

const NEEDED_MAJOR = 24;

/** This Node when it is new enough, else the one that npm installed with us; undefined when there is neither. */
export function findNode24() {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) return process.execPath;
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`);
    const node = path.join(path.dirname(manifest), 'bin/node');
    accessSync(node, constants.X_OK);
    return node;
  } catch {
    return undefined;
  }
}

export const NO_NODE24 =
  `Pointsman runs on Node ${NEEDED_MAJOR} or newer, and this is ${process.version}.\n` +
  `On Linux npm brings one along (unless it is told --omit=optional); here it did not.\n` +
  `Install Node ${NEEDED_MAJOR} (https://nodejs.org, or: nvm install ${NEEDED_MAJOR}) and try again.`;

/**
 * Becomes `node ...args`: the same process where Node can do that, else a child whose signals and exit status are passed on.
 * Never returns to its caller.
 */
export function becomeNode(node, args, environment = {}) {
  const env = { ...process.env, ...environment };
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    process.removeAllListeners('warning');
    process.execve(node, [node, ...args], env);
  }
  const child = spawn(node, args, { stdio: 'inherit', env });
  // At a terminal Ctrl-C reaches the child by itself; a second SIGINT from us would look like impatience.
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    const noGlibc = error.code === 'ENOENT' && node !== process.execPath;
    console.error(
      noGlibc
        ? `${NO_NODE24}\n(The Node that npm brings needs glibc, which Alpine Linux does not have.)`
        : error.message,
    );
    process.exit(1);
  });
  child.on('exit', (status, signal) => process.exit(signal ? 128 + os.constants.signals[signal] : status));
}
