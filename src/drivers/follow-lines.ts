/**
 * Follows a file of lines that another process appends to; also what was written while nobody looked.
 * No work at all while nothing is written.
 */
import { type FSWatcher, closeSync, openSync, readSync, watch } from 'node:fs';

const WITHOUT_WATCH_MS = 500; // only when the system has no watches left

export interface FollowedLines {
  /** Bytes of whole lines read so far. */
  readonly offset: number;
  /** Reads what is there now; everything is also read by itself soon after it was written. */
  catchUp(): void;
  /** True as soon as it is so, false after maxMs or when closed. */
  until(isSo: () => boolean, maxMs: number): Promise<boolean>;
  close(): void;
}

/**
 * `onLine` gets each whole line from `offset` on, with the byte after it as `end`, and `news` false for those that stood
 * there at the beginning.
 */
export function followLines(options: {
  file: string;
  offset: number;
  /** `latin1` keeps the bytes of whoever wrote text in another encoding. */
  encoding?: 'utf8' | 'latin1';
  onLine: (line: string, about: { news: boolean; end: number }) => void;
}): FollowedLines {
  const waiters = new Set<() => void>();
  const fd = openSync(options.file, 'r');
  const chunk = Buffer.alloc(64 * 1024);
  let rest: Buffer = Buffer.alloc(0);
  let position = options.offset;
  let closed = false;
  let news = false;

  const catchUp = (): void => {
    if (closed) return;
    // Whoever hears a line may close us.
    while (!closed) {
      const read = readSync(fd, chunk, 0, chunk.length, position);
      if (read === 0) break;
      position += read;
      rest = Buffer.concat([rest, chunk.subarray(0, read)]);
      for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
        const line = rest.toString(options.encoding ?? 'utf8', 0, end);
        rest = rest.subarray(end + 1);
        if (line !== '') options.onLine(line, { news, end: position - rest.length });
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
    watcher = watch(options.file, { persistent: false }, catchUp);
    watcher.on('error', lookByTime);
  } catch {
    lookByTime();
  }
  // After the watch, so that nothing falls between.
  catchUp();
  news = true;

  return {
    get offset() {
      return position - rest.length;
    },
    catchUp,
    async until(isSo, maxMs) {
      catchUp();
      if (isSo() || closed) return isSo();
      return new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(limit);
          waiters.delete(check);
          resolve(isSo());
        };
        const check = (): void => {
          if (isSo() || closed) finish();
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
