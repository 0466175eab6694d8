/** Where things are in a checkout, and how one of its tools is run. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { NO_NODE24, findNode24 } from '../../bin/node24.mjs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const inRoot = (...parts) => path.join(ROOT, ...parts);

/** Something a person has to do first; printed without a stack trace. */
export class Stop extends Error {}

/** Runs a script's main function; whatever it throws ends the process with status 1. */
export async function runScript(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Stop ? `\n${error.message}` : error);
    process.exit(1);
  }
}

/** The Node that tools and product run on; available once the dependencies are installed. */
export function node24() {
  const node = findNode24();
  if (node === undefined) throw new Stop(NO_NODE24);
  return node;
}

/** Resolves with the exit status; a signal counts as 1. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
    child.on('error', reject);
    child.on('exit', (status) => resolve(status ?? 1));
  });
}

/** Runs quietly: what the command says is shown only when it fails. Says every few seconds that it is still at it. */
export async function runQuietly(command, args, { what, ...options }) {
  const output = [];
  const started = Date.now();
  const heartbeat = setInterval(() => say(`  … ${what}, ${Math.round((Date.now() - started) / 1000)} s`), 10_000);
  try {
    const status = await new Promise((resolve, reject) => {
      const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], ...options });
      child.stdout.on('data', (chunk) => output.push(chunk));
      child.stderr.on('data', (chunk) => output.push(chunk));
      child.on('error', reject);
      child.on('close', (code) => resolve(code ?? 1));
    });
    return { status, output: Buffer.concat(output).toString() };
  } finally {
    clearInterval(heartbeat);
  }
}

/** Progress goes to stderr, so that what the product prints can be piped. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Times the named phases; prints them with --verbose. */
export function phases(verbose) {
  return async (name, work) => {
    const started = performance.now();
    const result = await work();
    if (verbose) say(`${name}: ${(performance.now() - started).toFixed(0)} ms`);
    return result;
  };
}
