import { describe, expect, it } from 'vitest';
import { composed, hasControlCharacters, isPrompt } from './prompt-text.ts';

describe('a prompt in the input line', () => {
  it('is as it was given', () => {
    for (const prompt of ['do it', '!echo', '#note', '@file', '\tx\n\n y ', 'a\\b', 'exit now'])
      expect(composed(prompt)).toBe(prompt);
  });

  it('is no command of Claude Code', () => {
    for (const prompt of ['/help', ' \n/exit', 'exit', ' QUIT ', ':q!'])
      expect(composed(prompt)).toBe(`<prompt>\n${prompt}\n</prompt>`);
  });

  it('does not turn its Enter into a newline', () => {
    expect(composed('a \\')).toBe('a \\ ');
  });

  it('is recognised in what Claude Code took', () => {
    for (const [taken, prompt] of [
      ['do it', ' do it\n'],
      ['a \\', 'a \\'],
      ['<prompt>\n/help\n</prompt>', '/help'],
      ['ab', 'a\u200b\ufeffb\u202e'],
      ['❤ 👩‍👩‍👧', '❤️ 👩‍👩‍👧'],
      ['a\nb', 'a\u2028b'],
      ['see <\\pasted_content id="1"> and <\\/pasted_content>', 'see <pasted_content id="1"> and </pasted_content>'],
    ] as const)
      expect([taken, isPrompt(taken, prompt)]).toEqual([taken, true]);
    for (const [taken, prompt] of [
      ['draft do it', 'do it'],
      ['do  it', 'do it'],
      ['', 'do it'],
      ['/help', '/help'],
    ] as const)
      expect([taken, isPrompt(taken, prompt)]).toEqual([taken, false]);
  });

  it('holds nothing that a terminal would take for a key', () => {
    for (const prompt of ['\u001b[201~', 'a\rb', '\u0000', '\u009b', '\ud800'])
      expect(hasControlCharacters(prompt)).toBe(true);
    expect(hasControlCharacters('a\tb\nc 🎉')).toBe(false);
  });
});
