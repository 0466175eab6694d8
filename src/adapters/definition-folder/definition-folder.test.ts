import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createDefinitionFolder } from './definition-folder.ts';

let directory: string;
const at = (file: string) => path.join(directory, file);

beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'pointsman-definitions-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
});

describe('a folder of definitions', () => {
  test('holds its Markdown files by name, and nothing else', async () => {
    for (const file of ['b.md', 'a.md', '.hidden.md', 'README.md', 'notes.txt']) writeFileSync(at(file), file);
    mkdirSync(at('folder.md'));
    execFileSync('mkfifo', [at('pipe.md')]);
    symlinkSync('/nowhere', at('lost.md'));
    expect(await createDefinitionFolder(directory).read()).toEqual([
      { file: 'a.md', text: 'a.md' },
      { file: 'b.md', text: 'b.md' },
    ]);
  });

  test('says which file is no text, and reads the others', async () => {
    writeFileSync(at('latin.md'), Buffer.from([0x2d, 0xe9, 0x2d]));
    writeFileSync(at('large.md'), 'x'.repeat(1_048_577));
    writeFileSync(at('marked.md'), '\uFEFFtext');
    expect(await createDefinitionFolder(directory).read()).toEqual([
      { file: 'large.md', text: '', unreadable: 'The file is larger than 1 MiB.' },
      { file: 'latin.md', text: '', unreadable: 'The file is not UTF-8.' },
      { file: 'marked.md', text: '\uFEFFtext' },
    ]);
  });

  test('that is not there is empty, and is made by the first write', async () => {
    rmSync(directory, { recursive: true });
    const folder = createDefinitionFolder(directory);
    expect(await folder.read()).toEqual([]);
    await folder.write('a.md', 'text');
    expect(await folder.read()).toEqual([{ file: 'a.md', text: 'text' }]);
    await folder.remove('a.md');
    await folder.remove('a.md');
    expect(readdirSync(directory)).toEqual([]);
  });

  test('writes what a link points to, and leaves the link', async () => {
    const elsewhere = at('elsewhere.txt');
    writeFileSync(elsewhere, 'old');
    symlinkSync(elsewhere, at('linked.md'));
    await createDefinitionFolder(directory).write('linked.md', 'new');
    expect(readFileSync(elsewhere, 'utf8')).toBe('new');
    expect(lstatSync(at('linked.md')).isSymbolicLink()).toBe(true);
  });

  test('tells of a change, also where it is itself a link', async () => {
    const link = `${directory}-link`;
    symlinkSync(directory, link);
    const changed = Promise.withResolvers<void>();
    const watch = createDefinitionFolder(link).watch(changed.resolve);
    onTestFinished(() => {
      watch.close();
      rmSync(link);
    });
    writeFileSync(at('a.md'), 'text');
    await changed.promise;
    expect(await createDefinitionFolder(link).read()).toHaveLength(1);
  });
});
