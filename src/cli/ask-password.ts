/** Reads a password: unseen at a terminal and twice, or the one line that is piped in. Never from the command line. */
import { type CommandIo, readAll } from './command-io.ts';
import { UsageError } from './usage-error.ts';

const ENTER = new Set(['\r', '\n', '\u0004']);
const BACKSPACE = new Set(['\u007f', '\b']);

export async function askPassword(io: CommandIo, question: string): Promise<string> {
  if (!io.stdin.isTTY || !io.stdin.setRawMode) {
    const piped = (await readAll(io.stdin)).replace(/\r?\n$/, '');
    if (piped === '')
      throw new UsageError('No password was given.', 'Pipe it in on standard input, or run this at a terminal.');
    return piped;
  }
  const first = await readUnseen(io, `${question}: `);
  const second = await readUnseen(io, 'The same again: ');
  if (first !== second) throw new UsageError('The two passwords differ.', 'Run the command again.');
  return first;
}

function readUnseen({ stdin, stderr }: CommandIo, question: string): Promise<string> {
  stderr.write(question);
  stdin.setRawMode?.(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  return new Promise((resolve, reject) => {
    let typed: string[] = [];
    const finish = (settle: () => void) => {
      stdin.off('data', take);
      stdin.setRawMode?.(false);
      stdin.pause();
      stderr.write('\n');
      settle();
    };
    const take = (text: string | Buffer) => {
      for (const character of String(text)) {
        if (ENTER.has(character)) return finish(() => resolve(typed.join('')));
        if (character === '\u0003')
          return finish(() =>
            reject(new UsageError('It was interrupted; nothing was changed.', 'Run the command again.')),
          );
        if (BACKSPACE.has(character)) typed.pop();
        else if (character === '\u0015') typed = [];
        else typed.push(character);
      }
    };
    stdin.on('data', take);
  });
}
