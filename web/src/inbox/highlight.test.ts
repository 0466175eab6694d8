import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CodeLanguage, highlighted } from './highlight.ts';

const kinds = (text: string, language: CodeLanguage) =>
  highlighted(text, language)
    .filter(({ kind }) => kind !== 'plain')
    .map(({ kind, text: part }) => `${kind} ${part}`);

it('reads a command', () => {
  expect(kinds(`git push --force "$HOME/a b" && rm -rf build # gone`, 'shell')).toEqual([
    'option --force',
    'string "$HOME/a b"',
    'word &&',
    'option -rf',
    'comment # gone',
  ]);
});
it('tells the keys of JSON from its texts', () => {
  expect(kinds('{"a": "b: c", "n": -1.5e3, "ok": true}', 'json')).toEqual([
    'key "a"',
    'string "b: c"',
    'key "n"',
    'number -1.5e3',
    'key "ok"',
    'word true',
  ]);
});
it('reads a line of code, and takes no name for a keyword', () => {
  expect(kinds("const informed = 'it''s'; // for you", 'code')).toEqual([
    'word const',
    "string 'it'",
    "string 's'",
    'comment // for you',
  ]);
});
it('never changes a character, whatever it is given', () => {
  const language = fc.constantFrom<CodeLanguage>('shell', 'json', 'code');
  fc.assert(
    fc.property(fc.string(), language, (text, as) => {
      expect(
        highlighted(text, as)
          .map((part) => part.text)
          .join(''),
      ).toBe(text);
    }),
  );
});
it('gives up on colours, not on text, where there is very much of it', () => {
  const long = '"'.repeat(200_000);
  expect(highlighted(long, 'code')).toEqual([{ kind: 'plain', text: long }]);
});
