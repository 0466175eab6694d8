/** What changed between two trees of a repository: git tells the files, the counts and the patch apart, here they come together. */
import type { DiffFile } from '../../contract/task-changes.ts';
import type { WorkspaceDiff } from '../../ports/workspaces.ts';
import { git, gitUpTo } from './git-command.ts';
import { parsePatch } from './parse-patch.ts';

/** More files than anybody reads; the counts are of all of them. */
const MAX_FILES = 2_000;
/** The plumbing command: what a person configured for their own diffs does not reach it. */
const COMMAND = ['diff-tree', '-r', '-M', '--no-commit-id', '--no-ext-diff', '--no-textconv'];
const STATUS = { A: 'added', M: 'modified', D: 'deleted', R: 'renamed', T: 'type_changed' } as const;

export async function diffCommits(
  root: string,
  { from, to, limitBytes }: { from: string; to: string; limitBytes: number },
): Promise<WorkspaceDiff> {
  const files = filesOf(await git(root, [...COMMAND, '--raw', '--numstat', '-z', from, to]));
  const patch = await gitUpTo(
    root,
    [...COMMAND, '-p', '-U3', '--submodule=short', '--src-prefix=a/', '--dst-prefix=b/', from, to],
    limitBytes,
  );
  const sections = parsePatch(patch.text).values();
  for (const file of files) {
    // A file that becomes a link is printed as one that goes and one that comes.
    for (let left = file.status === 'type_changed' ? 2 : 1; left > 0; left--) {
      const section = sections.next();
      if (!section.done) file.hunks.push(...section.value.hunks);
    }
  }
  return {
    files: files.slice(0, MAX_FILES),
    stats: {
      files: files.length,
      additions: files.reduce((sum, file) => sum + file.additions, 0),
      deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    },
    text: patch.text,
    truncated: patch.truncated || files.length > MAX_FILES,
  };
}

/** `:modes ids R100 NUL old NUL new NUL …`, then for each of them in the same order `added TAB deleted TAB name NUL`. */
function filesOf(told: string): DiffFile[] {
  const fields = told.split('\0').values();
  const next = () => fields.next().value ?? '';
  const files: DiffFile[] = [];
  let field = next();
  for (; field.startsWith(':'); field = next()) {
    const letter = field.split(' ')[4]?.charAt(0) ?? 'M';
    const first = next();
    files.push({
      path: letter === 'R' ? next() : first,
      ...(letter === 'R' ? { oldPath: first } : {}),
      status: STATUS[letter as keyof typeof STATUS] ?? 'modified', // C is not asked for, U cannot be between two trees
      additions: 0,
      deletions: 0,
      binary: false,
      hunks: [],
    });
  }
  for (const file of files) {
    const [additions = '', deletions = ''] = field.split('\t');
    // Of a renamed file both names follow, old and new.
    if (file.oldPath !== undefined) void [next(), next()];
    file.binary = additions === '-';
    file.additions = Number(additions) || 0;
    file.deletions = Number(deletions) || 0;
    field = next();
  }
  return files;
}
