/**
 * Gives the disk space of the middle of a very long output back. The file keeps its length and both its ends, so
 * whoever reads or writes it notices nothing: what is read there is what a hole gives.
 */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

/** More than the log and the result take from either end. */
const HEAD_BYTES = 16 * 1024 * 1024;
const TAIL_BYTES = 16 * 1024 * 1024;
/** A hole costs a process; not for every page. */
const WORTH_A_HOLE_BYTES = 32 * 1024 * 1024;
/** Short steps are never looked at. */
const EVERY_MS = 250;

const run = promisify(execFile);

export interface OutputBound {
  /** Looks at the file, unless it did a moment ago, and makes a hole where it has grown too long. */
  look(): Promise<void>;
}

export function boundOutput(file: string): OutputBound {
  let kept = HEAD_BYTES;
  let possible = true;
  let looked = Date.now();
  return {
    async look() {
      if (!possible || Date.now() < looked + EVERY_MS) return;
      looked = Date.now();
      const size = await stat(file).then(
        (found) => found.size,
        () => 0, // not there yet, or not any more
      );
      const end = size - TAIL_BYTES;
      if (end - kept < WORTH_A_HOLE_BYTES) return;
      const place = ['--offset', String(kept), '--length', String(end - kept)];
      try {
        await run('fallocate', ['--punch-hole', ...place, file]);
        kept = end;
      } catch {
        possible = false; // a system or a file system without holes: the output takes what it takes
      }
    },
  };
}
