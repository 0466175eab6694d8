/**
 * A real PostgreSQL of our own: made on the first start, found again by every later process, and alive when we die.
 * Reached through a unix socket only. Knows nothing of what is stored in it.
 */
import { randomUUID } from 'node:crypto';
import { chmod, chown, mkdir, readFile, readdir, rename, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { PointsmanError, isPointsmanError } from '../../contract/errors.ts';
import { SOCKET_PORT, findClusterPlace, idFile, prepareClusterPlace, type ClusterPlace } from './cluster-place.ts';
import { installBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import {
  clearReusedPid,
  endedInOrder,
  explainFailure,
  isRunning,
  launchPostmaster,
  postmasterState,
  runInitdb,
  stopPostmaster,
} from './postmaster.ts';

/** What `pg` and every libpq program need to connect. */
export interface ManagedPostgresConnection {
  /** The directory of the unix socket. */
  host: string;
  port: number;
  user: string;
  database: string;
}

export interface ManagedPostgres {
  connection: ManagedPostgresConnection;
  /** The same as a URL that `pg.Pool`, `psql` and `pg_dump` take. */
  url: string;
  /** Where the cluster, its log and (as an ordinary user) its binaries lie. */
  location: string;
  /** True when the server was running already. */
  adopted: boolean;
  /** Fast shutdown of the server, for everybody who uses it. */
  stop(): Promise<void>;
  /** Stops watching over the server and leaves it running. */
  release(): void;
}

export interface ManagedPostgresOptions {
  /** POINTSMAN_HOME. */
  home: string;
  log?: (line: string) => void;
  /** On top of our settings; tests turn fsync off with it. */
  settings?: Readonly<Record<string, string>>;
}

const DATABASE = 'pointsman';
const USER = 'pointsman';
const PROBE_TIMEOUT_MS = 5_000;
const POLL_MS = 20;
/** A server that is alive but whose socket is gone (an over-eager cleaner of /tmp) is replaced after this long. */
const UNREACHABLE_MS = 15_000;
/** Orphans of a killed server hold its memory until they notice; they do within a second or so. */
const ORPHANS_MS = 30_000;
const NEW_CLUSTER_BYTES = 200 * 1024 * 1024;
const WATCH_MS = 1_000;
const RESTART_PAUSE_MAX_MS = 30_000;

/**
 * Starts or adopts the PostgreSQL of this home and watches over it: a server that was killed is started again.
 * Several processes may call this at once on one home; they end up with the same server.
 */
export async function startManagedPostgres(options: ManagedPostgresOptions): Promise<ManagedPostgres> {
  const log = options.log ?? (() => {});
  const { place, adopted } = await explained(options.home, () => bringUp(options, log));
  const watch = watchOver({ place, log, bringUp: () => bringUp(options, log) });
  const connection = connectionTo(place, DATABASE);
  return {
    connection,
    url: `postgres://${USER}@/${DATABASE}?host=${encodeURIComponent(connection.host)}&port=${connection.port}`,
    location: place.location,
    adopted,
    stop: async () => {
      watch.end();
      await stopPostmaster(place);
    },
    release: () => watch.end(),
  };
}

/** Fast shutdown of this home's PostgreSQL, whoever started it; `not_running` when there is none. */
export async function stopManagedPostgres(options: { home: string }): Promise<{ outcome: 'stopped' | 'not_running' }> {
  const place = await findClusterPlace(options.home);
  const stopped = place !== undefined && (await stopPostmaster(place));
  return { outcome: stopped ? 'stopped' : 'not_running' };
}

/** Stops it and deletes the cluster with all data of this home. */
export async function removeManagedPostgres(options: { home: string }): Promise<void> {
  const place = await findClusterPlace(options.home);
  if (!place) return;
  await stopPostmaster(place);
  await rm(place.location, { recursive: true, force: true });
  await rm(place.socketDirectory, { recursive: true, force: true });
  await rm(idFile(options.home), { force: true });
}

/** Where this home's cluster lies and whether its server runs, for `doctor`; changes nothing. */
export async function describeManagedPostgres(options: {
  home: string;
}): Promise<{ status: 'none' } | { status: 'running' | 'stopped'; location: string; log: string; pid?: number }> {
  const place = await findClusterPlace(options.home);
  if (!place) return { status: 'none' };
  const state = await postmasterState(place);
  const where = { location: place.location, log: place.log };
  return state.status === 'alive' ? { status: 'running', ...where, pid: state.pid } : { status: 'stopped', ...where };
}

async function bringUp(
  options: ManagedPostgresOptions,
  log: (line: string) => void,
): Promise<{ place: ClusterPlace; adopted: boolean }> {
  const place = await prepareClusterPlace(options.home);
  let orphansUntil: number | undefined;
  for (;;) {
    if (await adopt(place)) {
      await ensureDatabase(place);
      return { place, adopted: true };
    }
    const binaries = await installBinaries({ root: place.binaries, readableByAll: place.runAs !== undefined });
    await ensureCluster({ place, binaries, log });
    const onSlow = () => log('PostgreSQL is still recovering from an unclean end');
    const launched = await launchPostmaster({ place, binaries, settings: options.settings, onSlow });
    if (launched.outcome === 'ready') {
      await ensureDatabase(place);
      return { place, adopted: false };
    }
    // Two races end here and are no failure: somebody else started it first, or orphans of a killed server still run.
    const inUse = /lock file .* already exists|pre-existing shared memory block|Is another postmaster/.test(
      launched.log,
    );
    // From the first refusal on: making the cluster before it may take a slow machine longer than this.
    orphansUntil ??= Date.now() + ORPHANS_MS;
    if (!inUse || Date.now() > orphansUntil) throw explainFailure(launched.log);
    await delay(POLL_MS);
  }
}

/** True when a server of this cluster answers; waits for one that is starting or stopping, clears one that cannot. */
async function adopt(place: ClusterPlace): Promise<boolean> {
  const unreachableAt = Date.now() + UNREACHABLE_MS;
  for (;;) {
    // The socket first: on a volume shared by containers its server's process number means nothing here.
    const answer = await probe(place);
    if (answer === 'serves') return true;
    const state = await postmasterState(place);
    if (answer === 'silent') {
      if (state.status === 'down') return false;
      if (state.status === 'stale') {
        if (state.reused) await clearReusedPid(place, state.pidFile);
        return false;
      }
      if (state.ready && Date.now() > unreachableAt) await stopPostmaster(place);
    }
    await delay(POLL_MS);
  }
}

/** `busy`: something answers, but not yet or no longer with service. */
async function probe(place: ClusterPlace): Promise<'serves' | 'busy' | 'silent'> {
  try {
    await withClient(connectionTo(place, 'postgres'), async () => {});
    return 'serves';
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === '57P03') return 'busy'; // cannot_connect_now: starting up, shutting down, in recovery
    if (code === '53300') return 'serves'; // too_many_connections: alive and in use
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE') return 'silent';
    if (code === undefined) return 'busy'; // cut off in the middle of a handshake, or no answer in time
    throw error;
  }
}

/** Makes the cluster in a directory aside and moves it in whole, so that an interrupted start leaves no half of one. */
async function ensureCluster(options: {
  place: ClusterPlace;
  binaries: PostgresBinaries;
  log: (line: string) => void;
}): Promise<void> {
  const { place, binaries, log } = options;
  const made = await readFile(path.join(place.data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  const major = binaries.version.split('.')[0];
  if (made !== undefined) {
    if (made.trim() === major) return;
    throw new PointsmanError('DATABASE_START_FAILED', {
      detail:
        `The cluster ${place.data} was made by PostgreSQL ${made.trim()}, and this Pointsman brings PostgreSQL ${major}. ` +
        'Start the Pointsman that made it, take a backup with `pointsman backup`, and restore that here.',
    });
  }
  const free = await statfs(place.location).then((found) => found.bavail * found.bsize);
  if (free < NEW_CLUSTER_BYTES) {
    throw new PointsmanError('DATABASE_START_FAILED', {
      detail: `A new database needs 200 MB and ${place.location} has ${Math.floor(free / 1024 / 1024)} MB left. Free some space, or set POINTSMAN_DATABASE_URL.`,
    });
  }
  log('Creating the database (first start)');
  await removeUnfinishedClusters(place);
  const unfinished = path.join(place.location, `initdb-${process.pid}-${randomUUID()}`);
  await mkdir(unfinished, { mode: 0o700 });
  try {
    if (place.runAs) await chown(unfinished, place.runAs.uid, place.runAs.gid);
    await chmod(unfinished, 0o700);
    await runInitdb({ place, binaries, into: unfinished });
    await rename(unfinished, place.data);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    // Whoever came first on the same home has made one.
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

/** What a process that died in the middle of a first start has left. */
async function removeUnfinishedClusters(place: ClusterPlace): Promise<void> {
  for (const name of await readdir(place.location)) {
    const pid = /^initdb-(\d+)-/.exec(name)?.[1];
    if (pid && !(await isRunning(Number(pid))))
      await rm(path.join(place.location, name), { recursive: true, force: true });
  }
}

async function ensureDatabase(place: ClusterPlace): Promise<void> {
  try {
    await withClient(connectionTo(place, DATABASE), async () => {});
  } catch (error) {
    if ((error as { code?: string }).code !== '3D000') throw error; // invalid_catalog_name: it does not exist yet
    await withClient(connectionTo(place, 'postgres'), async (client) => {
      await client.query(`CREATE DATABASE ${DATABASE}`).catch((raced: { code?: string }) => {
        // duplicate_database, or the unique key that two simultaneous creations run into
        if (raced.code !== '42P04' && raced.code !== '23505') throw raced;
      });
    });
  }
}

/** Starts the server again when it was killed; one that was shut down in order stays down, since somebody meant it. */
function watchOver(options: { place: ClusterPlace; log: (line: string) => void; bringUp: () => Promise<unknown> }): {
  end: () => void;
} {
  const { place, log } = options;
  let ended = false;
  let failures = 0;
  let timer = setTimeout(look, WATCH_MS).unref();

  function look(): void {
    void lookOnce().then((pause) => {
      if (!ended) timer = setTimeout(look, pause).unref();
    });
  }

  async function lookOnce(): Promise<number> {
    try {
      const state = await postmasterState(place);
      const isGone = state.status === 'stale' || (state.status === 'down' && !(await endedInOrder(place)));
      if (isGone && !ended) {
        log('PostgreSQL was killed or gave up; starting it again');
        await options.bringUp();
        log('PostgreSQL is back');
      }
      failures = 0;
    } catch (error) {
      failures += 1;
      log(`PostgreSQL cannot be brought back yet: ${(error as Error).message}`);
    }
    return Math.min(WATCH_MS * 2 ** failures, RESTART_PAUSE_MAX_MS);
  }

  return {
    end: () => {
      ended = true;
      clearTimeout(timer);
    },
  };
}

function connectionTo(place: ClusterPlace, database: string): ManagedPostgresConnection {
  return { host: place.socketDirectory, port: SOCKET_PORT, user: USER, database };
}

async function withClient(
  connection: ManagedPostgresConnection,
  use: (client: Client) => Promise<void>,
): Promise<void> {
  // Every field is given: pg would fill a missing one from PG* variables of the person who starts us.
  const client = new Client({ ...connection, password: '', ssl: false, connectionTimeoutMillis: PROBE_TIMEOUT_MS });
  client.on('error', () => {}); // after the handshake a cut connection also rejects what we await
  try {
    await client.connect();
    await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** System errors of the places we touch, with the place and the way out. */
async function explained<T>(home: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isPointsmanError(error)) throw error;
    const { code, path: where, message } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR') {
      throw new PointsmanError('HOME_UNWRITABLE', {
        detail: `${where ?? home} cannot be written (${code}). Correct its permissions, choose another POINTSMAN_HOME, or set POINTSMAN_DATABASE_URL.`,
        cause: error,
      });
    }
    if (code === 'ENOSPC' || code === 'EDQUOT') throw explainFailure('No space left on device', error);
    throw new PointsmanError('DATABASE_START_FAILED', {
      detail: `The managed PostgreSQL did not start: ${message}. Or set POINTSMAN_DATABASE_URL to a PostgreSQL 15 or newer.`,
      cause: error,
    });
  }
}
