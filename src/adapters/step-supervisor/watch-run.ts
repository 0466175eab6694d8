/** Waits for the next change in a directory, without asking again and again. */
import { watch, type FSWatcher } from 'node:fs';

export interface DirectoryWatch {
  /** Resolves at a change since the last call, and at the latest after maxMs. */
  next(maxMs: number, signal?: AbortSignal): Promise<void>;
  close(): void;
}

export function watchDirectory(path: string): DirectoryWatch {
  let changed = false;
  let wake: (() => void) | undefined;
  const note = (): void => {
    changed = true;
    wake?.();
  };
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(path, note);
    watcher.on('error', note);
  } catch {
    // Out of inotify watches, or the directory is gone: the caller's maxMs is what is left.
  }
  return {
    async next(maxMs, signal) {
      if (changed || signal?.aborted) {
        changed = false;
        return;
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, maxMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        signal?.addEventListener('abort', wake, { once: true });
      });
      if (wake) signal?.removeEventListener('abort', wake);
      wake = undefined;
      changed = false;
    },
    close: () => watcher?.close(),
  };
}
