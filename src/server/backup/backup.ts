/** `pointsman backup`: one file with the database of one moment and what only the data directory has; works while the server runs. */
import { existsSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { migrationState } from '../../adapters/postgres/migrate.ts';
import { connect } from '../../adapters/postgres/database.ts';
import { createPostgresStore } from '../../adapters/postgres/postgres-store.ts';
import { readTables } from '../../adapters/postgres/table-copy.ts';
import { PointsmanError } from '../../contract/errors.ts';
import { type ConfigSource, loadConfig } from '../config.ts';
import { homeAt } from '../home.ts';
import { migrationsFolder, openDatabase, requireDatabase } from '../open-database.ts';
import { type BackupWriter, writeBackup } from './backup-file.ts';

/** Of the data directory; the rest is of this machine, of what runs now, or (worktrees) in people's repositories. */
export const KEPT = ['token', 'host-id', 'pointsman.yaml', 'keys', 'definitions', 'agents'];
const PORTION_BYTES = 512 * 1024;
const quiet = () => undefined;

export interface BackupOutcome {
  file: string;
  bytes: number;
  rows: number;
  files: number;
}

export async function runBackup(file: string, source: ConfigSource & { version: string }): Promise<BackupOutcome> {
  const config = loadConfig(source);
  if (existsSync(file)) throw new PointsmanError('BACKUP_EXISTS', { detail: `${file} exists already.` });
  if (!existsSync(config.home))
    throw new PointsmanError('HOME_UNWRITABLE', { detail: `${config.home} does not exist.` });
  const home = homeAt(config.home);
  const database = await openDatabase(config, home, { debug: quiet, info: quiet, warn: quiet, error: quiet });
  const connection = connect(database.connection);
  const part = `${file}.part`;
  rmSync(part, { force: true });
  const backup = writeBackup(part);
  try {
    await requireDatabase(connection.pool, database.place);
    const client = await connection.pool.connect();
    let rows = 0;
    try {
      const { applied: migrations } = await migrationState(client, migrationsFolder());
      const at = new Date().toISOString();
      await backup.write({ pointsman: 'backup', format: 1, version: source.version, migrations, at });
      for await (const portion of readTables(client)) {
        await backup.write(portion);
        rows += portion.rows.length;
      }
    } finally {
      client.release();
    }
    let files = 0;
    for (const name of KEPT) files += await writeFiles(backup, home.path, name);
    await backup.end();
    renameSync(part, file);
    const bytes = lstatSync(file).size;
    await createPostgresStore(connection).identity.audit({
      actor: 'command line',
      action: 'backup.create',
      subject: path.basename(file),
      detail: { rows, files, bytes },
    });
    return { file, bytes, rows, files };
  } catch (error) {
    backup.destroy();
    rmSync(part, { force: true });
    throw error;
  } finally {
    await connection.pool.end();
    database.release();
  }
}

/** Plain files only: a link or a socket is of this machine. */
async function writeFiles(backup: BackupWriter, home: string, name: string): Promise<number> {
  const place = path.join(home, name);
  const stat = lstatSync(place, { throwIfNoEntry: false });
  if (stat?.isDirectory()) {
    let written = 0;
    for (const inner of readdirSync(place).toSorted())
      written += await writeFiles(backup, home, path.join(name, inner));
    return written;
  }
  if (!stat?.isFile()) return 0;
  const handle = await open(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null; // an agent cleared it away meanwhile
    throw error;
  });
  if (!handle) return 0;
  try {
    const buffer = Buffer.alloc(PORTION_BYTES);
    for (let first = true; ; first = false) {
      const { bytesRead } = await handle.read(buffer, 0, PORTION_BYTES);
      if (bytesRead === 0 && !first) break;
      const base64 = buffer.toString('base64', 0, bytesRead);
      await backup.write({ file: name.split(path.sep).join('/'), mode: stat.mode & 0o777, base64 });
      if (bytesRead < PORTION_BYTES) break;
    }
  } finally {
    await handle.close();
  }
  return 1;
}
