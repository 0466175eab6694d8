/**
 * The files a driver and its shell talk through. The shell writes `journal`, `running` and each task's `started`;
 * the driver writes the rest. Everything is for the owner alone.
 *
 *     shell/journal              one line per prompt, command start, …; only ever appended to while a shell lives
 *           name                 what the prompt shows
 *           current              "<task directory> <nonce>" of the task that may start now
 *           running              nonce of the running task's command, or nothing
 *           tasks/<task>/prompt, delivery.json, started, interrupted, output-<nonce>-<n>
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const JOURNAL_MAX_BYTES = 1024 * 1024; // about 20 000 commands; checked when no shell is writing
const JOURNAL_KEPT_BYTES = 128 * 1024;
const TASKS_KEPT = 10; // results are stored elsewhere by then; the last ones help a person who looks

export interface ShellFiles {
  directory: string;
  journal: string;
  name: string;
  current: string;
  running: string;
  tasks: string;
}

export interface Delivery {
  nonce: string;
  shellPid: number;
  /** How many command lines of nobody's task the journal told of before. */
  handStarts: number;
}

export function shellFiles(agentDirectory: string): ShellFiles {
  const directory = join(agentDirectory, 'shell');
  const inside = (name: string): string => join(directory, name);
  return {
    directory,
    journal: inside('journal'),
    name: inside('name'),
    current: inside('current'),
    running: inside('running'),
    tasks: inside('tasks'),
  };
}

export async function prepareShellFiles(files: ShellFiles): Promise<void> {
  await mkdir(files.tasks, { recursive: true, mode: 0o700 });
  const { size } = await stat(files.journal).catch(() => ({ size: 0 }));
  if (size > JOURNAL_MAX_BYTES) {
    const kept = (await readFile(files.journal)).subarray(size - JOURNAL_KEPT_BYTES);
    await writeWhole(files.journal, kept.subarray(kept.indexOf(0x0a) + 1));
  }
  await writeFile(files.journal, '', { flag: 'a', mode: 0o600 });
  await writeWhole(files.running, '');
}

export interface TaskFiles {
  /** Safe as a word of the journal and as a name in a shell script. */
  name: string;
  directory: string;
  prompt: string;
  delivery: string;
  started: string;
  interrupted: string;
}

export function taskFiles(files: ShellFiles, taskId: string): TaskFiles {
  const name = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(taskId)
    ? taskId
    : `x-${createHash('sha256').update(taskId).digest('hex').slice(0, 40)}`;
  const directory = join(files.tasks, name);
  return {
    name,
    directory,
    prompt: join(directory, 'prompt'),
    delivery: join(directory, 'delivery.json'),
    started: join(directory, 'started'),
    interrupted: join(directory, 'interrupted'),
  };
}

export async function prepareTaskFiles({
  files,
  task,
  prompt,
  delivery,
}: {
  files: ShellFiles;
  task: TaskFiles;
  prompt: string;
  delivery: Delivery;
}): Promise<void> {
  await removeOldTasks(files, task.name);
  await rm(task.directory, { recursive: true, force: true });
  await mkdir(task.directory, { recursive: true, mode: 0o700 });
  await writeWhole(task.prompt, prompt);
  await writeWhole(task.delivery, JSON.stringify(delivery));
}

export async function readDelivery(task: TaskFiles): Promise<Delivery | undefined> {
  const text = await readText(task.delivery);
  // Our own file, written whole or not at all.
  return text === undefined ? undefined : (JSON.parse(text) as Delivery);
}

export type Claim = 'none' | 'fenced' | 'started';

export async function readClaim(task: TaskFiles): Promise<Claim> {
  const text = await readText(task.started);
  if (text === undefined) return 'none';
  return text === FENCED ? 'fenced' : 'started';
}

/** After this the command line of this delivery counts as nobody's task: `none` and `fenced` become `fenced`. */
export async function fenceTask(files: ShellFiles, task: TaskFiles): Promise<Claim> {
  await mkdir(task.directory, { recursive: true, mode: 0o700 });
  await writeFile(task.started, FENCED, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const claim = await readClaim(task);
  if (claim === 'fenced') await rm(files.current, { force: true });
  return claim;
}

const FENCED = 'fenced\n';

/** The file is there with all of its text, or as it was before. */
export async function writeWhole(file: string, text: string | Uint8Array): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

export async function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

export async function removeOldTasks(files: ShellFiles, current: string): Promise<void> {
  const names = (await readdir(files.tasks)).filter((name) => name !== current);
  const aged = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(files.tasks, name))).mtimeMs })),
  );
  for (const { name } of aged.toSorted((a, b) => b.at - a.at).slice(TASKS_KEPT)) {
    await rm(join(files.tasks, name), { recursive: true, force: true });
  }
}
