/**
 * One live shell: types a task's command line once, and proves from the shell's journal when it began and how it
 * ended. Acts only through the session; decides nothing about who may type when.
 */
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  AgentConnection,
  DeliverOutcome,
  Observation,
  ObservedStatus,
  RecoverOutcome,
  TaskOutcome,
} from '../../ports/agent-driver.ts';
import type { AgentSession, SessionExit } from '../../ports/agent-host.ts';
import { commandRecording, type CommandRecording } from './command-recording.ts';
import { foregroundProcesses } from './foreground-processes.ts';
import {
  fenceTask,
  prepareTaskFiles,
  readClaim,
  readDelivery,
  readText,
  taskFiles,
  writeWhole,
  type ShellFiles,
  type TaskFiles,
} from './shell-files.ts';
import type { ShellTask, ShellView } from './shell-journal.ts';
import { PROBE_KEY } from './shell-quoting.ts';
import { watchJournal, type Journal } from './watch-journal.ts';
import { unfitLine } from './prompt-line.ts';

const FIRST_PROMPT_WITHIN_MS = 15_000; // a user's own rc files may take seconds
const PROBE_WITHIN_MS = 3000; // answered in about 3 ms; a busy machine needs its time
const START_WITHIN_MS = 10_000; // from paste to start it takes about 5 ms
const START_WITHIN_MS_PER_CHARACTER = 0.3; // a line of 64 KB keeps the shell's editor busy for a second or two
const BREAK_WITHIN_MS = 1000; // ^C is answered in a few ms, or was swallowed
const START_AFTER_PROMPT_MS = 300; // the line is typed already; the shell reads it within a few ms of its prompt
const FREE_WITHIN_MS = 15_000; // recovery waits this long for a command that a person left running
const DEFAULT_GRACE_MS = 5000;
const KILL_AGAIN_MS = 50; // `a; b; c` has the next process ready as soon as one is gone
const GIVE_UP_AFTER_MS = 10_000; // a loop of the shell itself that ignores ^C
const OTHER_LINE_RAN =
  'a command line that is not exactly the task was run at the same time: it may be the task, mixed with what somebody typed';
const INTERRUPT_KEY = Buffer.from([0x03]);

