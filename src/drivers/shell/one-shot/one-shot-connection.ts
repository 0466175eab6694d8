/** A running one-shot agent: tasks go to its runner by name, and its output file says when each began and how it ended. */
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  AgentConnection,
  DeliverOutcome,
  Observation,
  ObservedStatus,
  RecoverOutcome,
  TaskOutcome,
} from '../../../ports/agent-driver.ts';
import type { AgentSession } from '../../../ports/agent-host.ts';
import { followLines } from '../../follow-lines.ts';
import type { PipedFiles } from '../../launch-piped.ts';
import { lineSender } from '../../line-sender.ts';
import { RAW_END_BYTES, RESULT_MAX_BYTES } from '../command-recording.ts';
import { unfitLine, unfitText } from '../prompt-line.ts';
import { readText, removeOldTasks, type ShellFiles, taskFiles, writeWhole } from '../shell-files.ts';
import { keepHeadAndTail, terminalText } from '../terminal-text.ts';

const STARTED_WITHIN_MS = 15_000; // the runner does nothing else; a loaded machine may be slow to run it
const INTERRUPT_GRACE_MS = 5_000;
const KILL_AGAIN_MS = 500;
const GIVE_UP_AFTER_MS = 10_000;
const INTERRUPT_KEY = Uint8Array.of(3); // Ctrl-C: the runner passes it on
const KILL_KEY = Uint8Array.of(0x1c); // Ctrl-\: the runner kills

interface Run {
  name: string;
  status: number | null;
}

