/** One PostgreSQL server process: is it alive, is it ours, start it in a session of its own, stop it. */
import { execFile, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PointsmanError } from '../../contract/errors.ts';
import { SOCKET_PORT, type ClusterPlace } from './cluster-place.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';

const POLL_MS = 10;
const LOG_ROTATE_BYTES = 5 * 1024 * 1024;
/** A fast shutdown waits for its last checkpoint; past this we cut it off, and the next start recovers. */
const FAST_SHUTDOWN_MS = 30_000;

/**
 * Small and quiet: one user's control plane, 21 MB when idle. Durability stays at PostgreSQL's defaults.
 * ERROR lines stay out of the log: they are answers to our own queries, and would carry the data of a conflict.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  port: String(SOCKET_PORT),
  max_connections: '100',
  shared_buffers: '32MB',
  huge_pages: 'off',
  min_wal_size: '32MB',
  max_wal_size: '256MB',
  io_method: 'sync',
  max_worker_processes: '2',
  max_logical_replication_workers: '0',
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  jit: 'off',
  log_checkpoints: 'off',
  log_min_messages: 'log',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

const CONTROL_STATE_OFFSET = 16;
const CONTROL_SHUT_DOWN = 1; // DB_SHUTDOWNED of PostgreSQL

export type PostmasterState =
  /** No postmaster.pid: never started, shut down, or given up. */
  | { status: 'down' }
  /** The file names a process that is gone, or that is not this cluster's. */
  | { status: 'stale'; pidFile: string; reused: boolean }
  | { status: 'alive'; pid: number; ready: boolean };

