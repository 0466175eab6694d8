import { expect, it } from 'vitest';
import { payloadParts } from './payload-parts.ts';

it('reads a command with its reason first, and leaves the rest as it is', () => {
  expect(
    payloadParts({ agent: 'coder', tool: 'Bash', command: 'rm -rf build', cwd: '/w', description: 'Clean up' }),
  ).toEqual({
    parts: [
      { kind: 'prose', name: 'description', text: 'Clean up' },
      { kind: 'code', name: 'command', text: 'rm -rf build', language: 'shell' },
    ],
    rest: { agent: 'coder', tool: 'Bash', cwd: '/w' },
  });
});
it('writes a list of arguments so that it is clear where each ends', () => {
  const [part] = payloadParts({ command: ['echo', 'a b', "it's", '--x=1'] }).parts;
  expect(part).toMatchObject({ text: String.raw`echo 'a b' 'it'\''s' --x=1` });
});
it('shows an edit as lines that go and come, once', () => {
  const { parts, rest } = payloadParts({
    diff: '@@ /w/a.ts @@\n-old\n+new\n+-- a comment',
    input: { file_path: '/w/a.ts', old_string: 'old', new_string: 'new', replace_all: true },
  });
  expect(parts).toEqual([
    {
      kind: 'diff',
      name: 'diff',
      title: '/w/a.ts',
      added: 2,
      removed: 1,
      lines: [
        { type: 'delete', text: 'old' },
        { type: 'add', text: 'new' },
        { type: 'add', text: '-- a comment' },
      ],
    },
  ]);
  expect(rest).toEqual({ input: { replace_all: true } });
});
it('keeps places of a real diff, and what has an unexpected type, in sight', () => {
  const { parts, rest } = payloadParts({ diff: '@@ -1,2 +1,2 @@ f()\n same\n-a\n+b', body: { not: 'text' } });
  expect(parts).toMatchObject([
    { title: 'changes', lines: [{ type: 'place' }, { type: 'context', text: 'same' }, {}, {}] },
  ]);
  expect(rest).toEqual({ body: { not: 'text' } });
});
