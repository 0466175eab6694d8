/** The data directory: where things lie in it, and the one process that may use it. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { socketOf } from '../adapters/tmux/private-directory.ts';
import { PointsmanError } from '../contract/errors.ts';

export interface Home {
  path: string;
  token: string;
  serverFile: string;
  agents: string;
  /** Agent definitions, one Markdown file each. */
  definitions: string;
  run: string;
  steps: string;
  worktrees: string;
  keys: string;
}

export function homeAt(directory: string): Home {
  const at = (...parts: string[]) => path.join(directory, ...parts);
  return {
    path: directory,
    token: at('token'),
    serverFile: at('server.json'),
    agents: at('agents'),
    definitions: at('definitions'),
    run: at('run'),
    steps: at('steps'),
    worktrees: at('worktrees'),
    keys: at('keys'),
  };
}

export function prepareHome(directory: string): Home {
  const home = homeAt(directory);
  try {
    for (const folder of [home.path, home.agents, home.definitions, home.run, home.steps, home.worktrees, home.keys]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    chmodSync(home.path, 0o700);
    const probe = path.join(home.path, `.probe-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new PointsmanError('HOME_UNWRITABLE', {
      detail: `${home.path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      cause: error,
    });
  }
  return home;
}

/** The socket of an agent's tmux server, for `pointsman attach`. */
export function tmuxSocketOf(home: string, agentId: string): string {
  return socketOf(homeAt(home).run, agentId);
}

export interface ServerRecord {
  pid: number;
  /** Kernel start time of pid: with it a reused pid is not mistaken for the server. */
  startTicks: number | null;
  url: string | null;
  startedAt: string;
}

/** Claims the directory for this process; throws ALREADY_RUNNING when another one has it. */
export function claimHome(home: Home, startedAt: string): { announce(url: string): void; release(): void } {
  const record: ServerRecord = { pid: process.pid, startTicks: startTicksOf(process.pid), url: null, startedAt };
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(home.serverFile, JSON.stringify(record), { mode: 0o600, flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 3) throw error;
      const other = runningServer(home);
      if (other)
        throw new PointsmanError('ALREADY_RUNNING', {
          detail: `Process ${other.pid} runs Pointsman on ${home.path}${other.url ? ` at ${other.url}` : ''}.`,
        });
      rmSync(home.serverFile, { force: true });
    }
  }
  return {
    announce(url) {
      writeAtomically(home.serverFile, JSON.stringify({ ...record, url }));
    },
    release() {
      if (readServerFile(home)?.pid === process.pid) rmSync(home.serverFile, { force: true });
    },
  };
}

/** The server of this directory, when it lives. */
export function runningServer(home: Home): ServerRecord | null {
  const record = readServerFile(home);
  return record && isAlive(record) ? record : null;
}

function readServerFile(home: Home): ServerRecord | null {
  try {
    return JSON.parse(readFileSync(home.serverFile, 'utf8')) as ServerRecord;
  } catch {
    return null;
  }
}

function isAlive(record: ServerRecord): boolean {
  try {
    process.kill(record.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const stat = statOf(record.pid);
  if (stat === null) return record.startTicks === null;
  // Ended, and only not collected by its parent: in a container without an init that may last for ever.
  if (stat.state === 'Z' || stat.state === 'X') return false;
  return record.startTicks === null || record.startTicks === stat.startTicks;
}

function startTicksOf(pid: number): number | null {
  return statOf(pid)?.startTicks ?? null;
}

/** Null where there is no /proc, and for a process that is none. */
function statOf(pid: number): { state: string; startTicks: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, startTicks: Number(fields[18]) };
  } catch {
    return null;
  }
}

/** A secret of 32 random bytes in the keys directory, made at its first use. */
export function ownKey(home: Home, name: string): Buffer {
  const file = path.join(home.keys, name);
  if (!existsSync(file)) {
    try {
      writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url');
  if (key.length < 32)
    throw new PointsmanError('CONFIG_INVALID', {
      detail: `${file} holds a key of less than 256 bits. Remove the file to have a new one made: sessions end with the session key, secrets are lost with the master key.`,
    });
  return key;
}

/** The key that encrypts stored secrets: the operator's file, or one of our own. */
export function masterKey(home: Home, file: string | undefined): Buffer {
  if (file === undefined) return ownKey(home, 'master-key');
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (error) {
    throw new PointsmanError('CONFIG_INVALID', {
      detail: `The master key ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      cause: error,
    });
  }
  const key = Buffer.from(content.toString('latin1').trim(), 'latin1');
  if (key.length < 32)
    throw new PointsmanError('CONFIG_INVALID', {
      detail: `${file} holds a master key of less than 32 characters. Make one with \`openssl rand -base64 32\`.`,
    });
  return key;
}

/** A short id of this data directory, made at its first use: names this host for ever. */
export function hostIdOf(home: Home): string {
  const file = path.join(home.path, 'host-id');
  if (!existsSync(file)) writeFileSync(file, `host-${randomBytes(4).toString('hex')}`, { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

export function writeAtomically(file: string, content: string, mode = 0o600): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, content, { mode });
  renameSync(temporary, file);
}
