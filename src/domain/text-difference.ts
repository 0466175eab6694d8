// A unified diff of two texts by lines, the shortest there is (Myers).

const CONTEXT = 3;
/** Texts that differ in more lines are shown as replaced: the search costs the square of this in time and memory. */
const MOST_CHANGES = 1_000;

type Line = { kind: ' ' | '-' | '+'; text: string };

/** Empty when the texts are the same. */
export function textDifference(before: string, after: string, names: { from: string; to: string }): string {
  const lines = compareLines(linesOf(before), linesOf(after));
  if (lines.every(({ kind }) => kind === ' ')) return '';
  return [`--- ${names.from}`, `+++ ${names.to}`, ...hunks(lines), ''].join('\n');
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** Walks the furthest-reaching paths for each number of changes, and back along them. */
function compareLines(before: readonly string[], after: readonly string[]): Line[] {
  const most = Math.min(MOST_CHANGES, before.length + after.length);
  let furthest = new Map([[1, 0]]);
  const trail: Map<number, number>[] = [];
  for (let changes = 0; changes <= most; changes++) {
    trail.push(furthest);
    const next = new Map(furthest);
    for (let diagonal = -changes; diagonal <= changes; diagonal += 2) {
      let x = comesFromAbove(furthest, diagonal, changes)
        ? (furthest.get(diagonal + 1) ?? 0)
        : (furthest.get(diagonal - 1) ?? 0) + 1;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x++;
      next.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return walkBack(trail, before, after);
    }
    furthest = next;
  }
  return [...before.map((text): Line => ({ kind: '-', text })), ...after.map((text): Line => ({ kind: '+', text }))];
}

function comesFromAbove(furthest: ReadonlyMap<number, number>, diagonal: number, changes: number): boolean {
  if (diagonal === -changes) return true;
  return diagonal !== changes && (furthest.get(diagonal - 1) ?? -1) < (furthest.get(diagonal + 1) ?? -1);
}

function walkBack(trail: readonly Map<number, number>[], before: readonly string[], after: readonly string[]): Line[] {
  const lines: Line[] = [];
  let x = before.length;
  let y = after.length;
  for (let changes = trail.length - 1; changes >= 0; changes--) {
    const furthest = trail[changes] ?? new Map<number, number>();
    const diagonal = x - y;
    const above = comesFromAbove(furthest, diagonal, changes);
    const fromX = furthest.get(above ? diagonal + 1 : diagonal - 1) ?? 0;
    const fromY = fromX - (above ? diagonal + 1 : diagonal - 1);
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      lines.push({ kind: ' ', text: before[--x] ?? '' });
      y--;
    }
    if (changes === 0) break;
    if (above) lines.push({ kind: '+', text: after[--y] ?? '' });
    else lines.push({ kind: '-', text: before[--x] ?? '' });
  }
  return lines.toReversed();
}

function hunks(lines: readonly Line[]): string[] {
  const changed = lines.flatMap(({ kind }, index) => (kind === ' ' ? [] : [index]));
  const ranges: [start: number, end: number][] = [];
  for (const index of changed) {
    const start = Math.max(0, index - CONTEXT);
    const end = Math.min(lines.length, index + CONTEXT + 1);
    const last = ranges.at(-1);
    if (last && start <= last[1]) last[1] = end;
    else ranges.push([start, end]);
  }
  return ranges.flatMap(([start, end]) => {
    const part = lines.slice(start, end);
    const of = (kind: '-' | '+') => {
      const skipped = lines.slice(0, start).filter((line) => line.kind === ' ' || line.kind === kind).length;
      const length = part.filter((line) => line.kind === ' ' || line.kind === kind).length;
      // A part without lines is named by the line before it.
      return `${length === 0 ? skipped : skipped + 1}${length === 1 ? '' : `,${length}`}`;
    };
    return [`@@ -${of('-')} +${of('+')} @@`, ...part.map(({ kind, text }) => `${kind}${text}`)];
  });
}
