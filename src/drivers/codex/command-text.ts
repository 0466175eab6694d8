/**
 * The command that a person would have typed, out of the one that Codex runs: it asks about `/bin/bash -lc '…'`, and
 * rules are written for what stands inside.
 */

const SHELL = /^(?:\/\S*\/)?(?:ba|z|da|k)?sh$/;
const SCRIPT_OPTION = /^-l?c$/;

/** Anything that is not plainly one script for a shell stays as it is. */
export function commandText(command: string): string {
  const words = shellWords(command);
  const [shell = '', option = '', script] = words ?? [];
  return words?.length === 3 && script !== undefined && SHELL.test(shell) && SCRIPT_OPTION.test(option)
    ? script
    : command;
}

/** Null when a quote is left open. */
function shellWords(line: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === "'") {
      const end = line.indexOf("'", at + 1);
      if (end === -1) return null;
      word = (word ?? '') + line.slice(at + 1, end);
      at = end;
    } else if (character === '"') {
      word ??= '';
      for (at += 1; line.charAt(at) !== '"'; at += 1) {
        if (at >= line.length) return null;
        if (line.charAt(at) === '\\' && '"\\$`'.includes(line.charAt(at + 1))) at += 1;
        word += line.charAt(at);
      }
    } else if (character === '\\') {
      at += 1;
      word = (word ?? '') + line.charAt(at);
    } else if (character === ' ') {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + character;
  }
  return word === null ? words : [...words, word];
}
