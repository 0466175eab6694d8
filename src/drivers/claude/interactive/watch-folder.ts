/** Tells when something in a folder has changed: no work at all while nothing does. */
import { watch, type FSWatcher } from 'node:fs';

const WITHOUT_WATCH_MS = 500; // only when the system has no watches left

export function watchFolder({ directory, onChange }: { directory: string; onChange: () => void }): { close(): void } {
  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  const lookByTime = (): void => {
    timer ??= setInterval(onChange, WITHOUT_WATCH_MS).unref();
  };
  try {
    watcher = watch(directory, { persistent: false }, onChange);
    watcher.on('error', lookByTime);
  } catch {
    lookByTime();
  }
  return {
    close() {
      watcher?.close();
      clearInterval(timer);
    },
  };
}
