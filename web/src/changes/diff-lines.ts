/** What a diff shows beside its text: line numbers, and which files are open at first. */
import type { DiffFile, DiffHunk } from '../../../src/contract/task-changes.ts';

const OPEN_LINES = 400; // about ten screens

export type NumberedLine = DiffHunk['lines'][number] & { oldNumber: number | null; newNumber: number | null };

/** Lines with their number in the old and in the new file; null where it is not in it. */
export function numbered(hunk: DiffHunk): NumberedLine[] {
  let [old, fresh] = [hunk.oldStart, hunk.newStart];
  return hunk.lines.map((line) => ({
    ...line,
    oldNumber: line.type === 'add' ? null : old++,
    newNumber: line.type === 'delete' ? null : fresh++,
  }));
}

/** From the top, as many files as are read without effort; a single one is always open. */
export function openFiles(files: readonly DiffFile[]): Set<string> {
  const open = new Set<string>();
  let lines = 0;
  for (const file of files) {
    lines += file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
    if (open.size > 0 && lines > OPEN_LINES) break;
    open.add(file.path);
  }
  return open;
}

/** The hunks up to so many lines in all, the last of them cut. */
export function firstLines(hunks: readonly DiffHunk[], limit: number): DiffHunk[] {
  const shown: DiffHunk[] = [];
  let left = limit;
  for (const hunk of hunks) {
    if (left <= 0) break;
    shown.push({ ...hunk, lines: hunk.lines.slice(0, left) });
    left -= hunk.lines.length;
  }
  return shown;
}
