import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFileWatch } from './file-watch.ts';

let place: string;
const write = (name: string, text: string) => {
  mkdirSync(path.dirname(path.join(place, name)), { recursive: true });
  writeFileSync(path.join(place, name), text);
};
const see = async (pattern: string) => {
  const seen = await createFileWatch().see(path.join(place, pattern));
  return seen.outcome === 'seen' ? seen : expect.fail(seen.reason);
};

beforeEach(() => {
  place = mkdtempSync(path.join(os.tmpdir(), 'pointsman-watch-'));
  write('a.md', 'one');
  write('deep/er/b.md', 'two');
  write('deep/c.txt', 'three');
  write('.git/d.md', 'git');
  write('deep/node_modules/e.md', 'library');
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

test('a path means one file, a pattern all that fit, without those of git and libraries', async () => {
  const names = async (pattern: string) => (await see(pattern)).files.map((file) => path.relative(place, file.path));
  expect(await names('a.md')).toEqual(['a.md']);
  expect(await names('*.md')).toEqual(['a.md']);
  expect(await names('**/*.md')).toEqual(['a.md', 'deep/er/b.md']);
  expect(await names('none/**')).toEqual([]);
});

test.each([
  ['written', () => write('a.md', 'ONE')],
  ['made', () => write('new.md', '')],
  ['removed', () => rmSync(path.join(place, 'deep/er/b.md'))],
])('the digest is another one when a file is %s', async (_, change) => {
  const before = await see('**/*.md');
  expect((await see('**/*.md')).digest).toBe(before.digest);
  change();
  expect((await see('**/*.md')).digest).not.toBe(before.digest);
});

test('what does not fit changes nothing', async () => {
  const before = await see('**/*.md');
  write('deep/c.txt', 'THREE');
  expect((await see('**/*.md')).digest).toBe(before.digest);
});
