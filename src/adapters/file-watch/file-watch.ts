/** Looks at files by their names, times and sizes. */
import { createHash } from 'node:crypto';
import { glob, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FileMark, FileWatch } from '../../ports/file-watch.ts';

/** Each look reads the times of all; more than this would be a look without end. */
export const MOST_FILES = 10_000;
/** Full of files that nobody writes by hand. */
const LEFT_OUT = new Set(['.git', 'node_modules']);

export function createFileWatch(): FileWatch {
  return {
    async see(pattern) {
      const digest = createHash('sha256');
      const files: FileMark[] = [];
      try {
        const names: string[] = [];
        const exclude = (name: string) => LEFT_OUT.has(path.basename(name));
        for await (const name of glob(pattern, { exclude })) {
          names.push(name);
          if (names.length > MOST_FILES)
            return { outcome: 'unreadable', reason: `More than ${MOST_FILES} files fit ${pattern}; watch fewer.` };
        }
        for (const name of names.toSorted()) {
          const found = await stat(name).catch(() => null); // gone since it was listed
          if (!found?.isFile()) continue;
          digest.update(JSON.stringify([name, found.mtimeMs, found.ctimeMs, found.size, found.ino]));
          files.push({ path: name, modifiedAt: found.mtime.toISOString() });
        }
      } catch (error) {
        return { outcome: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
      }
      return { outcome: 'seen', digest: digest.digest('hex'), files };
    },
  };
}
