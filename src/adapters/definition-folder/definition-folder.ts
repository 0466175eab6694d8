/** Definition files in a directory, which may be a link to one elsewhere, such as the agents of a repository. */
import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { DefinitionFolder, DefinitionText } from '../../ports/definition-folder.ts';

const LARGEST_BYTES = 1_048_576;
/** An editor writes in several steps; half a file is not worth a report. */
const AT_REST_AFTER_MS = 50;
/** Only where the system has no watches left. */
const LOOK_EVERY_MS = 2_000;

export function createDefinitionFolder(directory: string): DefinitionFolder {
  const at = (file: string) => path.join(directory, file);
  return {
    async read() {
      const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
      const files = names.filter((name) => /^[^.].*\.md$/.test(name) && name !== 'README.md').toSorted();
      return (await Promise.all(files.map((file) => readText(at(file), file)))).filter((file) => file !== null);
    },
    async write(file, text) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      // A link stays one: what it points to is written.
      const target = await realpath(at(file)).catch(() => at(file));
      const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${process.pid}.tmp`);
      await writeFile(temporary, text, { mode: 0o600 });
      await rename(temporary, target);
    },
    remove: (file) => rm(at(file), { force: true }),
    watch: (onChange) => watchDirectory(directory, onChange),
  };
}

/** Null for what is no file, or was removed meanwhile. A pipe is never opened. */
async function readText(place: string, file: string): Promise<DefinitionText | null> {
  try {
    const found = await stat(place);
    if (!found.isFile()) return null;
    if (found.size > LARGEST_BYTES) return { file, text: '', unreadable: 'The file is larger than 1 MiB.' };
    const bytes = await readFile(place);
    return { file, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    return {
      file,
      text: '',
      unreadable: code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'The file is not UTF-8.' : message,
    };
  }
}

function watchDirectory(directory: string, onChange: () => void): { close(): void } {
  let watcher: FSWatcher | undefined;
  let rest: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;
  const changed = (): void => {
    clearTimeout(rest);
    rest = setTimeout(onChange, AT_REST_AFTER_MS).unref();
  };
  const lookByTime = (): void => {
    looking ??= setInterval(onChange, LOOK_EVERY_MS).unref();
  };
  try {
    watcher = watch(directory, { persistent: false }, changed);
    watcher.on('error', lookByTime);
  } catch {
    lookByTime();
  }
  return {
    close() {
      watcher?.close();
      clearTimeout(rest);
      clearInterval(looking);
    },
  };
}
