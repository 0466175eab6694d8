/**
 * The files of one key: who may run it, whether it began, how it ended.
 *
 *     <directory>/<hash of key>/key        the key, for people
 *                              /<n>/       one generation: at most one supervisor ever runs in it
 *                                  open | claimed | fenced     one token file under one of three names
 *                                  pid, stdout, stderr, exit
 *
 * The token is renamed exactly once, so a supervisor that starts late and a server that gave it up can never both
 * be right. Starts and signals nothing.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootId, type ProcessTable } from './process-table.ts';

export interface RunDirectory {
  path: string;
  generation: number;
}

export interface SupervisorIdentity {
  pid: number;
  started: string;
  boot: string;
  startedAt: string;
}

export type RunState =
  /** Created; no supervisor has claimed it yet. */
  | { status: 'open' }
  /** Given up before any supervisor claimed it: nothing ran and nothing will. */
  | { status: 'fenced' }
  | { status: 'running'; supervisor: SupervisorIdentity }
  | { status: 'exited'; exitCode: number; startedAt: string; finishedAt: string }
  | { status: 'unknown'; supervisor?: SupervisorIdentity; reason: string };

export function keyDirectory(directory: string, key: string): string {
  return join(directory, createHash('sha256').update(key).digest('hex').slice(0, 40));
}

export async function latestRun(keyPath: string): Promise<RunDirectory | undefined> {
  const names = await readdir(keyPath).catch(missingIs<string[]>([]));
  const generation = Math.max(0, ...names.filter((name) => /^\d+$/.test(name)).map(Number));
  return generation === 0 ? undefined : { path: join(keyPath, String(generation)), generation };
}

/** Undefined when somebody else made this generation first. */
export async function createRun({
  keyPath,
  key,
  generation,
  token,
}: {
  keyPath: string;
  key: string;
  generation: number;
  token: 'open' | 'fenced';
}): Promise<RunDirectory | undefined> {
  await mkdir(keyPath, { recursive: true, mode: 0o700 });
  await writeFile(join(keyPath, 'key'), key, { mode: 0o600 });
  const draft = await mkdtemp(join(keyPath, '.new-'));
  await writeFile(join(draft, token), randomUUID(), { mode: 0o600 });
  const path = join(keyPath, String(generation));
  try {
    // A directory never replaces one that has something in it, and a generation always has its token.
    await rename(draft, path);
    return { path, generation };
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (isCode(error, 'ENOTEMPTY') || isCode(error, 'EEXIST')) return undefined;
    throw error;
  }
}

/** True when from now on nothing will ever run in this generation. */
export async function fence(run: RunDirectory): Promise<boolean> {
  try {
    await rename(join(run.path, 'open'), join(run.path, 'fenced'));
    return true;
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
    return (await exists(join(run.path, 'fenced'))) || !(await exists(run.path));
  }
}

/** The value of POINTSMAN_STEP that the processes of this generation carry. */
export async function runMarker(run: RunDirectory): Promise<string> {
  for (const name of ['open', 'claimed', 'fenced', 'open', 'claimed']) {
    const token = await readFile(join(run.path, name), 'utf8').catch(missingIs(''));
    if (token) return `${run.path.split('/').at(-2)}.${run.generation}.${token}`;
  }
  throw new Error(`${run.path} has lost its token file`);
}

export async function inspectRun(run: RunDirectory, processes: ProcessTable): Promise<RunState> {
  const ended = await readExit(run);
  if (ended) return ended;
  if (!(await exists(join(run.path, 'claimed')))) {
    if (await exists(join(run.path, 'fenced'))) return { status: 'fenced' };
    if (await exists(join(run.path, 'open'))) return { status: 'open' };
    // Renamed between two looks, or the whole directory is gone.
    return (await exists(join(run.path, 'claimed'))) ? inspectRun(run, processes) : { status: 'fenced' };
  }
  const supervisor = await readSupervisor(run);
  if (!supervisor)
    return { status: 'unknown', reason: 'the step began and the record of its supervisor cannot be read' };
  if (await isAlive(supervisor, processes)) return { status: 'running', supervisor };
  // It may have written its record and ended after our first look.
  return (
    (await readExit(run)) ?? {
      status: 'unknown',
      supervisor,
      reason: 'the step began, and its supervisor ended without a record of the exit status',
    }
  );
}

export async function isAlive(supervisor: SupervisorIdentity, processes: ProcessTable): Promise<boolean> {
  if (supervisor.boot !== (await bootId())) return false;
  const row = await processes.read(supervisor.pid);
  return row !== undefined && !row.zombie && row.started === supervisor.started;
}

/** Writes the record that a killed supervisor could not; a record that is there already stays. */
export async function writeExit(run: RunDirectory, exitCode: number): Promise<void> {
  if (await exists(join(run.path, 'exit'))) return;
  const draft = join(run.path, `exit.${randomUUID()}`);
  await writeFile(draft, `${exitCode}\n`, { mode: 0o600 });
  await rename(draft, join(run.path, 'exit'));
}

export async function readSupervisor(run: RunDirectory): Promise<SupervisorIdentity | undefined> {
  const file = join(run.path, 'pid');
  const text = await readFile(file, 'utf8').catch(missingIs(''));
  const [pid, started, boot] = text.split('\n');
  if (!pid || started === undefined || boot === undefined) return undefined;
  // The moment of writing is in the file itself: no `date` in the script, and milliseconds everywhere.
  return { pid: Number(pid), started: started.trim(), boot, startedAt: (await stat(file)).mtime.toISOString() };
}

async function readExit(run: RunDirectory): Promise<RunState | undefined> {
  const file = join(run.path, 'exit');
  const text = await readFile(file, 'utf8').catch(missingIs(''));
  if (!/^\d+\n$/.test(text)) return undefined;
  const finishedAt = (await stat(file)).mtime.toISOString();
  const startedAt = (await readSupervisor(run))?.startedAt ?? finishedAt;
  return { status: 'exited', exitCode: Number(text), startedAt, finishedAt };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, missingIs(false));
}

function missingIs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (isCode(error, 'ENOENT')) return value;
    throw error;
  };
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
