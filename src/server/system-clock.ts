/** The real clock and the real ids. */
import { randomFillSync } from 'node:crypto';
import type { Clock, IdSource } from '../ports/clock.ts';

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve('aborted');
      const onAbort = () => {
        clearTimeout(timer);
        resolve('aborted');
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve('elapsed');
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};

/** Asked for in one go: each question to the system takes longer than the whole rest of an id. */
const pool = Buffer.alloc(4096);
let used = pool.length;

function random(bytes: number): Buffer {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.subarray(used - bytes, used);
}

/** UUIDv7 that grow also within a millisecond of this process, so that ids sort by creation. */
export function createIdSource(clock: Clock = systemClock): IdSource {
  let lastMs = 0;
  let counter = 0;
  return {
    next() {
      const ms = Math.max(clock.now().getTime(), lastMs);
      counter = ms === lastMs ? counter + 1 : random(2).readUInt16BE() & 0x3ff;
      if (counter > 0xfff) {
        lastMs = ms + 1;
        counter = 0;
      } else lastMs = ms;
      const last = random(8);
      last[0] = ((last[0] ?? 0) & 0x3f) | 0x80;
      const time = lastMs.toString(16).padStart(12, '0');
      const tail = last.toString('hex');
      return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${tail.slice(0, 4)}-${tail.slice(4)}`;
    },
  };
}
