/**
 * The processes of this machine as a step's supervisor needs them: who is whose child, in which session, carrying
 * which marker. Reads /proc, and asks `ps` where there is none. Knows nothing of steps.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface ProcessRow {
  pid: number;
  parent: number;
  group: number;
  /** 0 where the system does not tell. */
  session: number;
  /** Start time: kernel clock ticks, or the text of `ps -o lstart`. With the pid it names one process until the next boot. */
  started: string;
  /** Ended, its parent has not looked yet. */
  zombie: boolean;
}

export interface ProcessTable {
  read(pid: number): Promise<ProcessRow | undefined>;
  list(): Promise<ProcessRow[]>;
  /**
   * Those of the rows whose environment holds `NAME=value`, or whose standard output is one of the files.
   * `silent` ones show no environment at all: they have none, or are in the middle of an exec.
   */
  marked(
    rows: readonly ProcessRow[],
    marker: string,
    files: readonly string[],
  ): Promise<{ found: ProcessRow[]; silent: ProcessRow[] }>;
}

export function createProcessTable(
  source: 'proc' | 'ps' = existsSync('/proc/self/stat') ? 'proc' : 'ps',
): ProcessTable {
  return source === 'proc' ? procTable : psTable;
}

/** Changes with every boot; empty where the system does not tell. */
export async function bootId(): Promise<string> {
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
}

const procTable: ProcessTable = {
  async read(pid) {
    // The process may end at any moment; a line that cannot be read is a process that is not there.
    return readFile(`/proc/${pid}/stat`, 'latin1').then(parseStat, () => undefined);
  },

  async list() {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const rows = await Promise.all(pids.map((pid) => procTable.read(Number(pid))));
    return rows.filter((row) => row !== undefined);
  },

  async marked(rows, marker, files) {
    const needle = Buffer.from(`${marker}\0`);
    const found: ProcessRow[] = [];
    const silent: ProcessRow[] = [];
    await Promise.all(
      rows.map(async (row) => {
        const environment = await readFile(`/proc/${row.pid}/environ`).catch(() => undefined);
        const outputs = await Promise.all([1, 2].map((fd) => readlink(`/proc/${row.pid}/fd/${fd}`).catch(() => '')));
        if (outputs.some((file) => files.includes(file))) found.push(row);
        else if (environment?.length === 0) silent.push(row);
        else {
          const at = environment?.indexOf(needle) ?? -1;
          if (at === 0 || (at > 0 && environment?.[at - 1] === 0)) found.push(row);
        }
      }),
    );
    return { found, silent };
  },
};

const run = promisify(execFile);
const PS_OPTIONS = { maxBuffer: 64 * 1024 * 1024, env: { PATH: '/usr/bin:/bin', TZ: 'UTC', LC_ALL: 'C' } };

const psTable: ProcessTable = {
  async read(pid) {
    // ps exits 1 when there is no such process.
    const { stdout } = await run('ps', ['-o', PS_COLUMNS, '-p', String(pid)], PS_OPTIONS).catch(() => ({ stdout: '' }));
    return stdout
      .split('\n')
      .map(parsePsLine)
      .find((row) => row !== undefined);
  },

  async list() {
    const { stdout } = await run('ps', ['-A', '-o', PS_COLUMNS], PS_OPTIONS);
    return stdout
      .split('\n')
      .map(parsePsLine)
      .filter((row) => row !== undefined);
  },

  async marked(rows, marker) {
    const withEnvironment =
      process.platform === 'linux' ? ['axeww', '-o', 'pid=,args='] : ['-A', '-E', '-ww', '-o', 'pid=,command='];
    const { stdout } = await run('ps', withEnvironment, PS_OPTIONS);
    const pids = new Set(
      stdout
        .split('\n')
        .filter((line) => `${line} `.includes(` ${marker} `))
        .map((line) => Number.parseInt(line, 10)),
    );
    return { found: rows.filter((row) => pids.has(row.pid)), silent: [] };
  },
};

const PS_COLUMNS = 'pid=,ppid=,pgid=,stat=,lstart=';

function parseStat(text: string): ProcessRow | undefined {
  // The program's name stands in parentheses and may itself contain any character, parentheses too.
  const rest = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = rest;
  const started = rest[19];
  if (state === undefined || started === undefined) return undefined;
  return {
    pid: Number.parseInt(text, 10),
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    started,
    zombie: state === 'Z' || state === 'X',
  };
}

function parsePsLine(line: string): ProcessRow | undefined {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line);
  if (!match) return undefined;
  const [, pid, parent, group, state, started] = match;
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    session: 0,
    started: started ?? '',
    zombie: state?.startsWith('Z') ?? false,
  };
}
