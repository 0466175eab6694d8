/**
 * The form of a backup: gzip of lines of JSON. The first says what it is, the last how many lines there were and their
 * SHA-256, so that a file that was cut off or changed is recognised before anything is restored from it.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { PointsmanError } from '../../contract/errors.ts';
import type { TableRows } from '../../adapters/postgres/table-copy.ts';

export interface BackupHead {
  pointsman: 'backup';
  format: 1;
  /** Of the program that wrote it. */
  version: string;
  /** How many migrations its tables have. */
  migrations: number;
  at: string;
}

/** A file of the data directory; large ones come in several portions. */
export interface FilePortion {
  file: string;
  mode: number;
  base64: string;
}

export type BackupEntry = TableRows | FilePortion;

interface BackupEnd {
  end: true;
  lines: number;
  sha256: string;
}

export interface BackupWriter {
  write(entry: BackupHead | BackupEntry): Promise<void>;
  /** Resolves when the file is whole. */
  end(): Promise<void>;
  destroy(): void;
}

export function writeBackup(place: string): BackupWriter {
  const gzip = createGzip();
  const file = createWriteStream(place, { mode: 0o600, flags: 'wx', flush: true });
  gzip.pipe(file);
  // A full disk is told by the file; whoever waits for gzip hears it too.
  file.on('error', (error) => gzip.destroy(error));
  const failed = finished(file);
  failed.catch(() => undefined); // told by whichever write comes next
  const hash = createHash('sha256');
  let lines = 0;
  async function put(text: string): Promise<void> {
    if (!gzip.write(text)) await Promise.race([once(gzip, 'drain'), failed]);
  }
  return {
    async write(entry) {
      const text = `${JSON.stringify(entry)}\n`;
      hash.update(text);
      lines++;
      await put(text);
    },
    async end() {
      const end: BackupEnd = { end: true, lines, sha256: hash.digest('hex') };
      gzip.end(`${JSON.stringify(end)}\n`);
      await failed;
    },
    destroy() {
      gzip.destroy();
      file.destroy();
    },
  };
}

/** Throws BACKUP_INVALID; reads all of it once. */
export async function checkBackup(place: string): Promise<BackupHead> {
  const hash = createHash('sha256');
  let head: BackupHead | null = null;
  let lines = 0;
  let end: BackupEnd | null = null;
  for await (const line of linesOf(place)) {
    if (end) throw invalid(place, 'something follows its end');
    const entry = parse(place, line);
    if (isEnd(entry)) {
      end = entry;
      continue;
    }
    if (head === null) {
      if (!isHead(entry)) throw invalid(place, 'it is no backup of Pointsman, or one of a newer form');
      head = entry;
    }
    hash.update(`${line}\n`);
    lines++;
  }
  if (head === null || end === null) throw invalid(place, 'its end is missing: it was cut off');
  if (end.lines !== lines || end.sha256 !== hash.digest('hex'))
    throw invalid(place, 'it is not as it was written: its sum is another');
  return head;
}

/** What is in a checked one, in the order in which it was written. */
export async function* readBackup(place: string): AsyncGenerator<BackupEntry> {
  for await (const line of linesOf(place)) {
    const entry = parse(place, line);
    if (!isHead(entry) && !isEnd(entry)) yield entry as BackupEntry; // its sum says that we wrote it
  }
}

export const isTable = (entry: BackupEntry): entry is TableRows => 'table' in entry;

async function* linesOf(place: string): AsyncGenerator<string> {
  const file = createReadStream(place);
  const gunzip = createGunzip();
  file.on('error', (error) => gunzip.destroy(error));
  try {
    yield* createInterface({ input: file.pipe(gunzip), crlfDelay: Number.POSITIVE_INFINITY });
    await finished(gunzip, { writable: false });
  } catch (error) {
    throw invalid(place, error instanceof Error ? error.message : String(error));
  } finally {
    file.destroy();
  }
}

function parse(place: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw invalid(place, 'a line of it cannot be read');
  }
}

function isHead(entry: unknown): entry is BackupHead {
  const head = entry as Partial<BackupHead> | null;
  return head?.pointsman === 'backup' && head.format === 1;
}

function isEnd(entry: unknown): entry is BackupEnd {
  return (entry as Partial<BackupEnd> | null)?.end === true;
}

function invalid(place: string, why: string): PointsmanError {
  return new PointsmanError('BACKUP_INVALID', { detail: `${place} cannot be restored: ${why}.` });
}
