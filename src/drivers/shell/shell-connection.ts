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
} from '../../ports/agent-driver.ts';
import type { AgentSession, SessionExit } from '../../ports/agent-host.ts';
import { emptyLine, INTERRUPT_KEY } from './empty-line.ts';
import { foregroundProcesses } from './foreground-processes.ts';
import { lineIn, unfitLine } from './prompt-line.ts';
import {
  fenceTask,
  prepareTaskFiles,
  readClaim,
  readDelivery,
  taskFiles,
  writeWhole,
  type ShellFiles,
} from './shell-files.ts';
import type { ShellTask, ShellView } from './shell-journal.ts';
import { statusOf, unfitReason } from './shell-status.ts';
import { begun, messageOf, outcomeOf, typedCommand, type TypedCommand } from './typed-command.ts';
import { watchJournal, type Journal } from './watch-journal.ts';

const FIRST_PROMPT_WITHIN_MS = 15_000; // a user's own rc files may take seconds
const CLAIM_TOLD_WITHIN_MS = 3000; // the claim is made a moment before its journal line
const START_WITHIN_MS = 10_000; // from paste to start it takes about 5 ms
const START_WITHIN_MS_PER_CHARACTER = 0.3; // a line of 64 KB keeps the shell's editor busy for a second or two
const START_AFTER_PROMPT_MS = 300; // the line is typed already; the shell reads it within a few ms of its prompt
const FREE_WITHIN_MS = 15_000; // recovery waits this long for a command that a person left running
const DEFAULT_GRACE_MS = 5000;
const KILL_AGAIN_MS = 50; // `a; b; c` has the next process ready as soon as one is gone
const GIVE_UP_AFTER_MS = 10_000; // a loop of the shell itself that ignores ^C
const OTHER_LINE_RAN =
  'a command line that is not exactly the task was run at the same time: it may be the task, mixed with what somebody typed';

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
  let active: (TypedCommand & { ended: boolean }) | undefined;
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
  const atPrompt = async (): Promise<boolean> => emptyLine({ session, journal, hasEnded: () => exit !== undefined });
  tellStatus();
  const loading = setTimeout(tellStatus, FIRST_PROMPT_WITHIN_MS, { late: true }).unref();

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
    const refusal = unfitPrompt(prompt, shell) ?? (await whyNotNow(id));
    if (refusal) return refusal;
    const nonce = randomBytes(9).toString('hex');
    const mine = typedCommand(session, { id, task: taskFiles(files, id), nonce });
    const { handStarts } = view;
    await prepareTaskFiles({
      files,
      task: mine.task,
      prompt,
      delivery: { nonce, shellPid: session.ref.panePid, handStarts },
    });
    try {
      await mine.recording.start();
      await writeWhole(files.current, `${mine.task.name} ${nonce}\n`);
      if (!(await atPrompt())) {
        await withdraw(mine);
        return refused(
          'AGENT_BUSY',
          exit ? 'the shell has ended' : 'the shell is not at an empty prompt and did not answer',
        );
      }
    } catch (error) {
      await withdraw(mine).catch(() => undefined);
      return refused('DELIVERY_FAILED', `the terminal cannot be used: ${messageOf(error)}`);
    }
    return typeLine(mine, prompt);
  }

  async function whyNotNow(id: string): Promise<DeliverOutcome | undefined> {
    await finishing;
    if ((await readClaim(taskFiles(files, id))) === 'started')
      return { outcome: 'unknown', reason: 'this task was delivered to the shell before and has begun' };
    if (active) return refused('AGENT_BUSY', 'a task is running in this shell');
    await journal.until(
      (now) => (now.phase !== 'starting' && ours(now)) || now.unfit !== undefined,
      FIRST_PROMPT_WITHIN_MS,
    );
    if (exit) return refused('AGENT_EXITED', 'the shell has ended');
    if (view.unfit !== undefined) return refused('AGENT_NOT_A_SHELL', unfitReason(view.unfit));
    if (view.phase === 'starting' || !ours(view))
      return refused('AGENT_NOT_A_SHELL', 'the shell has not loaded its integration and cannot prove what it runs');
    return view.phase === 'running' ? refused('AGENT_BUSY', 'a command is running in this shell') : undefined;
  }

  /** Once, and watches how the shell takes it. */
  async function typeLine(mine: TypedCommand, prompt: string): Promise<DeliverOutcome> {
    const startWithin = START_WITHIN_MS + prompt.length * START_WITHIN_MS_PER_CHARACTER;
    const { prompts, unfinishedLines, handStarts } = view;
    const notBegun = async (code: string, reason: string): Promise<DeliverOutcome> =>
      settle(mine, { handStarts, code, reason });
    try {
      await session.submit(prompt);
    } catch (error) {
      return notBegun('DELIVERY_FAILED', `the terminal failed while the command was typed: ${messageOf(error)}`);
    }
    // The shell may be quicker than the terminal's answer to us.
    journal.catchUp();
    const at = begun(mine, view)?.startedAt ?? now();
    tell({ type: 'receipt', taskId: mine.id, receipt: 'typedAt', at });
    tell({ type: 'receipt', taskId: mine.id, receipt: 'submittedAt', at });
    await journal.until(
      (seen) =>
        begun(mine, seen) !== undefined ||
        seen.unfinishedLines > unfinishedLines ||
        (seen.prompts > prompts && seen.phase === 'prompt'),
      startWithin,
    );
    if (begun(mine, view)) {
      await track(mine);
      return { outcome: 'submitted' };
    }
    if (view.unfinishedLines > unfinishedLines)
      return notBegun(
        'COMMAND_FAILED',
        'the command line is not complete: a quote, a bracket or a here-document is open',
      );
    if (view.prompts > prompts)
      return notBegun(
        'COMMAND_FAILED',
        'the shell found nothing that it could run in this line (a syntax error, or only a comment)',
      );
    return notBegun(
      'DELIVERY_FAILED',
      `the shell did not begin the command within ${Math.round(startWithin / 1000)} s`,
    );
  }

  /** Typed, and no start seen: finds out whether it can still begin, and makes sure that it cannot. */
  async function settle(
    mine: TypedCommand,
    { handStarts, code, reason }: { handStarts: number; code: string; reason: string },
  ): Promise<DeliverOutcome> {
    const running = (seen: ShellView): boolean => begun(mine, seen) !== undefined || exit !== undefined;
    // Somebody's own line may have come first; ours then starts at once. What we type now would be its input.
    await journal.until(running, START_AFTER_PROMPT_MS);
    if (!running(view) && view.phase === 'running')
      await journal.until((seen) => running(seen) || seen.phase !== 'running', FREE_WITHIN_MS);
    const consumed = running(view) || (await atPrompt().catch(() => false)) || running(view);
    if (!consumed) return { outcome: 'unknown', reason: `${reason}, and it does not answer` };
    // Taken as a line of somebody else: theirs, or ours changed on the way.
    if (!begun(mine, view) && view.handStarts > handStarts) return { outcome: 'unknown', reason: OTHER_LINE_RAN };
    if ((await fenceTask(files, mine.task)) === 'started') {
      await track(mine);
      return { outcome: 'submitted' };
    }
    await mine.recording.abandon();
    return refused(exit ? 'AGENT_EXITED' : code, reason);
  }

  async function withdraw({ task, recording }: TypedCommand): Promise<void> {
    await fenceTask(files, task);
    await recording.abandon();
  }

  /** From here on the end of this task is told. */
  async function track(mine: TypedCommand): Promise<void> {
    await rm(files.current, { force: true });
    active = { ...mine, ended: false };
    const at = begun(mine, view)?.startedAt ?? now();
    tell({ type: 'receipt', taskId: mine.id, receipt: 'turnStartedAt', at });
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
    const mine = typedCommand(session, { id, task, nonce: delivery.nonce });
    if ((await readClaim(task)) === 'none') {
      if (sameShell) {
        const free = await journal.until(
          (seen) => seen.phase !== 'running' || begun(mine, seen) !== undefined,
          FREE_WITHIN_MS,
        );
        if (!free)
          return {
            outcome: 'unknown',
            reason: 'another command is running in this shell; this one may still wait in its terminal',
          };
        const answers = begun(mine, view) !== undefined || (await atPrompt().catch(() => false)) || exit !== undefined;
        // It may have begun while the shell was asked.
        if ((await readClaim(task)) === 'none') {
          if (!answers) return { outcome: 'unknown', reason: 'the shell does not answer' };
          if (view.handStarts > delivery.handStarts) return { outcome: 'unknown', reason: OTHER_LINE_RAN };
        }
      }
      await fenceTask(files, task);
    }
    if ((await readClaim(task)) !== 'started') {
      await session.record(null).catch(() => undefined);
      return { outcome: 'not_started' };
    }
    await journal.until((seen) => begun(mine, seen) !== undefined, CLAIM_TOLD_WITHIN_MS);
    const record = begun(mine, view);
    if (sameShell && !exit && record && !record.end) {
      await mine.recording.start();
      await track(mine);
      return { outcome: 'running' };
    }
    if (sameShell && !exit && !record)
      return { outcome: 'unknown', reason: 'the shell began the command and its journal does not tell more' };
    await rm(files.current, { force: true });
    const taskOutcome = await outcomeOf(mine, { end: record?.end, exit });
    return { outcome: 'finished', at: record?.end?.at ?? exit?.at ?? now(), taskOutcome };
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

  function tellEnd(): void {
    const target = active;
    if (!target || target.ended || closed) return;
    const record = begun(target, view);
    if (!record?.end && !exit) return;
    target.ended = true;
    finishing = finish(target, record).finally(() => {
      active = undefined;
    });
  }

  async function finish(target: NonNullable<typeof active>, record: ShellTask | undefined): Promise<void> {
    const outcome = await outcomeOf(target, { end: record?.end, exit });
    const at = record?.end?.at ?? exit?.at ?? now();
    tell({ type: 'receipt', taskId: target.id, receipt: 'finishedAt', at });
    tell({ type: 'task_finished', taskId: target.id, at, outcome });
  }

  function tellStatus({ late } = { late: false }): void {
    const [status, reason, source] = statusOf(view, { isOurs: ours(view), late });
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

function unfitPrompt(prompt: string, shell: 'bash' | 'zsh'): DeliverOutcome | undefined {
  const unfit = unfitLine(prompt);
  if (unfit) return unfit;
  // Its editor keeps stray bytes as these characters, and gives these characters back as stray bytes.
  return shell === 'zsh' && /[\ue000-\ue0ff]/.test(prompt)
    ? refused('DELIVERY_FAILED', 'zsh cannot take the characters U+E000 to U+E0FF unchanged; bash can')
    : undefined;
}

function refused(code: string, reason: string): DeliverOutcome {
  return { outcome: 'refused', code, reason };
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

function now(): string {
  return new Date().toISOString();
}
