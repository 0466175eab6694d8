/** Lets callers wait until something is so, looking again each time that something has changed. */

export interface Notice {
  changed(): void;
  /** True as soon as it is so, false after maxMs or when closed. */
  until(isSo: () => boolean, maxMs: number): Promise<boolean>;
  close(): void;
}

export function createNotice(): Notice {
  const looks = new Set<() => void>();
  let closed = false;
  return {
    changed() {
      for (const look of looks) look();
    },
    async until(isSo, maxMs) {
      if (isSo() || closed) return isSo();
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(limit);
          looks.delete(look);
          resolve(isSo());
        };
        const look = (): void => {
          if (isSo() || closed) end();
        };
        const limit = setTimeout(end, maxMs);
        looks.add(look);
      });
    },
    close() {
      closed = true;
      for (const look of looks) look();
    },
  };
}
