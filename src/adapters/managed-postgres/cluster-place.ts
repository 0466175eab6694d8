/** Decides where the cluster of a data directory lies, as which user its server runs, and where its socket is. */
import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, link, lstat, mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PointsmanError } from '../../contract/errors.ts';

export interface ClusterPlace {
  /** Holds everything of this cluster; only its owner (and root) may enter. */
  location: string;
  data: string;
  log: string;
  socketDirectory: string;
  binaries: string;
  /** Set when we are root: PostgreSQL refuses to run as root, so its server gets this user. */
  runAs?: { uid: number; gid: number };
}

/** Where clusters of a root-owned data directory lie: an unprivileged user cannot enter a private home. */
const SYSTEM_ROOT = '/var/lib/pointsman';
/** The file name in the socket directory carries it; nothing listens on a network port. */
export const SOCKET_PORT = 5432;
/** Room for the path of a unix socket in the kernel's address: 108 bytes on Linux, 104 on macOS, one of them the final zero. */
const SOCKET_PATH_MAX_BYTES = process.platform === 'darwin' ? 103 : 107;

/** Finds the place without creating or changing anything; undefined when there is no cluster yet. */
export async function findClusterPlace(home: string): Promise<ClusterPlace | undefined> {
  const own = await ownPlace(home);
  if (await ownerOf(own.data)) return await withOwner(own);
  if (!isRoot()) return undefined;
  const id = await readId(home);
  if (id === undefined) return undefined;
  const shared = systemPlace(id);
  return (await ownerOf(shared.data)) ? await withOwner(shared) : undefined;
}

/** The place of this home's cluster, its directories created. The owner of an existing cluster stays its user. */
export async function prepareClusterPlace(home: string): Promise<ClusterPlace> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const found = await findClusterPlace(home);
  if (found) {
    if (found.location.startsWith(SYSTEM_ROOT)) await claimHome(home, found.location);
    await makePrivateDirectory(found.socketDirectory, found.runAs);
    return found;
  }
  if (!isRoot()) {
    const own = await ownPlace(home);
    await makePrivateDirectory(own.location);
    await makePrivateDirectory(own.socketDirectory);
    return own;
  }
  const place = systemPlace(await createId(home));
  const runAs = await unprivilegedUser();
  await mkdir(SYSTEM_ROOT, { recursive: true, mode: 0o755 });
  await chmod(SYSTEM_ROOT, 0o755);
  // Root's own, and the server's user may only pass through: root writes here and must not follow what that user puts.
  await mkdir(place.location, { recursive: true, mode: 0o710 });
  await chown(place.location, 0, runAs.gid);
  await chmod(place.location, 0o710);
  await makePrivateDirectory(place.socketDirectory, runAs);
  await claimHome(home, place.location);
  return { ...place, runAs };
}

async function ownPlace(home: string): Promise<ClusterPlace> {
  const location = path.join(await realpath(home).catch(() => path.resolve(home)), 'postgres');
  return {
    location,
    data: path.join(location, 'data'),
    log: path.join(location, 'postgres.log'),
    socketDirectory: socketDirectoryFor(location),
    binaries: isRoot() ? path.join(SYSTEM_ROOT, 'binaries') : path.join(location, 'binaries'),
  };
}

function systemPlace(id: string): ClusterPlace {
  const location = path.join(SYSTEM_ROOT, id);
  return {
    location,
    data: path.join(location, 'data'),
    log: path.join(location, 'postgres.log'),
    socketDirectory: path.join(location, 'run'),
    binaries: path.join(SYSTEM_ROOT, 'binaries'),
  };
}

/** Beside the cluster, or a short private directory when that path is too long for a socket. */
function socketDirectoryFor(location: string): string {
  const beside = path.join(location, 'run');
  if (Buffer.byteLength(path.join(beside, `.s.PGSQL.${SOCKET_PORT}`)) <= SOCKET_PATH_MAX_BYTES) return beside;
  const name = createHash('sha256').update(location).digest('hex').slice(0, 16);
  // Neither TMPDIR nor XDG_RUNTIME_DIR: both differ between logins, and the server outlives a login.
  return path.join('/tmp', `pointsman-${name}`);
}

