/** Finds tmux and says whether it is one we can work with; starts nothing but `tmux -V`. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface TmuxVersion {
  major: number;
  minor: number;
  /** As tmux prints it: `3.3a`, `next-3.8`. */
  name: string;
}

export type FindTmuxOutcome =
  | { outcome: 'found'; path: string; version: TmuxVersion }
  | { outcome: 'failed'; code: 'TMUX_MISSING' | 'TMUX_TOO_OLD'; reason: string };

const HOW_TO_INSTALL = 'Install tmux 3.2 or newer (Debian: apt-get install tmux; macOS: brew install tmux).';

/** `name` is a program looked for on PATH, or a path. */
export async function findTmux(name = 'tmux'): Promise<FindTmuxOutcome> {
  const path = name.includes('/') ? name : await onPath(name, process.env.PATH ?? '');
  if (path === null)
    return { outcome: 'failed', code: 'TMUX_MISSING', reason: `tmux was not found on PATH. ${HOW_TO_INSTALL}` };
  const printed = await new Promise<string | null>((resolve) => {
    execFile(path, ['-V'], { env: {}, timeout: 10_000 }, (error, stdout) => resolve(error === null ? stdout : null));
  });
  const version = printed === null ? null : parseTmuxVersion(printed);
  if (version === null)
    return {
      outcome: 'failed',
      code: 'TMUX_MISSING',
      reason: `${path} does not say that it is tmux. ${HOW_TO_INSTALL}`,
    };
  if (!atLeast(version, 3, 2)) {
    return { outcome: 'failed', code: 'TMUX_TOO_OLD', reason: `${path} is tmux ${version.name}. ${HOW_TO_INSTALL}` };
  }
  return { outcome: 'found', path, version };
}

/** Null when the text is not what `tmux -V` prints. A build from master (`tmux master`) counts as newest. */
export function parseTmuxVersion(printed: string): TmuxVersion | null {
  const found = /^tmux (?:(?:next-|openbsd-)?(\d+)\.(\d+)\S*|master)\s*$/.exec(printed);
  if (found === null) return null;
  const name = printed.trim().slice('tmux '.length);
  return { major: Number(found[1] ?? 99), minor: Number(found[2] ?? 0), name };
}

export function atLeast(version: TmuxVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}

/** The first executable of this name in a PATH, or null. */
export async function onPath(name: string, path: string): Promise<string | null> {
  for (const directory of path.split(delimiter)) {
    if (directory === '') continue;
    const candidate = join(directory, name);
    try {
      await access(candidate, constants.X_OK);
      return candidate;
    } catch {
      // the next directory may have it
    }
  }
  return null;
}
