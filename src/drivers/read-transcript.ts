/**
 * One page of a conversation that lies in one or several files of rows, merged by time and read from the end. A page
 * reads what it needs and no more than a stated amount, however long the conversation is.
 */
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { TranscriptEntry } from '../contract/transcript.ts';
import type { TranscriptPage, TranscriptRange } from '../ports/transcript.ts';
import { offsetAfter, rowsBackward } from './rows-backward.ts';
import { entryOf, type ReadRow, type Returned, type TranscriptRow } from './transcript-part.ts';

/** Then the page is as long as it has become. */
const MAX_READ_BYTES = 64 * 1024 * 1024;
/** A tool's end is looked for so far behind the end of a page. */
const LOOK_AHEAD_BYTES = 1024 * 1024;

export async function readTranscript({
  files,
  readRow,
  limit,
  before,
}: TranscriptRange & { files: readonly string[]; readRow: ReadRow }): Promise<TranscriptPage> {
  const cursor = before === undefined ? null : cursorOf(before);
  const budget = { left: MAX_READ_BYTES };
  const known = await Promise.all(files.map(async (file) => ({ file, writtenAt: await writtenAt(file) })));
  const waiting = known.toSorted((a, b) => a.writtenAt.localeCompare(b.writtenAt) || a.file.localeCompare(b.file));
  const tails: Tail[] = [];
  const ends = new Map<string, Returned>();
  const keys = new Set<string>();
  /** Newest first. */
  const entries: TranscriptEntry[] = [];
  let last = { at: cursor?.at ?? '', count: 0 };
  try {
    for (;;) {
      const row = await newest(tails, waiting, { readRow, cursor, budget });
      if (budget.left <= 0) break;
      if (!row) return { entries: entries.toReversed(), older: null };
      if (row.key !== undefined && keys.has(row.key)) continue;
      if (row.key !== undefined) keys.add(row.key);
      for (const part of row.parts.toReversed()) {
        if (part.type === 'returned') {
          ends.set(part.id, part);
          continue;
        }
        if (cursor && row.at > cursor.at) continue;
        const count = row.at === last.at ? last.count + 1 : 1;
        const isKnown = cursor !== null && row.at === cursor.at && count <= cursor.count;
        if (!isKnown && entries.length === limit) return { entries: entries.toReversed(), older: cursorText(last) };
        last = { at: row.at, count };
        if (!isKnown) entries.push(entryOf(row.at, part, part.type === 'called' ? ends.get(part.id) : undefined));
      }
      if (row.at < last.at || last.at === '') last = { at: row.at, count: 0 };
    }
    // A page that got nowhere is the last one: nobody should ask for it for ever.
    const older = last.at === '' || cursorText(last) === before ? null : cursorText(last);
    return { entries: entries.toReversed(), older };
  } finally {
    await Promise.all(tails.map(async (tail) => tail.close()));
  }
}

/** The time of the oldest entry of a page, and how many of that time were shown. */
interface Cursor {
  at: string;
  count: number;
}

function cursorOf(text: string): Cursor {
  const [at = '', count = '0'] = text.split('~');
  return { at, count: Number(count) };
}

function cursorText({ at, count }: Cursor): string {
  return `${at}~${count}`;
}

interface Reading {
  readRow: ReadRow;
  cursor: Cursor | null;
  budget: { left: number };
}

interface Tail {
  /** The newest row that was not taken yet. */
  head: TranscriptRow | null;
  advance(): Promise<void>;
  close(): Promise<void>;
}

/** A file is opened when nothing that is open is newer than its last byte. */
async function newest(
  tails: Tail[],
  waiting: { file: string; writtenAt: string }[],
  reading: Reading,
): Promise<TranscriptRow | null> {
  for (;;) {
    const first = tails.reduce<Tail | null>(
      (best, tail) => (tail.head && (!best?.head || tail.head.at > best.head.at) ? tail : best),
      null,
    );
    const next = waiting.at(-1);
    if (next && (!first?.head || next.writtenAt >= first.head.at)) {
      waiting.pop();
      const tail = await openTail(next.file, reading);
      if (tail) tails.push(tail);
      continue;
    }
    const row = first?.head ?? null;
    if (row) await first?.advance();
    return row;
  }
}

async function openTail(path: string, { readRow, cursor, budget }: Reading): Promise<Tail | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch {
    return null; // it is gone since we looked
  }
  const { size } = await file.stat();
  const end = cursor ? Math.min(size, (await offsetAfter(file, size, cursor.at)) + LOOK_AHEAD_BYTES) : size;
  const rows = rowsBackward(file, end, (bytes) => {
    budget.left -= bytes;
  });
  const tail: Tail = {
    head: null,
    async advance() {
      const after = tail.head;
      tail.head = null;
      while (budget.left > 0) {
        const { value, done } = await rows.next();
        if (done === true) return;
        const row = readRow(value);
        if (!row) continue;
        // Some rows are written a moment after a later one: their place in the file counts.
        tail.head = after && row.at > after.at ? { ...row, at: after.at } : row;
        return;
      }
    },
    close: async () => file.close(),
  };
  await tail.advance();
  return tail;
}

async function writtenAt(file: string): Promise<string> {
  return (await stat(file).catch(() => null))?.mtime.toISOString() ?? '';
}
