/** What processes cost, from /proc: CPU to the nanosecond and the memory that is theirs. Linux only. */
import { readFileSync, readdirSync } from 'node:fs';

const TICK_MS = 10; // USER_HZ is 100 on every Linux that Node runs on

export interface ProcessRow {
  pid: number;
  parent: number;
  /** As `ps -o comm`: tmux calls itself `tmux: server` or `tmux: client`. */
  name: string;
  command: string[];
}

export function processes(): ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = statOf(Number(name));
      const command = read(`/proc/${name}/cmdline`);
      return stat === null || command === null
        ? []
        : [{ pid: Number(name), parent: stat.parent, name: stat.name, command: command.split('\0').slice(0, -1) }];
    });
}

/** A process and everything below it. */
export function treeOf(pid: number, all: readonly ProcessRow[]): ProcessRow[] {
  const tree = all.filter((row) => row.pid === pid);
  for (let index = 0; index < tree.length; index++) tree.push(...all.filter((row) => row.parent === tree[index]!.pid));
  return tree;
}

/**
 * CPU milliseconds of all threads of the processes so far, and with `children` also of the children they have waited
 * for. A process that ended since takes its time with it: measure those that stay.
 */
export function cpuMs(pids: readonly number[], options: { children?: boolean } = {}): number {
  return pids.reduce((sum, pid) => {
    const waitedFor = options.children ? (statOf(pid)?.childrenTicks ?? 0) * TICK_MS : 0;
    return sum + waitedFor + threadsOf(pid).reduce((total, thread) => total + nanoseconds(pid, thread) / 1e6, 0);
  }, 0);
}

/** Proportional set size in bytes: a page that n processes share counts for one nth. */
export function pssBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? '')?.[1];
    return sum + Number(kilobytes ?? 0) * 1024;
  }, 0);
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function nanoseconds(pid: number, thread: string): number {
  return Number(read(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ')[0] ?? 0);
}

function statOf(pid: number): { name: string; parent: number; childrenTicks: number } | null {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name stands between brackets and may hold any character, brackets too.
  const end = stat.lastIndexOf(')');
  const rest = stat.slice(end + 2).split(' ');
  return {
    name: stat.slice(stat.indexOf('(') + 1, end),
    parent: Number(rest[1]),
    childrenTicks: Number(rest[13]) + Number(rest[14]),
  };
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
