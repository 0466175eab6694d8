/**
 * The files of executions as their steps left them: commits beside all branches, held by two refs per execution,
 * however many steps it has. `newest` is a chain of links, each with one commit and the link before it.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { KeptFiles } from '../../ports/workspaces.ts';
import { git, gitFailed, runGit } from './git-command.ts';
import { OWN_IDENTITY } from './identity.ts';
import { commitOf } from './worktree.ts';

const EXECUTION_REFS = 'refs/pointsman/executions/';
/** Two servers that share a repository may add a link at the same moment. */
const TRIES = 5;

/** Adds a commit to those of an execution; `first` is noted with the very first one: what its worktree was cut from. */
export async function keepCommit(
  directory: string,
  { execution, commit, first }: { execution: string; commit: string; first: string },
): Promise<KeptFiles> {
  const newest = `${refsOf(execution)}newest`;
  for (let tries = 1; ; tries++) {
    const before = await linkAt(directory, newest);
    if (before && (await isSame(directory, before.commit, commit)))
      return { commit: before.commit, number: before.number };
    if (!before) await git(directory, ['update-ref', `${refsOf(execution)}first`, first]);
    const number = (before?.number ?? 0) + 1;
    const parents = ['-p', commit, ...(before ? ['-p', before.id] : [])];
    const made = ['commit-tree', ...parents, '-m', `${SUBJECT}${number}`, `${commit}^{tree}`];
    const link = (await git(directory, [...OWN_IDENTITY, ...made])).trim();
    // Only from where we found it; an empty id says that it must not be there yet.
    const args = ['update-ref', newest, link, before?.id ?? ''];
    const moved = await runGit(directory, args);
    if (moved.status === 0) return { commit, number };
    if (tries === TRIES) throw gitFailed(directory, args, moved);
  }
}

/** What an execution's worktree was cut from, as noted with the first files that were kept. */
export function firstCommit(directory: string, execution: string): Promise<string | null> {
  return commitOf(directory, `${refsOf(execution)}first`);
}

export async function forgetCommits(directory: string, execution: string): Promise<void> {
  for (const name of ['newest', 'first']) await git(directory, ['update-ref', '-d', `${refsOf(execution)}${name}`]);
}

/** Executions of which a repository keeps files, with the time of the newest ones. */
export async function executionsIn(directory: string): Promise<{ execution: string; at: string }[]> {
  const format = '--format=%(refname) %(committerdate:unix)';
  const listed = (await git(directory, ['for-each-ref', format, '--', EXECUTION_REFS])).split('\n');
  const newest = new Map<string, number>();
  for (const line of listed) {
    const [ref = '', seconds] = line.split(' ');
    const execution = ref.slice(EXECUTION_REFS.length).split('/')[0] ?? '';
    if (execution !== '') newest.set(execution, Math.max(newest.get(execution) ?? 0, Number(seconds)));
  }
  return [...newest].map(([execution, seconds]) => ({ execution, at: new Date(seconds * 1000).toISOString() }));
}

/** Remembers in a folder which repositories hold such refs: nobody else knows when their executions are gone. */
export function repositoryNotes(folder: string): {
  add(directory: string): Promise<void>;
  all(): Promise<string[]>;
  remove(directory: string): Promise<void>;
} {
  const noted = new Set<string>();
  const fileOf = (directory: string) => path.join(folder, createHash('sha256').update(directory).digest('hex'));
  return {
    async add(directory) {
      if (noted.has(directory)) return;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const written = `${fileOf(directory)}.${randomUUID()}`;
      await writeFile(written, directory, { flush: true });
      await rename(written, fileOf(directory));
      noted.add(directory);
    },
    async all() {
      const files = (await readdir(folder).catch(() => [])).filter((name) => !name.includes('.'));
      return Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')));
    },
    async remove(directory) {
      noted.delete(directory);
      await rm(fileOf(directory), { force: true });
    },
  };
}

const SUBJECT = 'Pointsman: files ';

function refsOf(execution: string): string {
  return `${EXECUTION_REFS}${execution}/`;
}

async function linkAt(directory: string, ref: string): Promise<(KeptFiles & { id: string }) | null> {
  const args = ['log', '-1', '--no-show-signature', '--format=%H %P%x00%s', ref, '--'];
  const found = await runGit(directory, args);
  if (found.status !== 0) return null;
  const [ids = '', subject = ''] = found.stdout.trim().split('\0');
  const [id = '', commit = ''] = ids.split(' ');
  const number = Number(subject.slice(SUBJECT.length));
  if (!subject.startsWith(SUBJECT) || !Number.isInteger(number) || commit === '')
    throw gitFailed(directory, args, { status: 1, stdout: '', stderr: `${ref} is not what Pointsman has written.` });
  return { id, commit, number };
}

/** The same uncommitted files on top of the same commit; a commit that somebody made in between has another subject. */
async function isSame(directory: string, one: string, other: string): Promise<boolean> {
  if (one === other) return true;
  const args = ['log', '--no-walk=unsorted', '--no-show-signature', '--format=%T %P %s', one, other, '--'];
  const [first, second] = (await git(directory, args)).split('\n');
  return first === second;
}
