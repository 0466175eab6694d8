/** What every TaskQueue must do, as sentences. Run by the tests of each implementation. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TaskQueue } from './task-queue.ts';

export interface TaskQueuePlace {
  /** Another process, as it were: a queue with connections of its own over the same jobs. */
  open(): Promise<TaskQueue>;
  /** How many jobs of a name are stored, in whatever state. */
  stored(name: string): Promise<number>;
  /** Another process that takes a job of the name and never ends it; resolves when it has one. */
  hold(name: string): Promise<{ kill(): Promise<void> }>;
  /** Cuts every connection, as a restart of the server does. */
  cutConnections(): Promise<void>;
}

export function taskQueueConformance(subject: string, place: () => TaskQueuePlace): void {
  describe(`${subject} as a task queue`, () => {
    let queue: TaskQueue;
    let other: TaskQueue;
    let name: string;
    beforeEach(async () => {
      name = `test-${randomUUID()}`;
      [queue, other] = await Promise.all([place().open(), place().open()]);
    });
    afterEach(async () => {
      await Promise.all([queue.close(), other.close()]);
    });

    it('runs a job within milliseconds when a worker is idle', async () => {
      const heard = new Map<string, () => void>();
      await other.work(name, { concurrency: 1 }, async ({ key }) => heard.get(key)?.());
      const waits: number[] = [];
      for (let i = 0; i < 21; i++) {
        const { promise, resolve } = Promise.withResolvers<void>();
        heard.set(`key-${i}`, resolve);
        const from = performance.now();
        await queue.enqueue({ name, key: `key-${i}` });
        await promise;
        waits.push(performance.now() - from);
      }
      // A few ms on a quiet machine; polling every second would show.
      expect(waits.toSorted((a, b) => a - b)[10]).toBeLessThan(250);
    });

    it('runs what was enqueued before anybody worked', async () => {
      await queue.enqueue({ name, key: 'early' });
      const seen: string[] = [];
      await other.work(name, { concurrency: 1 }, async ({ key }) => void seen.push(key));
      await until(() => seen.length === 1);
      expect(seen).toEqual(['early']);
    });

    it('hands over the job as it was enqueued, whatever its key holds', async () => {
      const keys = ['plain', 'with:colons', 'ünïcødé 🎉', "'; drop table job; --", 'x'.repeat(500)];
      const seen: object[] = [];
      await queue.work(name, { concurrency: 1 }, async (job) => void seen.push(job));
      for (const key of keys) await queue.enqueue({ name, key });
      await until(() => seen.length === keys.length);
      expect(seen).toEqual(keys.map((key) => ({ name, key })));
    });

    it('keeps one job of a key while it waits', async () => {
      for (let i = 0; i < 5; i++) await queue.enqueue({ name, key: 'same' });
      await other.enqueue({ name, key: 'same' });
      await queue.enqueue({ name, key: 'last' });
      const seen: string[] = [];
      await queue.work(name, { concurrency: 1 }, async ({ key }) => void seen.push(key));
      await until(() => seen.includes('last'));
      expect(seen).toEqual(['same', 'last']);
    });

    it('runs a key again, once, when it was enqueued while it ran', async () => {
      const gate = Promise.withResolvers<void>();
      const seen: string[] = [];
      await queue.work(name, { concurrency: 2 }, async ({ key }) => {
        seen.push(key);
        if (seen.length === 1) await gate.promise;
      });
      await queue.enqueue({ name, key: 'same' });
      await until(() => seen.length === 1);
      for (const from of [queue, other, queue, other]) await from.enqueue({ name, key: 'same' });
      gate.resolve();
      await until(() => seen.length === 2);
      await queue.enqueue({ name, key: 'last' });
      await until(() => seen.includes('last'));
      expect(seen).toEqual(['same', 'same', 'last']);
    });

    it('loses no wake-up and never runs a key twice at once, while two workers finish and others enqueue', async () => {
      const wanted = new Map<string, number>();
      const done = new Map<string, number>();
      const running = new Set<string>();
      const together: string[] = [];
      const handle = async ({ key }: { key: string }) => {
        if (running.has(key)) together.push(key);
        running.add(key);
        const seen = wanted.get(key) ?? 0;
        await sleep(Math.random() * 3);
        running.delete(key);
        done.set(key, Math.max(seen, done.get(key) ?? 0));
      };
      await queue.work(name, { concurrency: 3 }, handle);
      await other.work(name, { concurrency: 3 }, handle);
      const writer = async (index: number) => {
        for (let i = 0; i < 60; i++) {
          const key = `key-${(index + i) % 3}`;
          wanted.set(key, (wanted.get(key) ?? 0) + 1);
          await (i % 2 ? queue : other).enqueue({ name, key });
          if (i % 7 === 0) await sleep(Math.random() * 4);
        }
      };
      await Promise.all([0, 1, 2, 3].map(writer));
      await until(() => [...wanted].every(([key, value]) => done.get(key) === value));
      expect(together).toEqual([]);
    });

    it('gives each job to the workers of its name only', async () => {
      const seen: string[] = [];
      await queue.work(name, { concurrency: 1 }, async () => void seen.push('one'));
      await queue.work(`${name}-b`, { concurrency: 1 }, async () => void seen.push('two'));
      await other.enqueue({ name: `${name}-b`, key: 'same' });
      await until(() => seen.length === 1);
      await other.enqueue({ name, key: 'same' });
      await until(() => seen.length === 2);
      expect(seen).toEqual(['two', 'one']);
    });

    it('runs as many at once as it was told, and no more', async () => {
      const gate = Promise.withResolvers<void>();
      let running = 0;
      let most = 0;
      let ended = 0;
      await queue.work(name, { concurrency: 3 }, async () => {
        most = Math.max(most, ++running);
        await gate.promise;
        running--;
        ended++;
      });
      for (let i = 0; i < 8; i++) await queue.enqueue({ name, key: `key-${i}` });
      await until(() => running === 3);
      gate.resolve();
      await until(() => ended === 8);
      expect(most).toBe(3);
    });

    it('lets a second worker take what the first has no room for', async () => {
      const gate = Promise.withResolvers<void>();
      const seen: string[] = [];
      await queue.work(name, { concurrency: 1 }, async () => {
        seen.push('first');
        await gate.promise;
      });
      await queue.enqueue({ name, key: 'a' });
      await until(() => seen.length === 1);
      await other.work(name, { concurrency: 1 }, async () => void seen.push('second'));
      await queue.enqueue({ name, key: 'b' });
      await until(() => seen.length === 2);
      gate.resolve();
      expect(seen).toEqual(['first', 'second']);
    });

    it('tries a handler that throws again, each time after a pause', async () => {
      const times: number[] = [];
      await queue.work(name, { concurrency: 1 }, async () => {
        times.push(performance.now());
        if (times.length < 4) throw new Error('not yet');
      });
      await queue.enqueue({ name, key: 'stubborn' });
      await until(() => times.length === 4);
      const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      expect(Math.min(...pauses)).toBeGreaterThan(100);
      await until(async () => (await place().stored(name)) === 0);
    });

    it('does not lose a key that was enqueued while its handler was about to throw', async () => {
      const gate = Promise.withResolvers<void>();
      let wanted = 1;
      let done = 0;
      let runs = 0;
      await queue.work(name, { concurrency: 1 }, async () => {
        const seen = wanted;
        if (++runs === 1) {
          await gate.promise;
          throw new Error('the first time');
        }
        done = seen;
      });
      await queue.enqueue({ name, key: 'same' });
      await until(() => runs === 1);
      wanted = 2;
      await other.enqueue({ name, key: 'same' });
      gate.resolve();
      await until(() => done === 2);
    });

    it('goes on with other keys while one waits for its next try', async () => {
      const seen: string[] = [];
      await queue.work(name, { concurrency: 1 }, async ({ key }) => {
        seen.push(key);
        if (key === 'broken') throw new Error('for ever');
      });
      await queue.enqueue({ name, key: 'broken' });
      await until(() => seen.filter((key) => key === 'broken').length === 3);
      await queue.enqueue({ name, key: 'well' });
      await until(() => seen.includes('well'));
    });

    it('keeps nothing of a job that is done', async () => {
      let ran = 0;
      await queue.work(name, { concurrency: 5 }, async () => void ran++);
      await Promise.all(Array.from({ length: 100 }, (_, i) => queue.enqueue({ name, key: `key-${i}` })));
      await until(() => ran === 100);
      await until(async () => (await place().stored(name)) === 0);
    });

    it('aborts the signal of a running handler when stopped, and waits for it', async () => {
      const events: string[] = [];
      const worker = await queue.work(name, { concurrency: 1 }, async (_job, signal) => {
        events.push('started');
        await aborted(signal);
        await sleep(20);
        events.push('ended');
      });
      await queue.enqueue({ name, key: 'long' });
      await until(() => events.length === 1);
      await worker.stop();
      expect(events).toEqual(['started', 'ended']);
      // It returned, so it is done.
      await until(async () => (await place().stored(name)) === 0);
    });

    it('gives a job whose handler threw because of the stop to another worker at once', async () => {
      const seen: string[] = [];
      const worker = await queue.work(name, { concurrency: 1 }, async (_job, signal) => {
        seen.push('first');
        await aborted(signal);
        throw signal.reason;
      });
      await queue.enqueue({ name, key: 'moved' });
      await until(() => seen.length === 1);
      await other.work(name, { concurrency: 1 }, async () => void seen.push('second'));
      await worker.stop();
      await until(() => seen.length === 2);
      expect(seen).toEqual(['first', 'second']);
    });

    it('takes nothing more once it has stopped', async () => {
      const seen: string[] = [];
      const worker = await queue.work(name, { concurrency: 1 }, async () => void seen.push('first'));
      await Promise.all([worker.stop(), worker.stop()]);
      await queue.enqueue({ name, key: 'later' });
      await other.work(name, { concurrency: 1 }, async () => void seen.push('second'));
      await until(() => seen.length === 1);
      expect(seen).toEqual(['second']);
    });

    it('closes with its workers, and refuses jobs from then on', async () => {
      let ended = false;
      const { promise, resolve } = Promise.withResolvers<void>();
      await queue.work(name, { concurrency: 1 }, async (_job, signal) => {
        resolve();
        await aborted(signal);
        ended = true;
      });
      await queue.enqueue({ name, key: 'long' });
      await promise;
      await queue.close();
      expect(ended).toBe(true);
      await expect(queue.enqueue({ name, key: 'late' })).rejects.toThrow('closed');
      await queue.close();
    });

    it('runs the job of a killed process again within 15 seconds, and what was enqueued meanwhile', async () => {
      await queue.enqueue({ name, key: 'same' });
      const holder = await place().hold(name);
      await other.enqueue({ name, key: 'same' });
      await holder.kill();
      let runs = 0;
      await queue.work(name, { concurrency: 1 }, async () => void runs++);
      await until(() => runs === 2, 15_000);
      await until(async () => (await place().stored(name)) === 0);
    });

    it('goes on after every connection was cut', async () => {
      const seen = new Set<string>();
      await queue.work(name, { concurrency: 2 }, async ({ key }) => void seen.add(key));
      await queue.enqueue({ name, key: 'before' });
      await until(() => seen.has('before'));
      await place().cutConnections();
      await until(async () => {
        await other.enqueue({ name, key: 'after' });
        return true;
      });
      await until(() => seen.has('after'));
    });

    it('finishes a job during which every connection was cut', async () => {
      const gate = Promise.withResolvers<void>();
      let runs = 0;
      await queue.work(name, { concurrency: 1 }, async () => {
        if (++runs === 1) await gate.promise;
      });
      await queue.enqueue({ name, key: 'same' });
      await until(() => runs === 1);
      await place().cutConnections();
      gate.resolve();
      await until(async () => (await place().stored(name)) === 0, 20_000);
      expect(runs).toBeLessThanOrEqual(2);
    });
  });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Resolves when it holds; a check that throws does not hold yet. */
async function until(holds: () => boolean | Promise<boolean>, withinMs = 15_000): Promise<void> {
  const end = performance.now() + withinMs;
  for (;;) {
    let reason: unknown;
    try {
      if (await holds()) return;
    } catch (error) {
      reason = error;
    }
    if (performance.now() > end)
      throw new Error(`still not so after ${withinMs} ms: ${String(holds)}`, { cause: reason });
    await sleep(5);
  }
}
