/**
 * Makes text from elsewhere safe to show: agents, logs and titles must not move the cursor, recolour or retitle the
 * terminal of whoever lists them, nor hide or reverse words in front of somebody who decides.
 */
import { stripVTControlCharacters } from 'node:util';

// oxlint-disable-next-line no-control-regex -- finding control characters is the point
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
// oxlint-disable-next-line no-control-regex -- as above
const RAW_IN_JSON = /[\u007f-\u009f\u2028\u2029]/gu;

/** Keeps newlines and tabs; every other control, invisible or direction-changing character becomes visible (`\u001b`). */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(HIDDEN, escaped);
}

/** The same on one line. */
export function printableLine(text: string): string {
  return printable(text)
    .replaceAll(/\s*\n\s*/g, ' ⏎ ')
    .replaceAll('\t', ' ');
}

/** For output of programs: colours and cursor moves are dropped, what is left is made visible. */
export function withoutTerminalCodes(text: string): string {
  // A lone CR is how a progress bar starts over: the last state is the one to read.
  const lines = stripVTControlCharacters(text).replaceAll('\r\n', '\n').split('\n');
  return printable(
    lines
      .map((line) => line.slice(line.replace(/\r+$/, '').lastIndexOf('\r') + 1))
      .join('\n')
      .replaceAll('\r', ''),
  );
}

/** JSON for programs; what JSON leaves raw and a terminal obeys is escaped too. */
export function printableJson(value: unknown, indent = 2): string {
  return (JSON.stringify(value, null, indent) ?? 'null').replaceAll(RAW_IN_JSON, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
