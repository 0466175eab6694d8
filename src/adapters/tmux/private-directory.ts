/** Where the sockets and our short-lived files lie: private, and of a path that tmux can take as it is. */
import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PointsmanError } from '../../contract/errors.ts';

/** sockaddr_un holds 104 bytes on macOS, 108 on Linux; a session's socket adds a slash, a UUID and `.sock`. */
const LONGEST_BYTES = 103 - (1 + 36 + '.sock'.length);

/** tmux expands `#`, `%`, `~` and quotes in the paths it is told: with only these characters there is nothing to expand. */
const PLAIN = /^\/[\w./+@-]*$/;

/** The run directory itself, or for a path that is too long or not plain a short one that follows from it. */
export async function privateDirectory(runDirectory: string): Promise<string> {
  const wanted = resolve(runDirectory);
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  const fits = isUsable(wanted);
  const directory = fits ? wanted : shortDirectory(wanted);
  if (!fits) await mkdir(directory, { recursive: true, mode: 0o700 });
  const found = await lstat(directory);
  // Somebody else may have made the one under the temporary directory before us.
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
    throw new PointsmanError('HOME_UNWRITABLE', {
      detail: `${directory} must be a directory of this user with mode 0700.`,
    });
  }
  return directory;
}

/** The socket of one agent's tmux server, without touching anything. */
export function socketOf(runDirectory: string, agentId: string): string {
  const wanted = resolve(runDirectory);
  return join(isUsable(wanted) ? wanted : shortDirectory(wanted), `${agentId}.sock`);
}

function isUsable(directory: string): boolean {
  return PLAIN.test(directory) && Buffer.byteLength(directory) <= LONGEST_BYTES;
}

export function shortDirectory(runDirectory: string): string {
  const name = `pointsman-${createHash('sha256').update(runDirectory).digest('hex').slice(0, 16)}`;
  const temporary = tmpdir();
  const fits = PLAIN.test(temporary) && Buffer.byteLength(temporary) + 1 + name.length <= LONGEST_BYTES;
  return join(fits ? temporary : '/tmp', name);
}
