/** The frame of every benchmark: noise before and after, rows as a table and as JSON, and everything cleaned up at the end. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Calibration, calibrate, drifts } from './noise.ts';
import { shown } from './statistics.ts';

export interface Row {
  what: string;
  value: number;
  unit: string;
  /** What `value` is compared with, measured in the same run. */
  floor?: { what: string; value: number };
  /** `value` ÷ `floor`, as the median over rounds where there are rounds. */
  ratio?: number;
  goal?: string;
  /** Left out where there is no goal. */
  met?: boolean;
  /** Numbers behind it, only for the JSON. */
  detail?: unknown;
}

export interface Workload {
  say(line: string): void;
  row(row: Row): void;
  /** Something the reader has to know about the rows. */
  note(line: string): void;
  /** The rows may not be quoted, for this reason. */
  noisy(reason: string): void;
  /** Ends what was started; called in reverse order, also after a failure or Ctrl-C. */
  own(end: () => Promise<unknown> | void): void;
}

/** Runs a workload, prints and writes what it found; the process ends with status 1 when it failed. */
export async function runWorkload(
  name: string,
  title: string,
  work: (workload: Workload) => Promise<void>,
): Promise<void> {
  const rows: Row[] = [];
  const notes: string[] = [];
  const reasons: string[] = [];
  const ends: (() => Promise<unknown> | void)[] = [];
  let ending: Promise<void> | undefined;
  const endAll = () => (ending ??= endInOrder(ends));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      say(`${signal}: cleaning up`);
      void endAll().finally(() => process.exit(130));
    });
  }

  const before = calibrate();
  say(`before: ${described(before)}`);
  try {
    await work({
      say,
      row: (row) => void rows.push(row),
      note: (line) => void notes.push(line),
      noisy: (reason) => void reasons.push(reason),
      own: (end) => void ends.push(end),
    });
    const after = calibrate();
    say(`after:  ${described(after)}`);
    reasons.push(...drifts(before, after));
    const noisy = reasons.length > 0;
    printTable(title, rows, noisy);
    for (const line of notes) console.log(`  ${line}`);
    if (noisy) console.log(`  noisy, do not quote: ${reasons.join('; ')}`);
    writeResults(name, { title, noisy, reasons, before, after, machine: machine(), rows, notes });
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    await endAll();
  }
  // A pool or a timer of the product must not keep a benchmark that is done.
  process.exit();
}

function say(line: string): void {
  console.log(`  ${line}`);
}

async function endInOrder(ends: readonly (() => Promise<unknown> | void)[]): Promise<void> {
  for (const end of ends.toReversed()) {
    try {
      await end();
    } catch (error) {
      console.error('cleaning up:', error);
      process.exitCode = 1;
    }
  }
}

function described({ load, fibonacciMs, fdatasyncMs }: Calibration): string {
  return `load ${load.toFixed(1)}, fib(28) ${fibonacciMs.toFixed(2)} ms, fdatasync ${fdatasyncMs.toFixed(2)} ms`;
}

function printTable(title: string, rows: readonly Row[], noisy: boolean): void {
  const cells = rows.map((row) => [
    row.what,
    `${shown(row.value)} ${row.unit}`,
    row.floor ? `${shown(row.floor.value)} ${row.floor.what}` : '',
    row.ratio === undefined ? '' : `${shown(row.ratio)}×`,
    row.goal ?? '',
    `${row.met === undefined ? '' : row.met ? 'met' : 'missed'}${noisy ? ' noisy' : ''}`.trim(),
  ]);
  const table = [['', 'measured', 'compared with', 'ratio', 'goal', ''], ...cells];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((line) => line[column]!.length)));
  console.log(`\n${title}`);
  for (const line of table)
    console.log(
      `  ${line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd()}`,
    );
}

function writeResults(name: string, results: object): void {
  const directory = path.resolve(import.meta.dirname, '../../bench-results');
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    path.join(directory, `${name}.json`),
    `${JSON.stringify({ name, at: new Date().toISOString(), ...results }, null, 2)}\n`,
  );
}

function machine(): object {
  return {
    cores: os.availableParallelism(),
    cpu: os.cpus()[0]?.model,
    memoryMb: Math.round(os.totalmem() / 2 ** 20),
    system: `${os.type()} ${os.release()}`,
    node: process.version,
    tmux: version('tmux', ['-V']),
  };
}

function version(program: string, args: string[]): string | null {
  try {
    return execFileSync(program, args, { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}
