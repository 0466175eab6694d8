/**
 * One live Claude Code in a terminal: brings a prompt into its input line once, proves from its hooks when the turn
 * began and how it ended, and passes on what it asks. Acts only through the session and the agent's directory.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type {
  AgentConnection,
  AnswerOutcome,
  DecisionAnswer,
  DeliverOutcome,
  Observation,
  ObservedStatus,
  RecoverOutcome,
} from '../../../ports/agent-driver.ts';
import type { AgentSession, SessionExit } from '../../../ports/agent-host.ts';
import { storeConversation } from '../../private-file.ts';
import { claudeDirectory } from '../claude-home.ts';
import { createComposer, type SwapOutcome } from './composer.ts';
import { decisionOf, verdictOf } from './decisions.ts';
import { openLetterBox, type Letter } from './letter-box.ts';
import { composed, hasControlCharacters, isPrompt } from './prompt-text.ts';
import { sessionFile, sessionsFolder } from './session-file.ts';
import { openTaskRecords, type TaskRecord } from './task-records.ts';
import type { TerminalFiles } from './terminal-files.ts';
import { readUsage, type TranscriptUsage } from './transcript-usage.ts';
import { statusOf, taskOutcome } from './turn-meaning.ts';
import {
  applyExit,
  applyLaunch,
  applyLetter,
  applyLive,
  applyRest,
  emptyView,
  isUp,
  onlySubagentsWork,
  restsSince,
  settle,
  type TurnEvent,
  type TurnView,
} from './turn-view.ts';
import { watchFolder } from './watch-folder.ts';

const READY_WITHIN_MS = 30_000; // a first start takes 2 to 5 s; a machine that starts many at once needs its time
const REST_WITHIN_MS = 3000; // its session file says idle about 80 ms after the last hook of a turn
const BEGIN_WITHIN_MS = 2000; // from Enter to the hook it takes about 100 ms
const ENTERS = 3; // it asks for a second Enter when a prompt holds characters that turn the text around
const SETTLE_WITHIN_MS = 8000; // after the input line was seen empty: the prompt is on its way to the hook
const REST_CERTAIN_MS = 1000; // StopFailure is posted some 50 ms after the session file says idle
const FAILURE_WITHIN_MS = 10_000; // … when the transcript says that the endpoint failed, it will come
const WAKES_WITHIN_MS = 3000; // … when it says that subagents were stopped, the turn wakes; after some 50 ms
const DEFAULT_GRACE_MS = 5000;
const ESCAPE_AGAIN_MS = 1000; // an Esc while a hook runs is lost
const GIVE_UP_AFTER_MS = 10_000;
const ENTER_KEY = Buffer.from([0x0d]);
/** A dialog that is still there then is another one, or our answer was not taken. */
const DIALOG_CLOSES_WITHIN_MS = 5_000; // a few ms, but more than 1.5 s were seen while the machine was busy
const ESCAPE_KEY = Buffer.from([0x1b]);
const STOP_SUBAGENTS_KEYS = Buffer.from([0x18, 0x0b, 0x18, 0x0b]); // ^X ^K, and once more to confirm it

interface ConversationUsage {
  conversation: string;
  of: TranscriptUsage;
  /** The total that was told last, as JSON. */
  told: string;
}

