/** What a host stands on: the tmux program, its configuration, a private directory. Made before the first session. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { privateDirectory } from './private-directory.ts';
import { CONFIGURATION } from './tmux-commands.ts';
import { findTmux, onPath, type TmuxVersion } from './tmux-version.ts';

export interface TmuxHostOptions {
  /** Private to this data directory; made when missing. Sockets lie here, or in a short directory derived from it. */
  runDirectory: string;
  /** Program name or path. */
  tmux?: string;
}

export interface Ground {
  tmux: string;
  /** What to run a control client with so that it ends when we do. */
  endWithUs: readonly string[];
  version: TmuxVersion;
  directory: string;
  configuration: string;
}

export type GroundOutcome =
  | { outcome: 'ready'; ground: Ground }
  | { outcome: 'failed'; code: 'TMUX_MISSING' | 'TMUX_TOO_OLD'; reason: string };

const TMUX_TIMEOUT_MS = 10_000;

export async function prepareGround(options: TmuxHostOptions): Promise<GroundOutcome> {
  const found = await findTmux(options.tmux);
  if (found.outcome === 'failed') return found;
  const directory = await privateDirectory(options.runDirectory);
  const configuration = join(directory, 'tmux.conf');
  await writeFile(configuration, CONFIGURATION, { mode: 0o600 });
  return {
    outcome: 'ready',
    ground: { tmux: found.path, endWithUs: await endWithUs(), version: found.version, directory, configuration },
  };
}

/**
 * After a kill -9 of our program, tmux waits for ever to write what its control client had not read yet, and until then
 * reads no more from the agent, which blocks. So the client is to die with us (Linux; elsewhere `adopt` frees the agent).
 */
async function endWithUs(): Promise<string[]> {
  const setpriv = process.platform === 'linux' ? await onPath('setpriv', '/usr/bin:/bin') : null;
  if (setpriv === null) return [];
  const words = [setpriv, '--pdeathsig', 'KILL'];
  return new Promise((done) => {
    // Not every setpriv knows the option (busybox).
    execFile(setpriv, [...words.slice(1), '/bin/true'], { env: {} }, (error) => done(error === null ? words : []));
  });
}

/** The environment is empty, for tmux hands on all it has; a session made by this client begins in `cwd`. */
export function runTmux(ground: Ground, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((done, fail) => {
    execFile(ground.tmux, args, { env: {}, cwd, timeout: TMUX_TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else fail(new Error(stderr.trim() || error.message, { cause: error }));
    });
  });
}
