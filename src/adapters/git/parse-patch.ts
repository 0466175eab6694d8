/** Reads the hunks out of a unified diff as git prints it; one that was cut at the end of a line is read as far as it goes. */
import type { DiffHunk } from '../../contract/task-changes.ts';

/** What stands between two `diff --git` lines; names are not read here, git quotes them and tells them better elsewhere. */
export interface PatchSection {
  binary: boolean;
  hunks: DiffHunk[];
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/s;
const LINE_TYPES = { ' ': 'context', '+': 'add', '-': 'delete' } as const;

export function parsePatch(patch: string): PatchSection[] {
  const sections: PatchSection[] = [];
  // Only LF ends a line: a CR is content.
  const lines = patch.split('\n');
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    const section = sections.at(-1);
    const hunk = section && HUNK.exec(line);
    if (line.startsWith('diff --git ')) sections.push({ binary: false, hunks: [] });
    if (section && (line.startsWith('Binary files ') || line === 'GIT binary patch')) section.binary = true;
    at += 1;
    if (hunk) at = readHunk(hunk, { lines, at, into: section.hunks });
  }
  return sections;
}

/** The counts of its header, not the look of a line, tell where a hunk ends: a deleted `-- a` looks like a file's name. */
function readHunk(
  [, oldStart, oldLines = '1', newStart, newLines = '1', header = '']: RegExpExecArray,
  { lines, at, into }: { lines: readonly string[]; at: number; into: DiffHunk[] },
): number {
  const hunk: DiffHunk = {
    header,
    oldStart: Number(oldStart),
    oldLines: Number(oldLines),
    newStart: Number(newStart),
    newLines: Number(newLines),
    lines: [],
  };
  into.push(hunk);
  let [oldLeft, newLeft] = [hunk.oldLines, hunk.newLines];
  for (; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const last = hunk.lines.at(-1);
    if (line.startsWith('\\') && last) {
      last.noNewline = true;
      continue;
    }
    const type = LINE_TYPES[line.charAt(0) as keyof typeof LINE_TYPES]; // any other character: undefined, checked next
    if ((oldLeft <= 0 && newLeft <= 0) || type === undefined) break;
    if (type !== 'add') oldLeft -= 1;
    if (type !== 'delete') newLeft -= 1;
    hunk.lines.push({ type, text: line.slice(1) });
  }
  return at;
}
