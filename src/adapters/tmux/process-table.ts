/** What runs on this machine: one pass over /proc, or over `ps` where there is none. Ends nothing. */
import { execFile } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';

export interface ProcessRow {
  pid: number;
  parent: number;
  /** Kernel clock ticks since boot (seconds of the calendar without /proc); with the pid it names one process for ever. */
  startTicks: number;
  /** CPU used by it and by those children it has waited for, in seconds. */
  cpuSeconds: number;
  /** Resident bytes. */
  memory: number;
  /** Ended, but its parent has not asked for the status yet. */
  zombie: boolean;
}

export type ProcessTable = ReadonlyMap<number, ProcessRow>;

const HAS_PROC = existsSync('/proc/self/stat');
const TICKS_PER_SECOND = 100; // USER_HZ, fixed in Linux's interface to programs on every platform Node runs on
const SLICE_MS = 4; // a keystroke on its way to a terminal waits no longer than this for us
const PAGE_BYTES = HAS_PROC ? pageBytes() : 0;
const scratch = Buffer.allocUnsafe(4096);

/** Reads in slices of a few milliseconds and lets everything else run between them. */
export async function readProcessTable(): Promise<ProcessTable> {
  if (!HAS_PROC) return readPs();
  const table = new Map<number, ProcessRow>();
  await eachProcess((pid) => {
    const row = readStat(pid);
    if (row !== null) table.set(pid, row);
  });
  return table;
}

/** Null when there is no such process, or it has ended already and only waits for its parent. */
export async function readStartTicks(pid: number): Promise<number | null> {
  const row = HAS_PROC ? readStat(pid) : (await readPs(['-p', String(pid)])).get(pid);
  return row == null || row.zombie ? null : row.startTicks;
}

/** True also for a zombie. Costs one system call. */
export function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it exists and belongs to somebody else
  }
}

/** Looks at one process again and again for a few microseconds each; a pid that is used anew does not deceive it. */
export class LifeWatch {
  readonly #pid: number;
  #file: number | null = null;

  constructor(pid: number) {
    this.#pid = pid;
    try {
      if (HAS_PROC) this.#file = openSync(`/proc/${pid}/stat`, 'r'); // stays with this process, whoever has the pid later
    } catch {
      // it has ended already
    }
  }

  /** 'uncollected': ended, but its parent has not noticed. */
  look(): 'alive' | 'uncollected' | 'gone' {
    if (!HAS_PROC) return pidExists(this.#pid) ? 'alive' : 'gone';
    if (this.#file === null) return 'gone';
    try {
      const length = readSync(this.#file, scratch, 0, scratch.length, 0);
      const state = scratch[scratch.subarray(0, length).lastIndexOf(0x29) + 2]; // behind the closing parenthesis
      return state === 0x5a || state === 0x58 ? 'uncollected' : 'alive';
    } catch {
      return 'gone';
    }
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}

/** Every process whose environment carries this setting, wherever in the tree of processes it has gone. */
export async function processesWithEnvironment(name: string, value: string): Promise<number[]> {
  const setting = `${name}=${value}`;
  const found: number[] = [];
  if (!HAS_PROC) {
    const printed = await run('ps', ['-axEww', '-o', 'pid=,command=']);
    for (const line of printed.split('\n'))
      if (` ${line} `.includes(` ${setting} `)) found.push(Number.parseInt(line, 10));
    return found;
  }
  const first = Buffer.from(`${setting}\0`);
  const later = Buffer.from(`\0${setting}\0`);
  await eachProcess((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`);
      if (environment.subarray(0, first.length).equals(first) || environment.includes(later)) found.push(pid);
    } catch {
      // gone meanwhile, or another user's
    }
  });
  return found;
}

async function eachProcess(visit: (pid: number) => void): Promise<void> {
  let sliceEnd = performance.now() + SLICE_MS;
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!(pid > 0)) continue;
    visit(pid);
    if (performance.now() > sliceEnd) {
      await nextTurn();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }
}

function readStat(pid: number): ProcessRow | null {
  let text: string;
  try {
    const file = openSync(`/proc/${pid}/stat`, 'r');
    try {
      text = scratch.toString('latin1', 0, readSync(file, scratch, 0, scratch.length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return null; // it ended between the listing and now
  }
  // The name stands in parentheses and may hold spaces and parentheses itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]); // numbered as in proc(5)
  return {
    pid,
    parent: field(4),
    startTicks: field(22),
    cpuSeconds: (field(14) + field(15) + field(16) + field(17)) / TICKS_PER_SECOND,
    memory: field(24) * PAGE_BYTES,
    zombie: fields[0] === 'Z' || fields[0] === 'X',
  };
}

function pageBytes(): number {
  const found = /^KernelPageSize:\s+(\d+) kB/m.exec(readFileSync('/proc/self/smaps', 'utf8'));
  return Number(found?.[1] ?? 4) * 1024;
}

async function readPs(which: readonly string[] = ['-ax']): Promise<ProcessTable> {
  const table = new Map<number, ProcessRow>();
  for (const line of (await run('ps', [...which, '-o', 'pid=,ppid=,rss=,state=,time=,lstart='])).split('\n')) {
    const [pid, parent, rss, state = '', time = '', ...started] = line.trim().split(/\s+/);
    if (pid === undefined || pid === '') continue;
    table.set(Number(pid), {
      pid: Number(pid),
      parent: Number(parent),
      startTicks: Date.parse(started.join(' ')) / 1000,
      cpuSeconds: time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0),
      memory: Number(rss) * 1024,
      zombie: state.startsWith('Z'),
    });
  }
  return table;
}

function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    // ps answers with an error when a pid is gone: then nothing was found.
    execFile(program, args, { env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' }, maxBuffer: 64 << 20 }, (_error, stdout) =>
      resolve(stdout),
    );
  });
}