export function connectShell({
  shell,
  session,
  files,
  observe,
}: {
  shell: 'bash' | 'zsh';
  session: AgentSession;
  files: ShellFiles;
  observe: (observation: Observation) => void;
}): AgentConnection {
  let closed = false;
  let exit: SessionExit | undefined;
  let active: { id: string; task: TaskFiles; nonce: string; recording: CommandRecording; ended: boolean } | undefined;
  let finishing: Promise<void> = Promise.resolve();
  let turn: Promise<unknown> = Promise.resolve();
  let shown: ObservedStatus | undefined;

  const journal: Journal = watchJournal({
    file: files.journal,
    onRecord: () => {
      tellStatus();
      tellEnd();
    },
  });
  const { view } = journal;
  tellStatus();
  const loading = setTimeout(tellStatus, FIRST_PROMPT_WITHIN_MS, 'late').unref();

  void session.exited.then((ended) => {
    exit = ended;
    journal.catchUp();
    tellEnd();
    // Wakes whoever waits for a prompt that cannot come any more.
    journal.close();
  });

  return {
    deliver: ({ id, prompt, directory }) =>
      exclusively(() => deliver({ id, prompt: directory === undefined ? prompt : lineIn(directory, prompt) })),
    recover: (task) => exclusively(() => recover(task)),
    interrupt,
    answer: async () => ({ outcome: 'gone', reason: 'a shell never waits for a decision' }),
    close,
  };

  /** Typing from two sides would mix two lines. */
  async function exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }

  async function deliver({ id, prompt }: { id: string; prompt: string }): Promise<DeliverOutcome> {
    const refusal = unfitPrompt(prompt, shell);
    if (refusal) return refusal;
    await finishing;
    const task = taskFiles(files, id);
    if ((await readClaim(task)) === 'started')
      return { outcome: 'unknown', reason: 'this task was delivered to the shell before and has begun' };
    if (active) return { outcome: 'refused', code: 'AGENT_BUSY', reason: 'a task is running in this shell' };
    await journal.until(
      (now) => (now.phase !== 'starting' && ours(now)) || now.unfit !== undefined,
      FIRST_PROMPT_WITHIN_MS,
    );
    if (exit) return { outcome: 'refused', code: 'AGENT_EXITED', reason: 'the shell has ended' };
    if (view.unfit !== undefined)
      return { outcome: 'refused', code: 'AGENT_NOT_A_SHELL', reason: unfitReason(view.unfit) };
    if (view.phase === 'starting' || !ours(view))
      return {
        outcome: 'refused',
        code: 'AGENT_NOT_A_SHELL',
        reason: 'the shell has not loaded its integration and cannot prove what it runs',
      };
    if (view.phase === 'running')
      return { outcome: 'refused', code: 'AGENT_BUSY', reason: 'a command is running in this shell' };

    const nonce = randomBytes(9).toString('hex');
    await prepareTaskFiles({
      files,
      task,
      prompt,
      delivery: { nonce, shellPid: session.ref.panePid, handStarts: view.handStarts },
    });
    const recording = commandRecording({ session, directory: task.directory, nonce });
    try {
      await recording.start();
      await writeWhole(files.current, `${task.name} ${nonce}\n`);
      if (!(await emptyLine())) {
        await withdraw(task, recording);
        return {
          outcome: 'refused',
          code: 'AGENT_BUSY',
          reason: exit ? 'the shell has ended' : 'the shell is not at an empty prompt and did not answer',
        };
      }
    } catch (error) {
      await withdraw(task, recording).catch(() => undefined);
      return {
        outcome: 'refused',
        code: 'DELIVERY_FAILED',
        reason: `the terminal cannot be used: ${messageOf(error)}`,
      };
    }
    const startWithin = START_WITHIN_MS + prompt.length * START_WITHIN_MS_PER_CHARACTER;
    const before = { prompts: view.prompts, unfinishedLines: view.unfinishedLines, handStarts: view.handStarts };
    try {
      await session.submit(prompt);
    } catch (error) {
      return settle({
        id,
        task,
        nonce,
        recording,
        handStarts: before.handStarts,
        reason: `the terminal failed while the command was typed: ${messageOf(error)}`,
      });
    }
    // The shell may be quicker than the terminal's answer to us.
    journal.catchUp();
    const at = begun(task, nonce, view)?.startedAt ?? now();
    tell({ type: 'receipt', taskId: id, receipt: 'typedAt', at });
    tell({ type: 'receipt', taskId: id, receipt: 'submittedAt', at });
    await journal.until(
      (seen) =>
        begun(task, nonce, seen) !== undefined ||
        seen.unfinishedLines > before.unfinishedLines ||
        (seen.prompts > before.prompts && seen.phase === 'prompt'),
      startWithin,
    );
    if (begun(task, nonce, view)) {
      await track({ id, task, nonce, recording });
      return { outcome: 'submitted' };
    }
    if (view.unfinishedLines > before.unfinishedLines) {
      return settle({
        id,
        task,
        nonce,
        recording,
        handStarts: before.handStarts,
        code: 'COMMAND_FAILED',
        reason: 'the command line is not complete: a quote, a bracket or a here-document is open',
      });
    }
    if (view.prompts > before.prompts) {
      return settle({
        id,
        task,
        nonce,
        recording,
        handStarts: before.handStarts,
        code: 'COMMAND_FAILED',
        reason: 'the shell found nothing that it could run in this line (a syntax error, or only a comment)',
      });
    }
    return settle({
      id,
      task,
      nonce,
      recording,
      handStarts: before.handStarts,
      reason: `the shell did not begin the command within ${Math.round(startWithin / 1000)} s`,
    });
  }

  /** Typed, and no start seen: finds out whether it can still begin, and makes sure that it cannot. */
  async function settle({
    id,
    task,
    nonce,
    recording,
    handStarts,
    code = 'DELIVERY_FAILED',
    reason,
  }: {
    id: string;
    task: TaskFiles;
    nonce: string;
    recording: CommandRecording;
    handStarts: number;
    code?: string;
    reason: string;
  }): Promise<DeliverOutcome> {
    const running = (seen: ShellView): boolean => begun(task, nonce, seen) !== undefined || exit !== undefined;
    // Somebody's own line may have come first; ours then starts at once. What we type now would be its input.
    await journal.until(running, START_AFTER_PROMPT_MS);
    if (!running(view) && view.phase === 'running')
      await journal.until((seen) => running(seen) || seen.phase !== 'running', FREE_WITHIN_MS);
    const consumed = running(view) || (await emptyLine().catch(() => false)) || running(view);
    if (!consumed) return { outcome: 'unknown', reason: `${reason}, and it does not answer` };
    // Taken as a line of somebody else: theirs, or ours changed on the way.
    if (!begun(task, nonce, view) && view.handStarts > handStarts)
      return { outcome: 'unknown', reason: OTHER_LINE_RAN };
    if ((await fenceTask(files, task)) === 'started') {
      await track({ id, task, nonce, recording });
      return { outcome: 'submitted' };
    }
    await recording.abandon();
    return { outcome: 'refused', code: exit ? 'AGENT_EXITED' : code, reason };
  }

  async function withdraw(task: TaskFiles, recording: CommandRecording): Promise<void> {
    await fenceTask(files, task);
    await recording.abandon();
  }

  /** From here on the end of this task is told. */
  async function track({
    id,
    task,
    nonce,
    recording,
  }: {
    id: string;
    task: TaskFiles;
    nonce: string;
    recording: CommandRecording;
  }): Promise<void> {
    await rm(files.current, { force: true });
    active = { id, task, nonce, recording, ended: false };
    const started = begun(task, nonce, view);
    tell({ type: 'receipt', taskId: id, receipt: 'turnStartedAt', at: started?.startedAt ?? now() });
    tellEnd();
  }

  async function recover({ id }: { id: string; prompt: string }): Promise<RecoverOutcome> {
    await finishing;
    journal.catchUp();
    if (active?.id === id) return { outcome: 'running' };
    const task = taskFiles(files, id);
    const delivery = await readDelivery(task);
    // The records are written before the first key is typed.
    if (!delivery) return { outcome: 'not_started' };
    const sameShell = delivery.shellPid === session.ref.panePid && !exit;
    if ((await readClaim(task)) === 'none') {
      if (sameShell) {
        if (!(await journal.until((seen) => seen.phase !== 'running', FREE_WITHIN_MS))) {
          return {
            outcome: 'unknown',
            reason: 'another command is running in this shell; this one may still wait in its terminal',
          };
        }
        if (!(await emptyLine().catch(() => false)) && !exit)
          return { outcome: 'unknown', reason: 'the shell does not answer' };
        if ((await readClaim(task)) === 'none' && view.handStarts > delivery.handStarts)
          return { outcome: 'unknown', reason: OTHER_LINE_RAN };
      }
      await fenceTask(files, task);
    }
    if ((await readClaim(task)) !== 'started') {
      await session.record(null).catch(() => undefined);
      return { outcome: 'not_started' };
    }
    // The claim is made a moment before its journal line.
    await journal.until((seen) => begun(task, delivery.nonce, seen) !== undefined, PROBE_WITHIN_MS);
    const record = begun(task, delivery.nonce, view);
    const recording = commandRecording({ session, directory: task.directory, nonce: delivery.nonce });
    if (sameShell && !exit && record && !record.end) {
      await recording.start();
      await track({ id, task, nonce: delivery.nonce, recording });
      return { outcome: 'running' };
    }
    if (sameShell && !exit && !record)
      return { outcome: 'unknown', reason: 'the shell began the command and its journal does not tell more' };
    await rm(files.current, { force: true });
    return {
      outcome: 'finished',
      at: record?.end?.at ?? exit?.at ?? now(),
      taskOutcome: await taskOutcome({ task, recording, end: record?.end }),
    };
  }

  async function interrupt({ graceMs = DEFAULT_GRACE_MS } = {}): Promise<void> {
    journal.catchUp();
    const target = active;
    if (view.phase !== 'running' || exit) return;
    // In a file: the task must end as cancelled also when this server does not live to see it.
    if (target) await writeFile(target.task.interrupted, '', { mode: 0o600 });
    const stopped = (seen: ShellView): boolean => seen.phase !== 'running' || exit !== undefined || closed;
    await session.keys(INTERRUPT_KEY);
    if (await journal.until(stopped, graceMs)) return finishing;
    const giveUpAt = Date.now() + GIVE_UP_AFTER_MS;
    while (!stopped(view)) {
      if (Date.now() > giveUpAt)
        throw new Error('the shell itself ignores the interruption: only a restart of the agent ends this');
      for (const pid of await foregroundProcesses(await session.processes())) killQuietly(pid);
      if (await journal.until(stopped, KILL_AGAIN_MS)) break;
      await session.keys(INTERRUPT_KEY);
      await sleep(KILL_AGAIN_MS);
    }
    return finishing;
  }

  function close(): void {
    closed = true;
    clearTimeout(loading);
    journal.close();
  }

  /**
   * True when the shell is at a prompt with nothing on its line and has read everything that was typed before:
   * our key, a number nobody else types, and our key again came back through the same queue.
   */
  async function emptyLine(): Promise<boolean> {
    if (view.phase === 'unfinished_line' && !(await breakLine())) return false;
    if (await probe()) return true;
    // A half-typed search or a quoted insert swallowed the key. Never while a command runs: it would be interrupted.
    return view.phase !== 'running' && (await breakLine()) && probe();
  }

  async function probe(): Promise<boolean> {
    const token = randomBytes(5).toString('hex');
    await session.keys(Buffer.from(`${PROBE_KEY}${token}${PROBE_KEY}`));
    await journal.until(
      (seen) => seen.line === token || seen.phase !== 'prompt' || exit !== undefined,
      PROBE_WITHIN_MS,
    );
    return view.line === token && view.phase === 'prompt' && !exit;
  }

  /** Gives up the line, and the lines before it that wait for their end. */
  async function breakLine(): Promise<boolean> {
    const token = randomBytes(5).toString('hex');
    // The second prompt is told of before the editor has the terminal: a ^C in between would be lost.
    await session.keys(Buffer.from(`${PROBE_KEY}${token}${PROBE_KEY}`));
    await journal.until(
      (seen) => seen.line === token || seen.phase === 'running' || exit !== undefined,
      BREAK_WITHIN_MS,
    );
    for (let attempt = 0; attempt < 3 && view.phase !== 'running' && !exit; attempt += 1) {
      const { prompts } = view;
      await session.keys(INTERRUPT_KEY);
      const back = await journal.until(
        (seen) => seen.prompts > prompts || seen.phase === 'running' || exit !== undefined,
        BREAK_WITHIN_MS,
      );
      if (back && view.phase === 'prompt') return !exit;
    }
    return false;
  }

  function tellEnd(): void {
    const target = active;
    if (!target || target.ended || closed) return;
    const record = begun(target.task, target.nonce, view);
    if (!record?.end && !exit) return;
    target.ended = true;
    finishing = finish(target, record).finally(() => {
      active = undefined;
    });
  }

  async function finish(target: NonNullable<typeof active>, record: ShellTask | undefined): Promise<void> {
    const outcome = await taskOutcome({ ...target, end: record?.end });
    const at = record?.end?.at ?? exit?.at ?? now();
    tell({ type: 'receipt', taskId: target.id, receipt: 'finishedAt', at });
    tell({ type: 'task_finished', taskId: target.id, at, outcome });
  }

  async function taskOutcome({
    task,
    recording,
    end,
  }: {
    task: TaskFiles;
    recording: CommandRecording;
    end: ShellTask['end'];
  }): Promise<TaskOutcome> {
    const text = await recording
      .finish({ open: end?.how !== 'prompt' })
      .catch((error: unknown) => `[the output could not be read: ${messageOf(error)}]`);
    const cancelled = (await readText(task.interrupted)) !== undefined;
    if (end?.how === 'prompt') {
      const result = { text, exitCode: end.status };
      if (cancelled) return { status: 'cancelled', result };
      if (end.status === 0) return { status: 'succeeded', result };
      return {
        status: 'failed',
        result,
        error: { code: 'COMMAND_FAILED', message: `the command ended with exit status ${end.status}` },
      };
    }
    const exitCode = exit?.status ?? (exit?.signal === undefined ? undefined : 128 + exit.signal);
    const result = exitCode === undefined ? { text } : { text, exitCode };
    if (cancelled) return { status: 'cancelled', result };
    return { status: 'failed', result, error: { code: 'AGENT_EXITED', message: endMessage(end, exit) } };
  }

  function tellStatus(late?: 'late'): void {
    const [status, reason, source] = statusOf(view, ours(view), late);
    if (status === shown && !late) return;
    if (late && view.phase !== 'starting') return;
    shown = status;
    tell({ type: 'status', status, source, reason, at: view.since ?? now() });
  }

  function tell(observation: Observation): void {
    if (!closed) observe(observation);
  }

  /** The journal also tells of shells before this one. */
  function ours(seen: ShellView): boolean {
    return seen.shellPid === session.ref.panePid;
  }
}

