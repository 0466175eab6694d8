/** `pointsman restore`: a backup into an empty data directory and an empty database; all of it or nothing. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { appendFile, chmod, mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { connect } from '../../adapters/postgres/database.ts';
import { migrate, migrationState } from '../../adapters/postgres/migrate.ts';
import { holdsRows, type TableRows, writeTables } from '../../adapters/postgres/table-copy.ts';
import { PointsmanError } from '../../contract/errors.ts';
import { type ConfigSource, loadConfig } from '../config.ts';
import { claimHome, prepareHome } from '../home.ts';
import { migrationsFolder, openDatabase, requireDatabase } from '../open-database.ts';
import { KEPT } from './backup.ts';
import { checkBackup, isTable, readBackup } from './backup-file.ts';

const quiet = () => undefined;

export interface RestoreOutcome {
  home: string;
  /** When it was made. */
  at: string;
  rows: number;
  files: number;
}

export async function runRestore(file: string, source: ConfigSource = {}): Promise<RestoreOutcome> {
  const head = await checkBackup(file);
  const config = loadConfig(source);
  const home = prepareHome(config.home);
  const claim = claimHome(home, new Date().toISOString());
  try {
    const database = await openDatabase(config, home, { debug: quiet, info: quiet, warn: quiet, error: quiet });
    const connection = connect(database.connection);
    try {
      await requireDatabase(connection.pool, database.place);
      const client = await connection.pool.connect();
      try {
        const { applied, known } = await migrationState(client, migrationsFolder());
        if (head.migrations > known)
          throw new PointsmanError('DATABASE_TOO_NEW', {
            detail: `${file} was written by Pointsman ${head.version} and has ${head.migrations} migrations; this version knows ${known}.`,
          });
        if (applied > 0 && (await holdsRows(client)))
          throw new PointsmanError('RESTORE_NOT_EMPTY', { detail: `The database ${database.place} holds data.` });
        if (applied > head.migrations)
          throw new PointsmanError('RESTORE_NOT_EMPTY', {
            detail: `The database ${database.place} has a newer form than the backup.`,
          });
      } finally {
        client.release();
      }
      await withMigrations(head.migrations, (folder) => migrate(connection.pool, folder));
      const files = await restoreFiles(file, home.path);
      const writer = await connection.pool.connect();
      let rows: number;
      try {
        rows = await writeTables(writer, tablesOf(file));
      } finally {
        writer.release();
      }
      await migrate(connection.pool, migrationsFolder());
      return { home: home.path, at: head.at, rows, files };
    } finally {
      await connection.pool.end();
      database.release();
    }
  } finally {
    claim.release();
  }
}

/** A folder with the migrations up to the backup's own: later ones also change rows, so they come after the rows. */
async function withMigrations<T>(count: number, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pointsman-migrations-'));
  try {
    cpSync(migrationsFolder(), folder, { recursive: true });
    const place = path.join(folder, 'meta/_journal.json');
    const journal = JSON.parse(readFileSync(place, 'utf8')) as { entries: unknown[] };
    writeFileSync(place, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }));
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function* tablesOf(file: string): AsyncGenerator<TableRows> {
  for await (const entry of readBackup(file)) if (isTable(entry)) yield entry;
}

/** Written over: with an empty database nothing in the directory counts, and a restore that broke off may be repeated. */
async function restoreFiles(file: string, home: string): Promise<number> {
  for (const name of KEPT) rmSync(path.join(home, name), { recursive: true, force: true });
  const seen = new Set<string>();
  for await (const entry of readBackup(file)) {
    if (isTable(entry)) continue;
    const place = placeIn(home, entry.file, file);
    if (!seen.has(entry.file)) {
      await mkdir(path.dirname(place), { recursive: true, mode: 0o700 });
      rmSync(place, { force: true });
      seen.add(entry.file);
    }
    await appendFile(place, Buffer.from(entry.base64, 'base64'), { mode: entry.mode });
    await chmod(place, entry.mode);
  }
  return seen.size;
}

/** Only what a backup holds, and nowhere else: the sum in the file says that it is whole, not who made it. */
function placeIn(home: string, name: string, backup: string): string {
  const parts = name.split('/');
  if (!KEPT.includes(parts[0] ?? '') || parts.some((part) => part === '' || part === '.' || part === '..'))
    throw new PointsmanError('BACKUP_INVALID', {
      detail: `${backup} cannot be restored: it holds ${JSON.stringify(name)}, which no backup does.`,
    });
  return path.join(home, ...parts);
}
