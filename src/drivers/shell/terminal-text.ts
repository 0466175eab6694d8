/** What a command printed to a terminal, as plain text: pure; no screen, no colours, no control characters. */

const WIDEST_COLUMN = 4096; // a move to column 999999999 must not become as many spaces

/**
 * Lines as a reader would see them: carriage return and backspace overwrite, a progress bar keeps its last look,
 * full-screen programs (alternate screen) leave nothing. Final line ends are dropped, as `$(…)` does.
 */
export function terminalText(printed: string): string {
  const rows: string[][] = [[]];
  let row = 0;
  let column = 0;
  let hidden = false;
  const current = (): string[] => (rows[row] ??= []);
  for (const [token] of printed.matchAll(TOKENS)) {
    if (token.startsWith('\u001b[')) {
      const final = token.at(-1) ?? '';
      const parameters = token.slice(2, -1);
      const count = Math.min(WIDEST_COLUMN, Math.max(1, Number.parseInt(parameters, 10) || 1));
      if ((final === 'h' || final === 'l') && /^\?(1049|1047|47)$/.test(parameters)) hidden = final === 'h';
      else if (hidden) continue;
      else if (final === 'K') eraseInLine(current(), column, parameters);
      else if (final === 'J' && (parameters === '' || parameters === '0')) {
        current().length = Math.min(current().length, column);
        rows.length = row + 1;
      } else if (final === 'A' || final === 'F') row = Math.max(0, row - count);
      else if (final === 'B' || final === 'E') row = Math.min(rows.length - 1, row + count);
      else if (final === 'C') column = Math.min(WIDEST_COLUMN, column + count);
      else if (final === 'D') column = Math.max(0, column - count);
      else if (final === 'G') column = count - 1;
      if (final === 'E' || final === 'F') column = 0;
    } else if (hidden || token.startsWith('\u001b')) continue;
    else if (token === '\n') {
      row += 1;
      column = 0;
      if (row === rows.length) rows.push([]);
    } else if (token === '\r') column = 0;
    else if (token === '\b') column = Math.max(0, column - 1);
    else if (token === '\t' || !CONTROL.test(token)) {
      const line = current();
      while (line.length < column) line.push(' ');
      for (const character of token) line[column++] = character;
    }
  }
  return rows
    .map((line) => line.join(''))
    .join('\n')
    .replace(/\n+$/, '');
}

// CSI … | OSC … | DCS, SOS, PM, APC … | other escapes | one control character | a stretch of text
// oxlint-disable-next-line no-control-regex -- control characters are what this file is about
const TOKENS =
  /\u001b\[[0-?]*[ -/]*[@-~]?|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[PX^_][^\u001b]*(?:\u001b\\)?|\u001b[ -/]*[0-Z\\`-~]?|[\u0000-\u001a\u001c-\u001f\u007f-\u009f]|[^\u0000-\u001f\u007f-\u009f]+/g;
const CONTROL = /^\p{Cc}/u;

function eraseInLine(line: string[], column: number, how: string): void {
  if (how === '' || how === '0') line.length = Math.min(line.length, column);
  else if (how === '1') line.fill(' ', 0, column + 1);
  else if (how === '2') line.length = 0;
}

/** At most `limit` bytes of UTF-8: head and tail stay, the gap says how much is missing. */
export function keepHeadAndTail(text: string, limit: number, missing = 0): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit && missing === 0) return text;
  const half = Math.floor((limit - GAP_MAX_BYTES) / 2);
  let headEnd = Math.min(half, Math.ceil(bytes.length / 2));
  let tailStart = Math.max(headEnd, bytes.length - half);
  while (headEnd > 0 && isContinuation(bytes[headEnd])) headEnd -= 1;
  while (tailStart < bytes.length && isContinuation(bytes[tailStart])) tailStart += 1;
  return `${bytes.toString('utf8', 0, headEnd)}\n[… ${tailStart - headEnd + missing} bytes left out …]\n${bytes.toString('utf8', tailStart)}`;
}

const GAP_MAX_BYTES = 64; // the longest "[… N bytes left out …]" there can be

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