async function withOwner(place: ClusterPlace): Promise<ClusterPlace> {
  const owner = await ownerOf(place.data);
  if (!isRoot() || owner === undefined) return place;
  if (owner.uid === 0) {
    throw new PointsmanError('DATABASE_START_FAILED', {
      detail: `The cluster ${place.data} belongs to root, and PostgreSQL refuses to run as root. Give it to an unprivileged user with chown -R.`,
    });
  }
  return { ...place, runAs: owner };
}

async function ownerOf(directory: string): Promise<{ uid: number; gid: number } | undefined> {
  const found = await stat(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  return found && { uid: found.uid, gid: found.gid };
}

/** Created 0700 and owned by the server's user; a directory that somebody else prepared is refused. */
async function makePrivateDirectory(directory: string, owner?: { uid: number; gid: number }): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const found = await lstat(directory);
  const welcome = [owner?.uid, process.getuid?.()];
  if (!found.isDirectory() || (!welcome.includes(found.uid) && !directory.startsWith(SYSTEM_ROOT))) {
    throw new PointsmanError('DATABASE_START_FAILED', {
      detail: `${directory} belongs to somebody else; remove it, or choose another POINTSMAN_HOME.`,
    });
  }
  if (owner) await chown(directory, owner.uid, owner.gid);
  await chmod(directory, 0o700);
}

/** A dedicated `postgres` user where the system has one, else `nobody`. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  for (const name of ['postgres', 'nobody']) {
    const fields = users
      .split('\n')
      .find((line) => line.startsWith(`${name}:`))
      ?.split(':');
    // macOS writes nobody as -2; the system calls take it unsigned.
    if (fields?.[2] && fields[3] && fields[2] !== '0')
      return { uid: Number(fields[2]) >>> 0, gid: Number(fields[3]) >>> 0 };
  }
  return { uid: 65_534, gid: 65_534 };
}

/** Lies in the home, so that the same home finds the same cluster, also after it was moved. */
export const idFile = (home: string): string => path.join(home, 'postgres-id');

async function readId(home: string): Promise<string | undefined> {
  const text = await readFile(idFile(home), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const id = text?.trim();
  if (id !== undefined && !/^[0-9a-f]{16}$/.test(id)) {
    throw new PointsmanError('DATABASE_START_FAILED', {
      detail: `${idFile(home)} does not hold the id of a cluster under ${SYSTEM_ROOT}. Restore it, or remove it to start with an empty database.`,
    });
  }
  return id;
}

/** Written once and whole; of two processes that start together one writes and both read. */
async function createId(home: string): Promise<string> {
  const known = await readId(home);
  if (known !== undefined) return known;
  const id = randomBytes(8).toString('hex');
  const draft = `${idFile(home)}.${id}`;
  await writeFile(draft, `${id}\n`, { flag: 'wx', mode: 0o600, flush: true });
  try {
    await link(draft, idFile(home));
    return id;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return (await readId(home)) ?? id;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Remembers whose cluster this is: a copied home carries the same id, and two homes must not share one database. */
async function claimHome(home: string, location: string): Promise<void> {
  const file = path.join(location, 'home');
  const here = await realpath(home);
  const recorded = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (recorded === here) return;
  if (recorded !== '') {
    const [mine, theirs, theirId] = [
      await stat(here),
      await stat(recorded).catch(() => undefined),
      await readId(recorded).catch(() => undefined),
    ];
    const sameDirectory = theirs?.dev === mine.dev && theirs.ino === mine.ino;
    if (theirs && !sameDirectory && theirId === (await readId(home))) {
      throw new PointsmanError('DATABASE_START_FAILED', {
        detail: `${here} is a copy of ${recorded}, whose database is in use under the same id. Remove ${idFile(here)} to start this one with an empty database.`,
      });
    }
  }
  await writeFile(file, `${here}\n`, { mode: 0o600 });
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
