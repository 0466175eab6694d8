/** Follows a shell's journal file: no work at all while the shell is silent. */
import { closeSync, openSync, readSync, watch, type FSWatcher } from 'node:fs';
import { applyRecord, emptyView, parseRecord, type JournalRecord, type ShellView } from './shell-journal.ts';

const WITHOUT_WATCH_MS = 500; // only when the system has no watches left

export interface Journal {
  readonly view: ShellView;
  /** Reads what is there now; everything is also read by itself soon after it was written. */
  catchUp(): void;
  /** True as soon as it is so, false after maxMs or when closed. */
  until(isSo: (view: ShellView) => boolean, maxMs: number): Promise<boolean>;
  close(): void;
}

export function watchJournal({ file, onRecord }: { file: string; onRecord: (record: JournalRecord) => void }): Journal {
  const view = emptyView();
  const waiters = new Set<() => void>();
  const fd = openSync(file, 'r');
  const chunk = Buffer.alloc(64 * 1024);
  let rest = '';
  let closed = false;
  // What is already written is history: told by the view, not as news.
  let news = false;

  const catchUp = (): void => {
    if (closed) return;
    for (
      let read = readSync(fd, chunk, 0, chunk.length, null);
      read > 0;
      read = readSync(fd, chunk, 0, chunk.length, null)
    ) {
      const lines = (rest + chunk.toString('latin1', 0, read)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const record = parseRecord(line);
        if (!record) continue;
        applyRecord(view, record);
        if (news) onRecord(record);
      }
    }
    for (const check of waiters) check();
  };

  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  const lookByTime = (): void => {
    timer ??= setInterval(catchUp, WITHOUT_WATCH_MS).unref();
  };
  try {
    watcher = watch(file, { persistent: false }, catchUp);
    watcher.on('error', lookByTime);
  } catch {
    lookByTime();
  }
  // After the watch, so that nothing falls between.
  catchUp();
  news = true;

  return {
    view,
    catchUp,
    async until(isSo, maxMs) {
      catchUp();
      if (isSo(view) || closed) return isSo(view);
      return new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(limit);
          waiters.delete(check);
          resolve(isSo(view));
        };
        const check = (): void => {
          if (isSo(view) || closed) finish();
        };
        const limit = setTimeout(() => {
          catchUp();
          finish();
        }, maxMs);
        waiters.add(check);
      });
    },
    close() {
      if (closed) return;
      closed = true;
      watcher?.close();
      clearInterval(timer);
      closeSync(fd);
      for (const check of waiters) check();
    },
  };
}
