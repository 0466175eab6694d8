/** Lets work that must not overlap wait for its turn. */

export type OneAtATime = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Runs the work of one key one after another: git's own locks make a second one fail, not wait. */
export function oneAtATimeByKey(): OneAtATime {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const next = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, next);
    const forget = () => {
      if (last.get(key) === next) last.delete(key);
    };
    next.then(forget, forget);
    return next;
  };
}
