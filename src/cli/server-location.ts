/** Finds the server to talk to and the token to show it: the environment's, else the one of this machine's data directory. */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PointsmanError } from '../contract/errors.ts';
import { homeAt, runningServer } from '../server/home.ts';
import type { CommandIo } from './command-io.ts';
import { UsageError } from './usage-error.ts';

export interface ServerLocation {
  /** Without a slash at its end. */
  url: string;
  token: string;
}

/** Flag, else POINTSMAN_HOME, else ~/.pointsman; always absolute. */
export function homeDirectory(env: CommandIo['env'], flag?: string): string {
  return path.resolve(flag || env['POINTSMAN_HOME'] || path.join(os.homedir(), '.pointsman'));
}

/** Where the server is, or null when none of this home runs. A home named by flag wins over POINTSMAN_URL. */
export function findServer(env: CommandIo['env'], homeFlag?: string): ServerLocation | null {
  const token = tokenOfEnvironment(env);
  if (env['POINTSMAN_URL'] && homeFlag === undefined) {
    // The local admin token is never sent to an address that only the environment names.
    if (!token)
      throw new UsageError(
        'POINTSMAN_URL is set, but no token for it.',
        'Set POINTSMAN_TOKEN (make one with `pointsman tokens create`), or unset POINTSMAN_URL.',
      );
    return { url: httpUrl(env['POINTSMAN_URL']), token };
  }
  const home = homeAt(homeDirectory(env, homeFlag));
  // A server that has ended leaves its file behind, and another program may have its port now.
  const server = runningServer(home);
  if (!server) return null;
  if (!server.url) throw new PointsmanError('NOT_READY');
  return { url: httpUrl(server.url), token: token ?? tokenOfHome(home.token) };
}

/** The same for commands that cannot do without. */
export function requireServer(env: CommandIo['env'], homeFlag?: string): ServerLocation {
  const location = findServer(env, homeFlag);
  if (location) return location;
  throw new PointsmanError('SERVER_UNREACHABLE', {
    detail: `No Pointsman server runs on ${homeDirectory(env, homeFlag)}.`,
  });
}

function tokenOfEnvironment(env: CommandIo['env']): string | undefined {
  if (env['POINTSMAN_TOKEN']) return env['POINTSMAN_TOKEN'].trim();
  const file = env['POINTSMAN_TOKEN_FILE'];
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new UsageError(
      `POINTSMAN_TOKEN_FILE names ${file}, which cannot be read.`,
      'Correct the path, or set POINTSMAN_TOKEN.',
    );
  }
}

function tokenOfHome(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new PointsmanError('UNAUTHENTICATED', {
      detail: `The token of the running server, ${file}, cannot be read.`,
      cause: { error, next: 'Run this as the user who started Pointsman, or set POINTSMAN_TOKEN.' },
    });
  }
}

function httpUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError(`“${text}” is not the address of a server.`, 'Write it like http://127.0.0.1:8001.');
  return url.origin + url.pathname.replace(/\/+$/, '');
}
