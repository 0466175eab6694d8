/** The lower part of a screen: its last lines that say something, with their colours. Knows how a repaint is written; pure. */

/* oxlint-disable no-control-regex -- these are control sequences */
const CLEARED = '\u001b[2J';
const ROW = /\u001b\[(\d+)(?:;1)?H/;
const COLOUR = /\u001b\[[\d;:]*m/g;
/** Every other sequence: modes, the place of the cursor, character sets. */
const OTHER = /\u001b\[[<=>?!]?[\d;:]*[ -/]*[@-ln-~]|\u001b[()*+][ -~]|[\u000e\u000f\r]/g;
const LINES = /\u000e([^\u000f]*)\u000f/g;
/* oxlint-enable no-control-regex */

/** Letters of the other character set that frames are drawn with. */
const DRAWN: Record<string, string> = {
  j: '┘',
  k: '┐',
  l: '┌',
  m: '└',
  n: '┼',
  q: '─',
  t: '├',
  u: '┤',
  v: '┴',
  w: '┬',
  x: '│',
};

export function lastLines(repaint: string, count: number): string {
  const rows = rowsOf(repaint);
  while (rows.length > 0 && (rows.at(-1) ?? '').replaceAll(COLOUR, '').trim() === '') rows.pop();
  // Colours go on over line ends, so those of the lines above are kept before the first one.
  const colours = rows.slice(0, -count).join('').match(COLOUR) ?? [];
  const reset = colours.findLastIndex((colour) => colour === '\u001b[m' || colour === '\u001b[0m');
  // Spaces to the edge of the terminal are no text.
  return (
    colours.slice(reset + 1).join('') +
    rows
      .slice(-count)
      .map((row) => row.trimEnd())
      .join('\n')
  );
}

function rowsOf(repaint: string): string[] {
  // A program on the alternate screen hides what was painted before.
  const begin = repaint.lastIndexOf(CLEARED);
  const screen = begin < 0 ? repaint : repaint.slice(begin + CLEARED.length);
  const [first = '', ...placed] = screen.split(ROW);
  const rows = [plain(first)];
  // In turns the number of a row and what is in it; empty ones are left out.
  for (let at = 0; at < placed.length; at += 2) {
    const row = Number(placed[at]) - 1;
    rows[row] = (rows[row] ?? '') + plain(placed[at + 1] ?? '');
  }
  return Array.from(rows, (row) => row ?? '');
}

function plain(text: string): string {
  return text
    .replaceAll(LINES, (_, drawn: string) => drawn.replaceAll(/./gs, (letter) => DRAWN[letter] ?? letter))
    .replaceAll(OTHER, '');
}
