/** Runs the git binary for ourselves: no hooks, no prompts, no pager, no signing, and nothing of our environment. */
import { execFile, type ExecFileException } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { PointsmanError } from '../../contract/errors.ts';

export interface GitResult {
  status: number;
  stdout: string;
  stderr: string;
}

/** A smudge filter may fetch large files; nothing else takes a minute. */
const TIMEOUT_MS = 10 * 60_000;
const LOCK_PAUSE_MS = 100;
const LOCK_PATIENCE_MS = 3_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** What a repository's own configuration must not decide about our commands. */
const CONFIG = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.quotePath': 'false',
  'core.pager': 'cat',
  'core.editor': 'true',
  'color.ui': 'false',
  'commit.gpgSign': 'false',
  'merge.verifySignatures': 'false',
  'rerere.enabled': 'false',
  'submodule.recurse': 'false',
  'worktree.guessRemote': 'false',
  'diff.suppressBlankEmpty': 'false',
  'gc.auto': '0',
  'maintenance.auto': 'false',
};
const FIXED = Object.entries(CONFIG).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/**
 * Resolves whatever the exit status is. Arguments that come from somebody else must not begin with `-`:
 * a caller passes ids that git resolved, full ref names, or puts them behind `--`.
 */
export async function runGit(
  cwd: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<GitResult> {
  for (let waited = 0; ; waited += LOCK_PAUSE_MS) {
    const result = await runOnce(cwd, args, environment);
    // An agent's own git may hold the index or a ref for a moment.
    const locked = result.status !== 0 && /Unable to create '.*\.lock': File exists/.test(result.stderr);
    if (!locked || waited >= LOCK_PATIENCE_MS) return result;
    await delay(LOCK_PAUSE_MS);
  }
}

/** The output of a command that must succeed. */
export async function git(
  cwd: string,
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<string> {
  const result = await runGit(cwd, args, environment);
  if (result.status !== 0) throw gitFailed(cwd, args, result);
  return result.stdout;
}

/** The first bytes of what a command says, whole lines only; it is stopped when it says more. */
export async function gitUpTo(
  cwd: string,
  args: readonly string[],
  limitBytes: number,
): Promise<{ text: string; truncated: boolean }> {
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      [...FIXED, ...args],
      { cwd, env: gitEnvironment(), timeout: TIMEOUT_MS, maxBuffer: limitBytes, encoding: 'buffer' },
      (error, stdout, stderr) => {
        const truncated = error?.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
        if (error === null || truncated)
          resolve({ text: (truncated ? wholeLines(stdout) : stdout).toString('utf8'), truncated });
        else if (typeof error.code === 'number')
          reject(gitFailed(cwd, args, { status: error.code, stdout: '', stderr: stderr.toString('utf8') }));
        else reject(couldNotRun(error, cwd));
      },
    );
  });
}

function wholeLines(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
}

export function gitFailed(cwd: string, args: readonly string[], { stderr, stdout }: GitResult): PointsmanError {
  return new PointsmanError('WORKTREE_FAILED', { detail: explain(cwd, args, stderr.trim() || stdout.trim()) });
}

async function runOnce(
  cwd: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      [...FIXED, ...args],
      { cwd, env: { ...gitEnvironment(), ...environment }, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        if (error === null) resolve({ status: 0, stdout, stderr });
        else if (typeof error.code === 'number') resolve({ status: error.code, stdout, stderr });
        else reject(couldNotRun(error, cwd));
      },
    );
  });
}

function explain(cwd: string, args: readonly string[], said: string): string {
  if (/dubious ownership/.test(said)) {
    return `The repository at ${cwd} belongs to another user. If you trust it, run \`git config --global --add safe.directory ${cwd}\` as the user Pointsman runs as.`;
  }
  if (/not a git repository/.test(said)) return `${cwd} is not a git repository.`;
  return `git ${args.find((arg, index) => arg !== '-c' && args[index - 1] !== '-c')} in ${cwd}: ${said.slice(0, 2_000) || 'it failed and said nothing'}`;
}

function couldNotRun(error: ExecFileException, cwd: string): PointsmanError {
  const why =
    error.code === 'ENOENT'
      ? `git cannot be started in ${cwd}: git is not installed, or the directory does not exist.`
      : error.code === 'ENOTDIR'
        ? `${cwd} is not a directory.`
        : error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'
          ? `git said more than ${MAX_OUTPUT_BYTES / 1024 / 1024} MiB in ${cwd}.`
          : error.killed
            ? `git took longer than ${TIMEOUT_MS / 60_000} minutes in ${cwd}.`
            : `git could not run in ${cwd}: ${error.message}`;
  return new PointsmanError('WORKTREE_FAILED', { detail: why, cause: error });
}

/** Where the user's own configuration is found, and no GIT_* of ours: a GIT_DIR would send everything elsewhere. */
function gitEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'TMPDIR', 'USER', 'LOGNAME', 'SSH_AUTH_SOCK'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    // Its words are looked at.
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'false',
    SSH_ASKPASS: 'false',
    GIT_EDITOR: 'true',
    GIT_PAGER: 'cat',
    GIT_LITERAL_PATHSPECS: '1',
  };
}