export function connectInteractive({
  session,
  files,
  agentDirectory,
  observe,
}: {
  session: AgentSession;
  files: TerminalFiles;
  agentDirectory: string;
  observe: (observation: Observation) => void;
}): AgentConnection {
  const view: TurnView = emptyView();
  const records = openTaskRecords(files.tasks);
  const composer = createComposer({ session, directory: files.composer });
  const waiters = new Set<() => void>();
  const processName = `${session.ref.panePid}-${session.ref.panePidStartTicks}`;
  let kept: Letter[] = [];
  let news = false;
  let closed = false;
  let exit: SessionExit | undefined;
  let active: string | undefined;
  let lastTask: string | null = null;
  let usage: ConversationUsage | undefined;
  /** The conversation before a /clear: its last rows may be written after it was left. */
  let leftUsage: (ConversationUsage & { taskId: string | null }) | undefined;
  let shown: ObservedStatus | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let restTimer: NodeJS.Timeout | undefined;
  let dialogTimer: NodeJS.Timeout | undefined;
  let transcriptWatch: { close(): void } | undefined;
  /** We stopped subagents, and the turn has not been brought back by the news of it. */
  let mayComeBack = false;

  const launchedAt = launchTime(files.launch);
  let launched = false;
  const letters = openLetterBox({ directory: files.letters, onLetter });
  const configDirectory = claudeDirectory(agentDirectory);
  const live = sessionFile(configDirectory, session.ref.panePid);
  const watchers = [
    watchFolder({ directory: files.letters, onChange: guarded(look) }),
    watchFolder({ directory: sessionsFolder(configDirectory), onChange: guarded(look) }),
    // The file of its status line comes here.
    watchFolder({ directory: files.directory, onChange: guarded(() => tellUsage(lastTask)) }),
  ];

  letters.catchUp();
  applyLaunchOnce();
  look();
  news = true;
  for (const [name, letter] of view.pending) {
    if (letters.waits(name)) tellAsked(letter);
    else handle(settle(view, name, now(), 'nobody waits for it any more'));
  }
  tellStatus();

  void session.exited.then((ended) => {
    exit = ended;
    guarded(() => {
      letters.catchUp();
      handle(applyExit(view, ended.at));
    })();
    for (const check of waiters) check();
  });

  return {
    deliver: (task) => exclusively(() => deliver(task)),
    recover: (task) => exclusively(() => recover(task)),
    interrupt,
    answer,
    close,
  };

  /** Two at the input line would mix two prompts. */
  async function exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }

  async function deliver({ id, prompt }: { id: string; prompt: string }): Promise<DeliverOutcome> {
    const before = records.get(id);
    if (before?.begun ?? before?.ended)
      return { outcome: 'unknown', reason: 'this task was brought to the agent before and has begun' };
    const refusal = unfitPrompt(prompt) ?? (await unfitMoment());
    if (refusal) return refusal;
    const record: TaskRecord = { id, prompt, process: processName, deliveredAt: now() };
    const ownDrafts = records.all().map((one) => one.prompt);
    records.put(record);
    let placed: SwapOutcome;
    try {
      placed = await place({ text: composed(prompt), over: ownDrafts });
    } catch (error) {
      return withdraw(record, 'DELIVERY_FAILED', `the terminal cannot be used: ${messageOf(error)}`);
    }
    if (placed.outcome === 'unreachable')
      return withdraw(
        record,
        'DELIVERY_FAILED',
        'the input line of Claude Code is not in front, or its key ^G opens nothing',
      );
    if (placed.outcome === 'other')
      return withdraw(record, 'AGENT_BUSY', 'somebody has begun to write in the input line; it was left as it is');
    if (placed.outcome === 'unknown') return settleUnbegun(record, 'the input line did not come back');
    tellReceipt(id, 'typedAt', now());
    return enter(record);
  }

  async function enter(record: TaskRecord): Promise<DeliverOutcome> {
    const begun = (): boolean => records.get(record.id)?.begun !== undefined;
    records.put({ ...record, entered: true });
    let held = 'it was not looked at';
    for (let presses = 0; presses < ENTERS && !exit; presses += 1) {
      try {
        await session.keys(ENTER_KEY);
      } catch (error) {
        return settleUnbegun(record, `the terminal failed: ${messageOf(error)}`);
      }
      if (await until(begun, BEGIN_WITHIN_MS)) return track(record);
      const seen = await composer
        .swap({ expected: composed(record.prompt), text: composed(record.prompt) })
        .catch(() => undefined);
      if (begun()) return track(record);
      held = heldWords(seen, record.prompt);
      // Taken; its hook is slow. Or a dialog is in front.
      if (seen?.outcome === 'other' && !isPrompt(seen.draft, record.prompt)) break;
      if (seen?.outcome === 'unreachable' || seen?.outcome === 'unknown') break;
    }
    if (await until(begun, SETTLE_WITHIN_MS)) return track(record);
    return settleUnbegun(record, `Claude Code did not begin the turn after Enter (its input line: ${held})`);
  }

  /** Placed, and no beginning seen: makes sure that it cannot begin any more, where that can be proved. */
  async function settleUnbegun(record: TaskRecord, reason: string): Promise<DeliverOutcome> {
    const found = await emptied(record);
    if (found === 'begun') return track(record);
    if (found === 'never') return withdraw(record, exit ? 'AGENT_EXITED' : 'DELIVERY_FAILED', reason);
    return { outcome: 'unknown', reason };
  }

  /** `never`: it does not stand in the input line any more, and no hook told of it. */
  async function emptied(record: TaskRecord): Promise<'begun' | 'never' | 'unclear'> {
    const begun = (): boolean => records.get(record.id)?.begun !== undefined;
    if (begun()) return 'begun';
    // The hook comes before the first request to the model, and its letter outlives everybody.
    if (exit || record.process !== processName) return 'never';
    await until(() => begun() || isUp(view), READY_WITHIN_MS);
    const seen = await composer.swap({ expected: composed(record.prompt), text: '' }).catch(() => undefined);
    let gone = seen?.outcome === 'placed';
    if (seen?.outcome === 'other' && isPrompt(seen.draft, record.prompt))
      gone = (await composer.swap({ expected: seen.draft, text: '' }).catch(() => undefined))?.outcome === 'placed';
    if (gone && !begun()) return 'never';
    const elsewhere = seen?.outcome === 'other' && !seen.draft.includes(record.prompt.trim());
    if (elsewhere && !records.get(record.id)?.entered) return 'never';
    // The key came after the Enter: what was entered is with the hooks by now, or was never there.
    if (await until(begun, SETTLE_WITHIN_MS)) return 'begun';
    const mixed = view.open.some((one) => one.startedAt >= record.deliveredAt && one.prompt.includes(record.prompt));
    return elsewhere && !mixed ? 'never' : 'unclear';
  }

  async function place({ text, over }: { text: string; over: readonly string[] }): Promise<SwapOutcome> {
    const first = await composer.swap({ expected: '', text });
    if (first.outcome !== 'other') return first;
    // An Esc before the first word of an answer puts the prompt back into the input line: that one is ours.
    if (first.draft.trim() !== '' && !over.some((prompt) => isPrompt(first.draft, prompt))) return first;
    return composer.swap({ expected: first.draft, text });
  }

  function withdraw(record: TaskRecord, code: string, reason: string): DeliverOutcome {
    if (records.get(record.id)?.begun) return track(record);
    records.remove(record.id);
    return { outcome: 'refused', code: exit ? 'AGENT_EXITED' : code, reason };
  }

  /** From here on the end of this task is told. */
  function track({ id }: TaskRecord): DeliverOutcome {
    const record = records.get(id);
    active = id;
    lastTask = id;
    const at = record?.begun?.at ?? now();
    tellReceipt(id, 'submittedAt', at);
    tellReceipt(id, 'turnStartedAt', at);
    tellStatus();
    if (record?.ended) tellEnd(record);
    return { outcome: 'submitted' };
  }

  async function recover({ id }: { id: string; prompt: string }): Promise<RecoverOutcome> {
    look();
    if (active === id) return { outcome: 'running' };
    const record = records.get(id);
    // The record is written before the first key is typed.
    if (!record) return { outcome: 'not_started' };
    if (!record.begun && !record.ended) {
      const found = await emptied(record);
      if (found === 'unclear')
        return {
          outcome: 'unknown',
          reason: 'the prompt may stand in the input line, and Claude Code does not show it',
        };
      if (found === 'never') {
        records.remove(id);
        return { outcome: 'not_started' };
      }
    }
    // What ended while nobody looked is told in a moment.
    if (restsSince(view)) await until(() => records.get(id)?.ended !== undefined, FAILURE_WITHIN_MS);
    const latest = records.get(id);
    if (latest?.ended)
      return {
        outcome: 'finished',
        at: latest.ended.at,
        taskOutcome: latest.ended.outcome,
        ...(usage ? { usage: { conversation: usage.conversation, total: usage.of.total() } } : {}),
      };
    active = id;
    lastTask = id;
    return { outcome: 'running' };
  }

  async function interrupt({ graceMs = DEFAULT_GRACE_MS } = {}): Promise<void> {
    const rests = (): boolean => exit !== undefined || closed || (view.open.length === 0 && !isBusy());
    look();
    if (rests()) return;
    const record = active === undefined ? undefined : records.get(active);
    if (record) records.put({ ...record, interrupted: true });
    const giveUpAt = Date.now() + Math.max(graceMs, GIVE_UP_AFTER_MS);
    // Never at rest: two of them at an empty input line open another screen.
    for (let pressed = 0; !rests(); pressed += 1) {
      if (Date.now() > giveUpAt)
        throw new Error('Claude Code does not take the interruption: only a restart of the agent ends this');
      // An Esc before the last words ends the turn without a hook, and subagents work on: then it is their turn.
      const isTheirTurn = onlySubagentsWork(view) || (isBusy() && pressed % 2 === 1);
      if (isTheirTurn) {
        mayComeBack = true;
        await session.keys(STOP_SUBAGENTS_KEYS);
      } else if (isBusy()) await session.keys(ESCAPE_KEY);
      await until(rests, Math.min(graceMs, ESCAPE_AGAIN_MS));
    }
    mayComeBack = false;
  }

  async function answer(requestId: string, decision: DecisionAnswer): Promise<AnswerOutcome> {
    look();
    const letter = view.pending.get(requestId);
    const gone: AnswerOutcome = { outcome: 'gone', reason: 'it was answered in the terminal, or its turn is over' };
    if (!letter) return gone;
    const told = letters.answer(requestId, verdictOf(letter, decision));
    if (told) onAnswered(requestId);
    else handle(settle(view, requestId, now(), 'nobody waits for it any more'));
    tellStatus();
    return told ? { outcome: 'answered' } : gone;
  }

  function onAnswered(requestId: string): void {
    view.pending.delete(requestId);
    view.dialogAnswered = true;
    const stays = guarded(() => {
      view.dialogAnswered = false;
      look();
    });
    clearTimeout(dialogTimer);
    dialogTimer = setTimeout(stays, DIALOG_CLOSES_WITHIN_MS).unref();
  }

  function close(): void {
    closed = true;
    clearTimeout(restTimer);
    clearTimeout(dialogTimer);
    for (const watcher of watchers) watcher.close();
    transcriptWatch?.close();
    for (const check of waiters) check();
  }

  function onLetter(letter: Letter): void {
    if (letter.at > launchedAt) applyLaunchOnce();
    kept.push(letter);
    handle(applyLetter(view, letter));
  }

  function applyLaunchOnce(): void {
    if (launched) return;
    launched = true;
    handle(applyLaunch(view, launchedAt));
  }

  /** Letters first: the session file says idle only after the last hook of a turn. */
  function look(): void {
    if (closed) return;
    const state = live.read();
    letters.catchUp();
    if (state && launched) handle(applyLive(view, state));
    watchRest();
    for (const check of waiters) check();
  }

  /** It rests, and no hook has told how the turn ended: an interruption, when none tells it in a moment. */
  function watchRest(): void {
    const since = restsSince(view);
    if (since === undefined) return;
    // Stopping subagents wakes their turn once more, after a rest of a few ms: a prompt that came between would be lost.
    if (!mayComeBack && isInterrupted()) return endInterrupted(since);
    if (restTimer) return;
    const end = guarded(() => {
      restTimer = undefined;
      look();
      if (closed || restsSince(view) !== since) return;
      usage?.of.total();
      const failed = view.open.some((one) => (usage?.of.failedAt ?? '') > one.startedAt);
      const within = failed ? FAILURE_WITHIN_MS : comesBack() ? WAKES_WITHIN_MS : 0;
      if (Date.now() - Date.parse(since) > within) endInterrupted(since);
      else watchRest();
    });
    restTimer = setTimeout(end, REST_CERTAIN_MS).unref();
  }

  function endInterrupted(since: string): void {
    handle(applyRest(view, since));
    // No letter will tell the end of these turns: after a restart they would seem to run.
    discardBefore(since);
  }

  /** We asked for it, or a row of the transcript says it: no hook needs to be waited for. */
  function isInterrupted(): boolean {
    const byUs = new Set(records.all().flatMap((one) => (one.interrupted ? (one.begun?.promptId ?? []) : [])));
    if (view.open.every((turn) => byUs.has(turn.promptId))) return true;
    usage?.of.total();
    return view.open.every((turn) => (usage?.of.interruptedAt ?? '') > turn.startedAt);
  }

  /** By the transcript subagents were stopped, and no hook has told of the turn that this begins. */
  function comesBack(): boolean {
    return mayComeBack && view.open.every((turn) => (usage?.of.subagentsStoppedAt ?? '') > turn.startedAt);
  }

  /** Nobody else would catch it: a full disk must not end the server. What was not noted is read again at the next start. */
  function guarded(work: () => void): () => void {
    return () => {
      try {
        if (!closed) work();
      } catch (error) {
        const reason = `the agent's directory cannot be used: ${messageOf(error)}`;
        shown = 'no_signal';
        tell({ type: 'status', status: 'no_signal', source: 'process', reason, at: now() });
      }
    };
  }

  function handle(events: readonly TurnEvent[]): void {
    for (const event of events) {
      if (event.type === 'ready') onReady(event);
      else if (event.type === 'started') onStarted(event.turn.promptId, event.turn.prompt, event.turn.startedAt);
      else if (event.type === 'ended') onEnded(event);
      else if (event.type === 'asked') {
        if (news) tellAsked(event.letter);
      } else {
        letters.answer(event.name, '');
        tell({ type: 'decision_settled', requestId: event.name, at: event.at, reason: event.reason });
      }
    }
    tellStatus();
    for (const check of waiters) check();
  }

  function onReady({ conversation, transcript }: Extract<TurnEvent, { type: 'ready' }>): void {
    if (!launched) return;
    if (usage && usage.conversation !== conversation) leftUsage = { ...usage, taskId: lastTask };
    usage = { conversation, of: readUsage({ transcript, conversation, costFile: files.cost }), told: '' };
    watchTranscript(dirname(transcript));
    // Another one after /clear. Only to resume it: nobody waits for this.
    void storeConversation(agentDirectory, conversation).catch(() => undefined);
  }

  /** The last rows of a turn may be written after all else that tells of its end. */
  function watchTranscript(directory: string): void {
    mkdirSync(directory, { recursive: true, mode: 0o700 }); // Claude Code makes it with its first row
    transcriptWatch?.close();
    transcriptWatch = watchFolder({
      directory,
      onChange: guarded(() => {
        if (shown !== 'working') tellUsage(lastTask);
        else watchRest();
      }),
    });
  }

  function onStarted(promptId: string, prompt: string, at: string): void {
    mayComeBack = false;
    const record = records
      .all()
      .find((one) => !one.begun && !one.ended && one.deliveredAt <= at && isPrompt(prompt, one.prompt));
    if (record) records.put({ ...record, begun: { at, promptId } });
    discardBefore(at);
  }

  function onEnded({ turn: over, end }: Extract<TurnEvent, { type: 'ended' }>): void {
    const record = records.all().find((one) => one.begun?.promptId === over.promptId && !one.ended);
    if (!record) {
      tellUsage(null);
      return;
    }
    const ended = { at: end.at, outcome: taskOutcome({ end, interrupted: record.interrupted === true, exit }) };
    const whole = { ...record, ended };
    records.put(whole);
    if (active === record.id) tellEnd(whole);
  }

  function tellEnd({ id, ended }: TaskRecord): void {
    if (!ended) return;
    tellUsage(id);
    active = undefined;
    tellReceipt(id, 'finishedAt', ended.at);
    tell({ type: 'task_finished', taskId: id, at: ended.at, outcome: ended.outcome });
  }

  /** What a turn before this one told is in the records by now; what still waits stays. */
  function discardBefore(at: string): void {
    const start = kept.findLast((letter) => letter.event === 'SessionStart');
    const needless = kept.filter((one) => one.at < at && one !== start && !view.pending.has(one.name));
    kept = kept.filter((one) => !needless.includes(one));
    letters.discard(needless.map((one) => one.name));
  }

  function isBusy(): boolean {
    return view.live !== undefined && view.live.status !== 'idle' && view.live.status !== 'shell';
  }

  /** Waits for the start of the program and for the end of a turn's last moments. */
  async function unfitMoment(): Promise<DeliverOutcome | undefined> {
    if (exit) return { outcome: 'refused', code: 'AGENT_EXITED', reason: 'Claude Code has ended' };
    if (active !== undefined) return { outcome: 'refused', code: 'AGENT_BUSY', reason: 'a task is running' };
    await until(() => isUp(view) || exit !== undefined, READY_WITHIN_MS);
    await until(() => !isBusy() || view.pending.size > 0, REST_WITHIN_MS);
    if (exit) return { outcome: 'refused', code: 'AGENT_EXITED', reason: 'Claude Code has ended' };
    if (!isUp(view))
      return { outcome: 'refused', code: 'DELIVERY_FAILED', reason: 'Claude Code has not started; see its screen' };
    if (view.pending.size > 0 || view.live?.status === 'waiting')
      return { outcome: 'refused', code: 'AGENT_BLOCKED', reason: 'Claude Code waits for a decision' };
    if (view.open.length > 0 || view.background > 0 || isBusy())
      return { outcome: 'refused', code: 'AGENT_BUSY', reason: 'a turn is running' };
    return undefined;
  }

  async function until(isSo: () => boolean, maxMs: number): Promise<boolean> {
    look();
    if (isSo() || closed) return isSo();
    const met = Promise.withResolvers<void>();
    const check = (): void => {
      if (isSo() || closed) met.resolve();
    };
    waiters.add(check);
    const limit = setTimeout(met.resolve, maxMs);
    await met.promise;
    clearTimeout(limit);
    waiters.delete(check);
    look();
    return isSo();
  }

  function tellAsked(letter: Letter): void {
    tell({ type: 'decision_requested', requestId: letter.name, at: letter.at, request: decisionOf(letter) });
  }

  function tellStatus(): void {
    if (!news) return;
    const { status, reason, source } = statusOf(view);
    if (status === shown) return;
    shown = status;
    // The last row of an answer may come after the hook of its end.
    if (status !== 'working' && status !== 'starting') tellUsage(lastTask);
    tell({ type: 'status', status, source, reason, at: view.since || now() });
  }

  function tellUsage(taskId: string | null): void {
    if (leftUsage) tellTotal(leftUsage, leftUsage.taskId);
    if (usage) tellTotal(usage, taskId);
  }

  function tellTotal(one: ConversationUsage, taskId: string | null): void {
    if (!news) return;
    const total = one.of.total();
    const told = JSON.stringify(total);
    if (told === one.told || total.inputTokens + total.cost === 0) return;
    one.told = told;
    tell({ type: 'usage', at: now(), taskId, conversation: one.conversation, total });
  }

  function tellReceipt(
    taskId: string,
    receipt: Extract<Observation, { type: 'receipt' }>['receipt'],
    at: string,
  ): void {
    tell({ type: 'receipt', taskId, receipt, at });
  }

  function tell(observation: Observation): void {
    if (!closed && news) observe(observation);
  }
}

function unfitPrompt(prompt: string): DeliverOutcome | undefined {
  if (hasControlCharacters(prompt))
    return {
      outcome: 'refused',
      code: 'PROMPT_CONTROL_CHARACTERS',
      reason: 'the prompt holds a control character or half a character',
    };
  if (prompt.trim() === '') return { outcome: 'refused', code: 'DELIVERY_FAILED', reason: 'the prompt is empty' };
  return undefined;
}

function launchTime(file: string): string {
  return (JSON.parse(readFileSync(file, 'utf8')) as { at: string }).at;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function now(): string {
  return new Date().toISOString();
}

/** What was in the input line after Enter, for the reason of a delivery that failed; never the text itself. */
function heldWords(seen: SwapOutcome | undefined, prompt: string): string {
  if (!seen) return 'the terminal failed';
  if (seen.outcome === 'placed' || (seen.outcome === 'other' && isPrompt(seen.draft, prompt)))
    return 'still the prompt';
  if (seen.outcome === 'other') return seen.draft.trim() === '' ? 'empty' : 'another text';
  return seen.outcome === 'unreachable' ? 'something is in front of it' : 'it did not come back';
}