function statusOf(view: ShellView, ours: boolean, late?: 'late'): [ObservedStatus, string, 'hook' | 'process'] {
  if (view.unfit !== undefined) return ['no_signal', unfitReason(view.unfit), 'process'];
  if (!ours || view.phase === 'starting') {
    return late
      ? ['no_signal', 'the shell runs and has not loaded its integration', 'process']
      : ['starting', 'the shell has not shown its first prompt', 'process'];
  }
  if (view.phase === 'running')
    return [
      'working',
      view.running === undefined ? 'a command typed by hand is running' : 'the command of a task is running',
      'hook',
    ];
  return [
    'idle',
    view.phase === 'prompt' ? 'the shell is at its prompt' : 'the shell waits for the rest of a command line',
    'hook',
  ];
}

function unfitReason(shell: string): string {
  return `${shell} cannot tell when a command line begins and ends; bash 4.4 or zsh can`;
}

function begun(task: TaskFiles, nonce: string, view: ShellView): ShellTask | undefined {
  const record = view.tasks.get(task.name);
  return record?.nonce === nonce ? record : undefined;
}

/** The command in a subshell there, so that the person's own directory stays where it is. */
function lineIn(directory: string, prompt: string): string {
  // Quoted, so that no character of the command (a comment, a `)`) ends the subshell early.
  return `(cd ${shellQuote(directory)} || exit; eval ${shellQuote(prompt)})`;
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function unfitPrompt(prompt: string, shell: 'bash' | 'zsh'): DeliverOutcome | undefined {
  const unfit = unfitLine(prompt);
  if (unfit) return unfit;
  // Its editor keeps stray bytes as these characters, and gives these characters back as stray bytes.
  if (shell === 'zsh' && /[\ue000-\ue0ff]/.test(prompt)) {
    return {
      outcome: 'refused',
      code: 'DELIVERY_FAILED',
      reason: 'zsh cannot take the characters U+E000 to U+E0FF unchanged; bash can',
    };
  }
  return undefined;
}

function endMessage(end: ShellTask['end'], exit: SessionExit | undefined): string {
  if (exit?.how === 'exited')
    return `the shell ended with exit status ${exit.status ?? 'unknown'} while the command ran`;
  if (exit?.how === 'signalled')
    return `the shell was ended by signal ${exit.signal ?? 'unknown'} while the command ran`;
  if (end?.how === 'lost') return 'the shell went on without telling how the command ended';
  return 'the shell ended while the command ran';
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function now(): string {
  return new Date().toISOString();
}
