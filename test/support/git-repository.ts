/** A git repository of a test: made with one commit, used as a person would use it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface GitRepository {
  path: string;
  /** Runs git there, or in another worktree; its output without the last newline. */
  git(args: readonly string[], cwd?: string): string;
  /** Writes a file and commits everything. */
  commit(file: string, text: string): void;
}

export function gitRepository(place: string): GitRepository {
  mkdirSync(place, { recursive: true });
  const identity = ['-c', 'user.name=A Person', '-c', 'user.email=person@example.org'];
  const git = (args: readonly string[], cwd = place) =>
    execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trimEnd();
  const commit = (file: string, text: string) => {
    writeFileSync(path.join(place, file), text);
    git(['add', '--all']);
    git(['commit', '--quiet', '-m', `write ${file}`]);
  };
  git(['init', '--quiet', '--initial-branch=main']);
  commit('file.txt', 'one\n');
  return { path: place, git, commit };
}