export async function connectOneShot({
  session,
  pipes,
  files,
  workspace,
  takesLine,
  observe,
}: {
  session: AgentSession;
  pipes: PipedFiles;
  files: ShellFiles;
  workspace: string;
  takesLine: boolean;
  observe: (observation: Observation) => void;
}): Promise<AgentConnection> {
  /** By the name of its task; those that this session has begun. */
  const runs = new Map<string, Run>();
  let active: { id: string; name: string } | undefined;
  let news = false;
  let closed = false;
  let exited = false;
  let finishing: Promise<void> = Promise.resolve();

  const now = (): string => new Date().toISOString();
  const tell = (observation: Observation): void => {
    if (!closed) observe(observation);
  };
  const say = (status: ObservedStatus, reason: string): void => {
    if (news) tell({ type: 'status', status, reason, source: 'process', at: now() });
  };

  const send = lineSender(pipes.input, { ended: () => exited || closed, lineMayBeOpen: true });
  const stream = followLines({ file: pipes.output, offset: 0, onLine: (line) => take(JSON.parse(line) as RunnerLine) });
  news = true;
  if (isRunning()) say('working', 'the command of a task is running');
  else say('idle', 'it waits for a task');

  void session.exited.then(() => {
    stream.catchUp();
    exited = true;
    if (active) finishing = finish(active, null);
    stream.catchUp(); // nothing more is printed: who waits for a line learns it now
  });

  return { deliver, interrupt, answer, recover, close };

  function take(line: RunnerLine): void {
    if ('started' in line) {
      runs.set(line.started, { name: line.started, status: null });
      if (active?.name === line.started) tellStarted(active.id);
      say('working', 'the command of a task is running');
    } else {
      runs.set(line.ended, { name: line.ended, status: line.status });
      const mine = active;
      if (news && mine?.name === line.ended) finishing = finish(mine, line.status);
      else say('idle', 'it waits for a task');
    }
  }

  function isRunning(): boolean {
    return [...runs.values()].some(({ status }) => status === null);
  }

  async function deliver({
    id,
    prompt,
    directory = workspace,
  }: {
    id: string;
    prompt: string;
    directory?: string;
  }): Promise<DeliverOutcome> {
    await finishing;
    const unfit = takesLine ? unfitLine(prompt) : unfitText(prompt);
    if (unfit) return unfit;
    if (exited) return { outcome: 'refused', code: 'AGENT_EXITED', reason: 'the agent has ended' };
    if (active || isRunning()) return { outcome: 'refused', code: 'AGENT_BUSY', reason: 'a command is running' };
    const task = taskFiles(files, id);
    if ((await wasClaimed(task.directory)) && !(await wasFenced(task.directory)))
      return { outcome: 'unknown', reason: 'this task was delivered before' };
    await removeOldTasks(files, task.name);
    await rm(task.directory, { recursive: true, force: true });
    await mkdir(task.directory, { recursive: true, mode: 0o700 });
    await writeWhole(join(task.directory, 'directory'), `${directory}\n`);
    await writeWhole(task.prompt, prompt);
    active = { id, name: task.name };
    await send({ run: task.name });
    await stream.until(() => runs.has(task.name) || exited, STARTED_WITHIN_MS);
    if (!runs.has(task.name)) {
      active = undefined;
      if (await fence(task.directory))
        return { outcome: 'refused', code: 'DELIVERY_FAILED', reason: 'the agent has not begun it' };
      return { outcome: 'unknown', reason: 'the agent ended when it had taken the task' };
    }
    return { outcome: 'submitted' };
  }

  /** That it began proves all that comes before; its end may be the very next line. */
  function tellStarted(taskId: string): void {
    for (const receipt of ['typedAt', 'submittedAt', 'turnStartedAt'] as const)
      tell({ type: 'receipt', taskId, receipt, at: now() });
  }

  async function finish({ id, name }: { id: string; name: string }, status: number | null): Promise<void> {
    const outcome = await outcomeOf(name, status);
    active = undefined;
    const at = now();
    tell({ type: 'receipt', taskId: id, receipt: 'finishedAt', at });
    tell({ type: 'task_finished', taskId: id, at, outcome });
    if (!exited) say('idle', 'it waits for a task');
  }

  async function outcomeOf(name: string, status: number | null): Promise<TaskOutcome> {
    const { directory, interrupted } = taskFiles(files, name);
    const text = await readOutput(join(directory, 'output'));
    const cancelled = (await readText(interrupted)) !== undefined;
    const result = { text, ...(status === null ? {} : { exitCode: status }) };
    if (cancelled) return { status: 'cancelled', result };
    if (status === 0) return { status: 'succeeded', result };
    const error =
      status === null
        ? { code: 'AGENT_EXITED', message: 'the agent ended while the command ran' }
        : { code: 'COMMAND_FAILED', message: `the command ended with exit status ${status}` };
    return { status: 'failed', result, error };
  }

  async function interrupt({ graceMs = INTERRUPT_GRACE_MS }: { graceMs?: number } = {}): Promise<void> {
    const mine = active;
    if (!mine || !runs.has(mine.name)) return;
    await writeWhole(taskFiles(files, mine.name).interrupted, '');
    const ended = (): boolean => exited || runs.get(mine.name)?.status !== null;
    await session.keys(INTERRUPT_KEY);
    if (!(await stream.until(ended, graceMs))) {
      const giveUpAt = Date.now() + GIVE_UP_AFTER_MS;
      do await session.keys(KILL_KEY);
      while (!(await stream.until(ended, KILL_AGAIN_MS)) && Date.now() < giveUpAt);
      if (!ended()) throw new Error('the command cannot be killed: only a restart of the agent ends this');
    }
    await finishing;
  }

  async function answer(): Promise<{ outcome: 'gone'; reason: string }> {
    return { outcome: 'gone', reason: 'a command asks nobody' };
  }

  async function recover({ id }: { id: string; prompt: string }): Promise<RecoverOutcome> {
    const { name, directory } = taskFiles(files, id);
    stream.catchUp();
    const run = runs.get(name);
    if (!run) {
      if ((await fence(directory)) || (await wasFenced(directory))) return { outcome: 'not_started' };
      // Taken, and its first line is on its way; or the runner ended at that moment.
      if (!(await stream.until(() => runs.has(name) || exited, STARTED_WITHIN_MS)))
        return { outcome: 'unknown', reason: 'the agent had taken the task, and nothing shows what became of it' };
      return recover({ id, prompt: '' });
    }
    if (run.status === null && !exited) {
      active = { id, name };
      return { outcome: 'running' };
    }
    const at = await stat(pipes.output).then(({ mtime }) => mtime.toISOString());
    return { outcome: 'finished', at, taskOutcome: await outcomeOf(name, run.status) };
  }

  function close(): void {
    closed = true;
    stream.close();
  }
}

type RunnerLine = { started: string } | { ended: string; status: number };

/** True when the task will never be run: the runner had not claimed it. */
async function fence(directory: string): Promise<boolean> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const claimed = await mkdir(join(directory, 'claimed'), { mode: 0o700 }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
      return false;
    },
  );
  if (claimed) await writeWhole(join(directory, 'fenced'), '');
  return claimed;
}

async function wasFenced(directory: string): Promise<boolean> {
  return (await readText(join(directory, 'fenced'))) !== undefined;
}

async function wasClaimed(directory: string): Promise<boolean> {
  return stat(join(directory, 'claimed')).then(
    () => true,
    () => false,
  );
}

/** As a terminal would show it, the ends of a flood only. */
async function readOutput(file: string): Promise<string> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return '';
  try {
    const { size } = await handle.stat();
    const read = async (from: number, length: number): Promise<string> => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
      return terminalText(buffer.toString('utf8', 0, bytesRead)).trimEnd();
    };
    if (size <= 2 * RAW_END_BYTES) return keepHeadAndTail(await read(0, size), RESULT_MAX_BYTES);
    const ends = `${await read(0, RAW_END_BYTES)}\n${await read(size - RAW_END_BYTES, RAW_END_BYTES)}`;
    return keepHeadAndTail(ends, RESULT_MAX_BYTES, size - 2 * RAW_END_BYTES);
  } finally {
    await handle.close();
  }
}
