import { describe, expect, it } from 'vitest';
import { recognizeShell } from './recognize-shell.ts';
import { inertName, quoted } from './shell-quoting.ts';

describe('a command', () => {
  it.each([
    [undefined, 'bash'],
    [[], 'bash'],
    [['bash'], 'bash'],
    [['/opt/local/bin/bash', '-i', '--norc'], 'bash'],
    [['bash', '-l'], 'bash'],
    [['bash', '-O', 'globstar'], 'bash'],
    [['/bin/zsh'], 'zsh'],
    [['sh'], 'none'],
    [['/bin/dash'], 'none'],
    [['fish'], 'none'],
    [['python3'], 'none'],
    [['bash', '-c', 'x'], 'none'],
    [['bash', 'script.sh'], 'none'],
    [['bash', '-o', 'posix'], 'none'],
    [['bash', '--rcfile', 'x'], 'none'],
    [['bashful'], 'none'],
  ])('%j is %s', (command, shell) => {
    expect(recognizeShell(command).shell).toBe(shell);
  });

  it('that is no shell is kept as it is, with the reason', () => {
    expect(recognizeShell(['sh', '-x'])).toEqual({
      shell: 'none',
      argv: ['sh', '-x'],
      reason: expect.stringContaining('only bash and zsh'),
    });
  });
});

describe('text in an rc file', () => {
  it('is one word that nothing evaluates', () => {
    expect(quoted(`it's $(x)`)).toBe(`'it'\\''s $(x)'`);
  });

  it('a name is one short line without control, format or half characters', () => {
    expect(inertName(' a\nb\u001b[31m\u202e🎉\ud800 ')).toBe('ab[31m🎉\uFFFD');
    expect(inertName('x'.repeat(100))).toHaveLength(40);
  });
});