/** What postmaster.pid and the process table say. */
export async function postmasterState(place: ClusterPlace): Promise<PostmasterState> {
  const pidFile = await readFile(pidPath(place), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (pidFile === undefined) return { status: 'down' };
  const lines = pidFile.split('\n');
  const pid = Math.abs(Number(lines[0]));
  if (!Number.isInteger(pid) || pid < 2) return { status: 'stale', pidFile, reused: true };
  if (!(await isRunning(pid))) return { status: 'stale', pidFile, reused: false };
  if (!(await servesCluster(pid, place))) return { status: 'stale', pidFile, reused: true };
  return { status: 'alive', pid, ready: lines[7]?.trim() === 'ready' };
}

/**
 * Whether a server that is down was told to end: `pg_control` says so, in one place in every version. One that gave up, as it
 * does on a full disk, takes its postmaster.pid away as well.
 */
export async function endedInOrder(place: ClusterPlace): Promise<boolean> {
  const control = await readFile(path.join(place.data, 'global', 'pg_control')).catch(() => undefined);
  return control === undefined || control.readUInt32LE(CONTROL_STATE_OFFSET) === CONTROL_SHUT_DOWN;
}

/** True while the process exists and is not merely waiting to be reaped. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const status = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  return status.slice(status.lastIndexOf(')') + 2, status.lastIndexOf(')') + 3) !== 'Z';
}

/**
 * Takes away a postmaster.pid whose number now belongs to another program: PostgreSQL would refuse to start over it.
 * One whose process is gone is left alone, since PostgreSQL checks it for surviving children first.
 */
export async function clearReusedPid(place: ClusterPlace, seen: string): Promise<void> {
  const aside = `${pidPath(place)}.stale-${process.pid}`;
  try {
    await rename(pidPath(place), aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // Between reading and renaming another process may have started the server: then it gets its file back.
  if ((await readFile(aside, 'utf8')) === seen) await rm(aside);
  else await rename(aside, pidPath(place));
}

/**
 * Starts the server in its own session, so that neither Ctrl-C nor our own death reaches it.
 * Settles when it is ready or has given up; `failed` carries the end of its log.
 */
export async function launchPostmaster(options: {
  place: ClusterPlace;
  binaries: PostgresBinaries;
  settings?: Readonly<Record<string, string>> | undefined;
  onSlow: () => void;
}): Promise<{ outcome: 'ready' } | { outcome: 'failed'; log: string }> {
  const { place, binaries } = options;
  const settings = { ...SETTINGS, unix_socket_directories: place.socketDirectory, ...options.settings };
  await rotateLog(place);
  const log = await open(
    place.log,
    constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW,
    0o600,
  );
  try {
    const logStart = (await log.stat()).size;
    const child = spawn(
      binaries.postgres,
      ['-D', place.data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      {
        cwd: place.data,
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        env: serverEnvironment(binaries),
        ...place.runAs,
      },
    );
    child.unref();
    const ended = new Promise<'ended'>((resolve, reject) => {
      child.once('exit', () => resolve('ended'));
      child.once('error', (error) => reject(explainSpawnError(error, binaries.postgres)));
    });
    let finished = false;
    const ready = (async () => {
      // Recovery after a power loss has no upper bound worth guessing; as long as the server lives we wait.
      for (let waited = 0; !finished; waited += POLL_MS) {
        const state = await postmasterState(place);
        if (state.status === 'alive' && state.pid === child.pid && state.ready) return 'ready';
        if (waited > 0 && waited % 5_000 === 0) options.onSlow();
        await delay(POLL_MS);
      }
      return 'ended';
    })();
    const result = await Promise.race([ended, ready]).finally(() => (finished = true));
    if (result === 'ready') return { outcome: 'ready' };
    return { outcome: 'failed', log: await logSince(place, logStart) };
  } finally {
    await log.close();
  }
}

/** Fast shutdown: clients are cut, a checkpoint is written. True when there was a server to stop. */
export async function stopPostmaster(place: ClusterPlace): Promise<boolean> {
  const state = await postmasterState(place);
  if (state.status !== 'alive') return false;
  process.kill(state.pid, 'SIGINT');
  for (let waited = 0; await isRunning(state.pid); waited += POLL_MS) {
    if (waited === FAST_SHUTDOWN_MS) process.kill(state.pid, 'SIGQUIT');
    await delay(POLL_MS);
  }
  return true;
}

/** Runs initdb into an empty directory that belongs to the server's user. */
export async function runInitdb(options: {
  place: ClusterPlace;
  binaries: PostgresBinaries;
  into: string;
}): Promise<void> {
  const { place, binaries } = options;
  // Who may connect is decided by the socket's directory (0700), hence no password.
  const initdb = [
    '-D',
    options.into,
    '-U',
    'pointsman',
    '-A',
    'trust',
    '--no-locale',
    '-E',
    'UTF8',
    '--no-instructions',
  ];
  try {
    await promisify(execFile)(binaries.initdb, initdb, {
      cwd: options.into,
      env: serverEnvironment(binaries),
      ...place.runAs,
    });
  } catch (error) {
    const { stderr = '', code } = error as { stderr?: string; code?: string | number };
    if (typeof code === 'string') throw explainSpawnError(error as NodeJS.ErrnoException, binaries.initdb);
    throw explainFailure(stderr, error);
  }
}

/** The server's own words, and what to do about the ones that occur in practice. */
export function explainFailure(log: string, cause?: unknown): PointsmanError {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.filter((line) => /FATAL|PANIC|ERROR|error|unrecognized|invalid|HINT/.test(line));
  const words = (telling.length > 0 ? telling : lines).slice(-3).join(' ').trim();
  const advice = /No space left on device/.test(log)
    ? 'The disk is full: free some space and start again.'
    : /Permission denied|Read-only file system/.test(log)
      ? 'Its directory cannot be written: correct the permissions, or choose another POINTSMAN_HOME.'
      : /shared memory|semaphore/.test(log)
        ? 'The system gave it no shared memory: raise the limits of this container or machine.'
        : /error while loading shared libraries|GLIBC/.test(log)
          ? 'It was built for a Linux with another C library.'
          : /could not look up effective user ID/.test(log)
            ? 'The user it runs as has no entry in /etc/passwd: add one (containers: useradd in the image).'
            : 'See the log beside the cluster; `pointsman doctor` shows the place.';
  return new PointsmanError('DATABASE_START_FAILED', {
    detail: `The managed PostgreSQL did not start: ${words || 'it said nothing'}. ${advice} Or set POINTSMAN_DATABASE_URL to a PostgreSQL 15 or newer.`,
    cause,
  });
}

function explainSpawnError(error: NodeJS.ErrnoException, program: string): PointsmanError {
  const why =
    error.code === 'ENOENT'
      ? 'this system has no glibc (Alpine Linux, for example), and the packaged PostgreSQL needs it'
      : error.code === 'EPERM' || error.code === 'EINVAL'
        ? 'this root may not become an unprivileged user (a restricted container?), and PostgreSQL refuses to run as root'
        : error.code === 'EACCES'
          ? 'its place does not allow programs (mounted noexec?)'
          : error.message;
  return new PointsmanError('DATABASE_START_FAILED', {
    detail: `${program} cannot be run: ${why}. Set POINTSMAN_DATABASE_URL to a PostgreSQL 15 or newer.`,
    cause: error,
  });
}

/** Nothing of our own environment: PG* variables and locales of the person who starts it would leak into the cluster. */
function serverEnvironment(binaries: PostgresBinaries): Record<string, string> {
  const libraries = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', [libraries]: binaries.libraries };
}

/** True when this process is the server of this cluster: after a reboot the number may belong to anything. */
async function servesCluster(pid: number, place: ClusterPlace): Promise<boolean> {
  // A postmaster's working directory is its cluster, which stays true when the home was moved meanwhile.
  const [cwd, data] = await Promise.all([
    stat(`/proc/${pid}/cwd`).catch(() => undefined),
    stat(place.data).catch(() => undefined),
  ]);
  if (cwd && data) return cwd.dev === data.dev && cwd.ino === data.ino;
  // No /proc (macOS), or one that does not show other users' processes (containers without SYS_PTRACE).
  const command =
    process.platform === 'linux'
      ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      : (await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }))).stdout;
  return command.includes(place.data);
}

async function rotateLog(place: ClusterPlace): Promise<void> {
  const size = await stat(place.log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_ROTATE_BYTES) await rename(place.log, `${place.log}.1`);
}

async function logSince(place: ClusterPlace, start: number): Promise<string> {
  const log = await open(place.log, 'r');
  try {
    const length = Math.max(0, (await log.stat()).size - start);
    const { buffer, bytesRead } = await log.read({ buffer: Buffer.alloc(length), position: start });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await log.close();
  }
}

const pidPath = (place: ClusterPlace) => path.join(place.data, 'postmaster.pid');
