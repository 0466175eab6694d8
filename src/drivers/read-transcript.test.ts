import { appendFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { TranscriptEntry } from '../contract/transcript.ts';
import { jsonRow, text } from './json-row.ts';
import { readTranscript } from './read-transcript.ts';
import { MAX_ROW_BYTES } from './rows-backward.ts';
import type { ReadRow, TranscriptPart } from './transcript-part.ts';

const START = Date.parse('2026-01-01T00:00:00.000Z');
const time = (ms: number): string => new Date(START + ms).toISOString();

/** `{timestamp, key?, part}` */
const readRow: ReadRow = (line) => {
  const { timestamp, key, part } = jsonRow(line);
  if (typeof timestamp !== 'string' || part === undefined) return null;
  // Written below, in this shape.
  return { at: timestamp, ...(key === undefined ? {} : { key: text(key) }), parts: [part as TranscriptPart] };
};

const said = (ms: number, words: string, rest: object = {}): string =>
  `${JSON.stringify({ timestamp: time(ms), part: { type: 'said', role: 'user', text: words }, ...rest })}\n`;
const called = (ms: number, id: string): string =>
  `${JSON.stringify({ timestamp: time(ms), part: { type: 'called', id, name: 'Bash', input: id } })}\n`;
const returned = (ms: number, id: string): string =>
  `${JSON.stringify({ timestamp: time(ms), part: { type: 'returned', id, output: `of ${id}`, failed: false } })}\n`;

test.each([1, 2, 3, 7, 200])('shows everything once and in order, by pages of %i', async (limit) => {
  const files = temporary({
    // Two files that were written in turns, rows of one moment, and rows larger than a block.
    a: Array.from({ length: 40 }, (_, at) =>
      said(at * 10 - (at % 3), `a${at} ${'x'.repeat(at % 7 ? 10 : 300_000)}`),
    ).join(''),
    b: Array.from({ length: 40 }, (_, at) => said(Math.floor(at / 5) * 50, `b${at}`)).join(''),
    c: '',
  });
  const entries = await everything(files, limit);
  const words = entries.map((entry) => entry.text.split(' ')[0]);
  expect(new Set(words).size).toBe(80);
  expect(words).toHaveLength(80);
  expect(words.filter((word) => word?.startsWith('a'))).toEqual(Array.from({ length: 40 }, (_, at) => `a${at}`));
  expect(words.filter((word) => word?.startsWith('b'))).toEqual(Array.from({ length: 40 }, (_, at) => `b${at}`));
  const times = entries.map(({ at }) => at);
  expect(times).toEqual(times.toSorted());
});

test('a tool has its output, also when a page ends between the two', async () => {
  const files = temporary({
    a: `${said(0, 'go')}${called(1, 'one')}${called(2, 'two')}${returned(3, 'two')}${said(4, 'x')}${returned(5, 'one')}`,
  });
  for (const limit of [1, 2, 3, 50])
    expect((await everything(files, limit)).map(({ tool, text: words }) => tool?.output ?? words)).toEqual([
      'go',
      'of one',
      'of two',
      'x',
    ]);
});

test('a row that was copied into another file is shown once', async () => {
  const files = temporary({
    a: said(1, 'one', { key: '1' }) + said(2, 'two', { key: '2' }),
    b: said(1, 'one', { key: '1' }) + said(2, 'two', { key: '2' }) + said(3, 'three', { key: '3' }),
  });
  for (const limit of [1, 2, 50])
    expect((await everything(files, limit)).map((entry) => entry.text)).toEqual(['one', 'two', 'three']);
});

test('a page stays what it was when more is written', async () => {
  const files = temporary({ a: said(1, 'one') + said(2, 'two') + said(3, 'three') });
  const first = await readTranscript({ files, readRow, limit: 1 });
  appendFileSync(files[0] ?? '', said(4, 'four'));
  const second = await readTranscript({ files, readRow, limit: 5, before: first.older ?? '' });
  expect(second.entries.map((entry) => entry.text)).toEqual(['one', 'two']);
});

test('broken, half-written and too long rows are passed over', async () => {
  const long = said(2, 'y'.repeat(MAX_ROW_BYTES));
  const files = temporary({
    a: `${said(1, 'one')}nonsense\n\n${long}[]\n${said(3, 'three')}${said(4, 'four').slice(0, -9)}`,
  });
  expect((await everything(files, 10)).map((entry) => entry.text)).toEqual(['one', 'three']);
});

test('a long text is cut, and its length told', async () => {
  const files = temporary({ a: said(1, 'z'.repeat(16_001)) + said(2, 'z'.repeat(16_000)) });
  const [first, second] = await everything(files, 10);
  expect(first).toMatchObject({ text: 'z'.repeat(16_000), textLength: 16_001 });
  expect(second?.textLength).toBeUndefined();
});

test('an old page of a long conversation is found without reading what came after it', async () => {
  const rows = Array.from({ length: 60_000 }, (_, at) => said(at * 10, `${at} ${'w'.repeat(400)}`)).join('');
  const files = temporary({ a: rows });
  let read = 0;
  const counting: ReadRow = (line) => {
    read += 1;
    return readRow(line);
  };
  const page = await readTranscript({ files, readRow: counting, limit: 3, before: `${time(1000)}~1` });
  expect(page.entries.map((entry) => entry.text.split(' ')[0])).toEqual(['97', '98', '99']);
  // A look ahead and a block of the 30 MB, not all of it.
  expect(read).toBeLessThan(5_000);
});

test('files that are gone, and a cursor before everything, are an empty end', async () => {
  expect(await readTranscript({ files: ['/nonexistent'], readRow, limit: 3 })).toEqual({ entries: [], older: null });
  const files = temporary({ a: said(1, 'one') });
  expect(await readTranscript({ files, readRow, limit: 3, before: `${time(0)}~0` })).toEqual({
    entries: [],
    older: null,
  });
});

async function everything(files: string[], limit: number): Promise<TranscriptEntry[]> {
  const entries: TranscriptEntry[] = [];
  let before: string | null = null;
  do {
    const page = await readTranscript({ files, readRow, limit, ...(before === null ? {} : { before }) });
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    entries.unshift(...page.entries);
    before = page.older;
  } while (before !== null);
  return entries;
}

/** Last written when their last row says. */
function temporary(contents: Record<string, string>): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'pm-transcript-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return Object.entries(contents).map(([name, content]) => {
    const file = join(directory, name);
    writeFileSync(file, content);
    const last = [...content.matchAll(/"timestamp":"([^"]+)"/g)].at(-1)?.[1];
    if (last) utimesSync(file, new Date(last), new Date(last));
    return file;
  });
}
