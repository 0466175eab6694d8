import { expect, it } from 'vitest';
import { readChosen } from './chosen-files.ts';

const file = (path: string, text: string) => ({
  name: path.split('/').at(-1) ?? '',
  webkitRelativePath: path,
  text: async () => text,
});

it('of a directory its definitions are taken, in order; what is below it or has no front matter is not', async () => {
  expect(
    await readChosen([
      file('agents/tester.md', '---\nname: tester\n'),
      file('agents/README.md', '# Ours'),
      file('agents/old/tester.md', '---\nname: old\n'),
      file('agents/notes.txt', '---\n'),
      file('agents/coder.md', '\uFEFF---\nname: coder\n'),
    ]),
  ).toEqual({
    files: [
      { file: 'coder.md', text: '\uFEFF---\nname: coder\n' },
      { file: 'tester.md', text: '---\nname: tester\n' },
    ],
    leftOut: ['README.md'],
  });
});
