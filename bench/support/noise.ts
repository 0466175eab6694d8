/** What else the machine was doing: load, and two little works that take longer when somebody else is on it. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { driftPercent, median } from './statistics.ts';

/** More than this between before and after, and the rows may not be quoted. */
export const MOST_DRIFT_PERCENT = 25;
const FIBONACCI_ROUNDS = 25;
const FLUSHES = 60;

export interface Calibration {
  /** One minute, as `uptime` says. */
  load: number;
  fibonacciMs: number;
  fdatasyncMs: number;
}

/** Takes about half a second of one core. */
export function calibrate(): Calibration {
  const load = os.loadavg()[0] ?? Number.NaN;
  fibonacci(25); // compiled before it counts
  const fibonacciMs = median(Array.from({ length: FIBONACCI_ROUNDS }, () => timed(() => fibonacci(28))));
  return { load, fibonacciMs, fdatasyncMs: median(flushes()) };
}

/** Empty when the machine was as fast after as before. */
export function drifts(before: Calibration, after: Calibration): string[] {
  const changed = (name: string, from: number, to: number) =>
    driftPercent(from, to) > MOST_DRIFT_PERCENT ? [`${name} ${from.toFixed(2)} → ${to.toFixed(2)} ms`] : [];
  return [
    ...changed('fib(28)', before.fibonacciMs, after.fibonacciMs),
    ...changed('fdatasync', before.fdatasyncMs, after.fdatasyncMs),
  ];
}

function flushes(): number[] {
  const file = path.join(os.tmpdir(), `pointsman-bench-${process.pid}.flush`);
  const descriptor = openSync(file, 'w', 0o600);
  try {
    const block = Buffer.alloc(8192, 1);
    return Array.from({ length: FLUSHES }, () =>
      timed(() => {
        writeSync(descriptor, block);
        fdatasyncSync(descriptor);
      }),
    );
  } finally {
    closeSync(descriptor);
    rmSync(file, { force: true });
  }
}

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function fibonacci(n: number): number {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
