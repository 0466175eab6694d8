import { mkdtemp, rm, appendFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { applyRecord, emptyView, parseRecord, type ShellView } from './shell-journal.ts';
import { watchJournal } from './watch-journal.ts';

function read(...lines: string[]): ShellView {
  const view = emptyView();
  for (const line of lines) {
    const record = parseRecord(line);
    if (record) applyRecord(view, record);
  }
  return view;
}

describe('the journal of a shell', () => {
  it('a task ends with the status of the prompt after it', () => {
    const view = read('1 shell 42 bash 5.2', '2 prompt 0', '3.5 start t1 n1', '4.25 prompt 7');
    expect(view).toMatchObject({ shellPid: 42, phase: 'prompt', prompts: 2 });
    expect(view.tasks.get('t1')).toEqual({
      nonce: 'n1',
      startedAt: '1970-01-01T00:00:03.500Z',
      end: { how: 'prompt', status: 7, at: '1970-01-01T00:00:04.250Z' },
    });
  });

  it('a command typed by hand ends no task', () => {
    const view = read('1 shell 42', '2 prompt 0', '3 start t1 n1', '4 prompt 0', '5 start - -', '6 prompt 1');
    expect(view.tasks.get('t1')?.end).toMatchObject({ status: 0 });
  });

  it('a task that another command or another shell follows has an unknown end', () => {
    expect(read('1 start t1 n1', '2 start - -', '3 prompt 0').tasks.get('t1')?.end).toMatchObject({ how: 'lost' });
    expect(read('1 start t1 n1', '2 shell 43', '3 prompt 0').tasks.get('t1')?.end).toMatchObject({ how: 'lost' });
  });

  it('the latest delivery of a task counts', () => {
    expect(read('1 start t1 n1', '2 prompt 0', '3 start t1 n2').tasks.get('t1')).toEqual({
      nonce: 'n2',
      startedAt: '1970-01-01T00:00:03.000Z',
    });
  });

  it('half lines and foreign lines are passed over', () => {
    for (const line of [
      '',
      'prompt 0',
      '1',
      '1 prompt',
      '1 prompt x',
      '1 shell',
      'x prompt 0',
      '-1 prompt 0',
      '1e300 prompt 0',
      '1 nothing',
    ]) {
      expect([line, parseRecord(line)]).toEqual([line, undefined]);
    }
  });

  it('tells new records as they are written, and old ones only by the view', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pm-journal-'));
    const file = join(directory, 'journal');
    await writeFile(file, '1 shell 42\n2 prompt 0\n3 sta');
    const news: string[] = [];
    const journal = watchJournal({ file, onRecord: (record) => news.push(record.type) });
    onTestFinished(async () => {
      journal.close();
      await rm(directory, { recursive: true });
    });
    expect(journal.view.phase).toBe('prompt');
    expect(news).toEqual([]);
    await appendFile(file, 'rt - -\n');
    expect(await journal.until((view) => view.phase === 'running', 10_000)).toBe(true);
    expect(news).toEqual(['start']);
    expect(await journal.until((view) => view.phase === 'prompt', 10)).toBe(false);
    const waiting = journal.until((view) => view.phase === 'prompt', 60_000);
    journal.close();
    expect(await waiting).toBe(false);
  });
});
