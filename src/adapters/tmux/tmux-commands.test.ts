import { describe, expect, test } from 'vitest';
import { agentIdOf, keyCommands, pasteCommands, quote, recordCommand, sessionNameOf } from './tmux-commands.ts';
import { atLeast, parseTmuxVersion } from './tmux-version.ts';

const version = (name: string) => parseTmuxVersion(`tmux ${name}\n`);

describe('the commands for tmux', () => {
  test('session names come from our ids only', () => {
    expect(sessionNameOf('0193-aB')).toBe('pointsman-0193-aB');
    expect(agentIdOf('pointsman-0193-aB')).toBe('0193-aB');
    for (const id of ['', '-x', ';', '#(touch P)', 'a:b.c', 'a/b', '../a', 'a'.repeat(65)])
      expect(sessionNameOf(id)).toBeNull();
  });

  test('a newline is an escape, since tmux edits what follows a real one even in quotes', () => {
    expect(quote(`it's\n  #x`)).toBe(`'it'"'"'s'"\\n"'  #x'`);
  });

  test('keys go in commands of at most 256 bytes', () => {
    const commands = keyCommands(
      '%3',
      Uint8Array.from({ length: 600 }, (_, index) => index),
    );
    expect(commands.map((command) => command.split(' -H ')[1]?.split(' ').length)).toEqual([256, 256, 88]);
    expect(commands[0]).toMatch(/^send-keys -t %3 -H 00 01 02 /);
  });

  test('a path to record to is spelled in an alphabet that neither formats, nor dates, nor shells expand', () => {
    expect(recordCommand('%0', `/a #(x)'"$HOME%H\\ü`)).toMatch(
      /^pipe-pane -O -t %0 'exec \/bin\/cat >> "\$\(printf "(\\[0-7]{3})+"\)"'$/,
    );
  });

  test('versions are told apart', () => {
    expect(version('3.3a')).toMatchObject({ major: 3, minor: 3 });
    expect(version('next-3.8')).toMatchObject({ major: 3, minor: 8 });
    expect(atLeast(version('master')!, 3, 7)).toBe(true);
    expect(atLeast(version('3.1c')!, 3, 2)).toBe(false);
    expect(atLeast(version('3.10')!, 3, 2)).toBe(true);
    expect(parseTmuxVersion('GNU bash, version 5.2')).toBeNull();
  });

  test('from 3.7 on a paste asks tmux to leave characters as they are', () => {
    const paste = (name: string) =>
      pasteCommands({ paneId: '%0', buffer: 'b', file: '/f', version: version(name)! })[1];
    expect(paste('3.6')).toBe('paste-buffer -p -r -d -b b -t %0');
    expect(paste('3.7c')).toBe('paste-buffer -p -r -d -S -b b -t %0');
  });
});
