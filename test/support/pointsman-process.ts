/**
 * A whole Pointsman as a process of its own, on a data directory of its own: started, asked, killed, started again.
 * It is the built one, as operators run it; `npm test` has built it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { removeManagedPostgres } from '../../src/adapters/managed-postgres/managed-postgres.ts';
import { runDown } from '../../src/server/down.ts';

const root = path.resolve(import.meta.dirname, '../..');
const READY_WITHIN_MS = 90_000;

export interface PointsmanOptions {
  home: string;
  env?: Record<string, string>;
  /** Modules loaded before the product, e.g. one that kills it at a certain write. */
  preload?: string[];
  /** Where it is asked; otherwise at the address it prints, which may be none of this machine's. */
  url?: string;
}

export interface Answer<T = any> {
  status: number;
  body: T;
  headers: Headers;
}

export interface Pointsman {
  url: string;
  token: string;
  pid: number;
  signInLink: string;
  output(): string;
  /** Resolves with code or signal once the process is gone. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  request<T = any>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>>;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** A home that its test removes with `removeHome`. */
export function makeHome(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'pointsman-e2e-'));
}

/** Ends everything of a home: server, agents, database, files. */
export async function removeHome(home: string): Promise<void> {
  await runDown({ home, agents: true });
  await removeManagedPostgres({ home });
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}

export function spawnPointsman(
  { home, env = {}, preload = [] }: PointsmanOptions,
  args: string[] = ['up'],
): ChildProcess {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('POINTSMAN_') && !name.startsWith('VITEST')),
  );
  return spawn(
    process.execPath,
    [...preload.flatMap((file) => ['--import', file]), path.join(root, 'dist/program/main.js'), ...args],
    {
      cwd: os.tmpdir(),
      env: {
        ...inherited,
        NODE_COMPILE_CACHE: path.join(root, '.cache/node'),
        POINTSMAN_HOME: home,
        POINTSMAN_PORT: '0',
        POINTSMAN_DEMO: 'off',
        ...env,
      },
      stdio: [args[0] === 'mcp' ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    },
  );
}

export async function startPointsman(options: PointsmanOptions): Promise<Pointsman> {
  const child = spawnPointsman(options);
  let output = '';
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.on('exit', (code, signal) => resolve({ code, signal })),
  );
  const ready = new Promise<string>((resolve) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const link = /Sign in:\s+(\S+)/.exec(output)?.[1];
      if (link) resolve(link);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS);
  const signInLink = await Promise.race([
    ready,
    exited.then(({ code, signal }) =>
      Promise.reject(new Error(`Pointsman ended with ${code ?? signal} before it was ready:\n${output}`)),
    ),
  ]);
  clearTimeout(timer);
  const url = options.url ?? new URL(signInLink).origin;
  const token = readFileSync(path.join(options.home, 'token'), 'utf8').trim();
  return {
    url,
    token,
    pid: child.pid ?? 0,
    signInLink,
    output: () => output,
    exited,
    async request(method, address, body, headers = {}) {
      const response = await fetch(`${url}${address}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const json = response.headers.get('content-type')?.includes('json') ?? false;
      return { status: response.status, body: json && text ? JSON.parse(text) : text, headers: response.headers };
    },
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      await exited;
    },
  };
}

/** Asks again until the answer fits; the time limit is for a hang, not for a race. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false>,
  withinMs = 30_000,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${withinMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}
