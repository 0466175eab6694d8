/**
 * The turn that opencode is on for us, from the prompt in its conversation to its end. Events are told as they come;
 * how it ended is always read from the conversation.
 */
import type { RecoverOutcome, TaskOutcome, UsageTotal } from '../../ports/agent-driver.ts';
import type { SessionExit } from '../../ports/agent-host.ts';
import { isObject, objectIn } from '../json-row.ts';
import { readTurn, readUsage } from './conversation.ts';
import { isMessageOf } from './message-id.ts';
import { type MessageInfo, type MessagePart, type SessionStatus, statusOf, type TurnError } from './opencode-event.ts';
import { failureKind } from './opencode-failure.ts';
import { refusal } from './opencode-server.ts';
import type { Patience } from './patience.ts';
import type { PendingRequests } from './pending-requests.ts';
import { apiOf, conversationOf, type RunningOpencode } from './running-opencode.ts';
import type { Teller } from './teller.ts';
import { newTurn, noteCall, silenceError, type Turn } from './turn.ts';
import { endAtExit, isAbort, type Verdict, verdictOf } from './verdict.ts';

/** Between a prompt that is in the conversation and the model that is asked, and between rest and the last event, lie milliseconds. */
const MORE_WITHIN_MS = 5_000;

type Ended = Extract<RecoverOutcome, { outcome: 'finished' }>;

export interface CurrentTurn {
  get(): Turn | null;
  /** Of this connection's turns that are over. */
  ended(taskId: string): Ended | undefined;
  open(taskId: string, messageId?: string): Turn;
  /** Nothing became of it. */
  drop(turn: Turn): void;
  tellTyped(turn: Turn): void;
  takeStatus(status: SessionStatus): Promise<void>;
  takeMessage(message: MessageInfo): Promise<void>;
  takePart(part: MessagePart): void;
  takeError(error: TurnError): Promise<void>;
  /** Takes over what the conversation says of it and of its status, whatever was told before. */
  find(): Promise<void>;
  /** The model, or a person who decided, was heard of. */
  heard(): void;
  watchTheModel(): void;
  /** One at a time: whoever asks while opencode is at it waits for the same answer. */
  abort(): Promise<void>;
  /** Nothing that we asked to stop can stop what comes next. */
  aborted(): Promise<void>;
  exited(exit: SessionExit): void;
  close(): void;
}

export function createCurrentTurn(options: {
  running: RunningOpencode;
  patience: Patience;
  tell: Teller;
  pending: () => PendingRequests;
  inOrder: (work: () => Promise<void>) => Promise<boolean>;
}): CurrentTurn {
  const { running, patience, tell, pending, inOrder } = options;
  const ended = new Map<string, Ended>();
  let turn: Turn | null = null;
  let used: { conversation: string; total: UsageTotal } | null = null;
  let lastWordAt = Date.now();
  let watchdog: NodeJS.Timeout | undefined;
  let aborting: Promise<void> | null = null;
  let closed = false;

  return {
    get: () => turn,
    ended: (taskId) => ended.get(taskId),
    open: (taskId, messageId) => (turn = newTurn(taskId, messageId)),
    drop,
    tellTyped,
    takeStatus,
    takeMessage,
    takePart,
    takeError,
    find,
    heard: () => void (lastWordAt = Date.now()),
    watchTheModel,
    abort,
    aborted: async () => aborting?.catch(() => undefined),
    exited,
    close,
  };

  function drop(mine: Turn): void {
    if (turn !== mine) return;
    turn = null;
    clearTimeout(watchdog);
  }

  async function takeStatus(next: SessionStatus): Promise<void> {
    running.status = next;
    if (!turn) {
      // Somebody uses its conversation beside us.
      if (next.type !== 'idle') tell.say('working', 'it works for somebody else');
      else if (tell.said === 'working') tell.sayRest();
      return;
    }
    if (next.type === 'idle') {
      if (turn.state === 'started') await settle(turn);
      return;
    }
    begin(turn);
    if (next.type === 'retry') await takeRetry(turn, next);
  }

  async function takeMessage(message: MessageInfo): Promise<void> {
    if (!turn) return;
    if (message.role === 'user') {
      if (isMessageOf(turn.taskId, message.id)) accept(turn);
      return;
    }
    if (isMessageOf(turn.taskId, message.parentId)) turn.answering = true;
    // After an abort the message is completed when the status is idle already.
    if (message.completed && running.status.type === 'idle' && turn.state === 'started') await settle(turn);
  }

  function takePart(part: MessagePart): void {
    // The model has answered again.
    if (turn && part.type === 'step-finish') turn.failingSince = null;
    if (turn && part.type === 'tool') noteCall(turn, part);
  }

  async function takeError(error: TurnError): Promise<void> {
    // An abort that is told late is of the turn before.
    if (!turn || (turn.state === 'sent' && isAbort(error))) return;
    turn.error = error;
    if (running.status.type !== 'idle') return;
    if (turn.state === 'started') await settle(turn);
    else if (turn.state === 'accepted') lookLater(turn);
  }

  async function find(): Promise<void> {
    running.status = await statusNow();
    const mine = turn;
    if (!mine) return;
    const { arrived, last, calls } = await readTurn(apiOf(running), {
      sessionId: conversationOf(running),
      taskId: mine.taskId,
    });
    if (!arrived || turn !== mine) return;
    accept(mine);
    if (last) mine.answering = true;
    mine.running.clear();
    for (const part of calls) noteCall(mine, part);
    if (running.status.type !== 'idle') begin(mine);
    if (running.status.type === 'retry') await takeRetry(mine, running.status);
    if (running.status.type !== 'idle') return;
    // What ended unseen is not said to work now.
    if (last) start(mine);
    if (mine.state === 'started') await settle(mine);
    else lookLater(mine);
  }

  async function statusNow(): Promise<SessionStatus> {
    const known = await apiOf(running).request('GET', '/session/status');
    if (known.status >= 300) throw new Error(refusal(known));
    // It names only those that are not idle.
    return statusOf(isObject(known.body) ? objectIn(known.body, conversationOf(running)) : {});
  }

  async function takeRetry(mine: Turn, { message, next }: Extract<SessionStatus, { type: 'retry' }>): Promise<void> {
    mine.failingSince ??= Date.now();
    const error: TurnError = { name: 'retry', message, httpStatus: null };
    if (Math.max(next, Date.now()) - mine.failingSince > patience.retryMs) {
      mine.givenUp = error;
      await abort();
      return;
    }
    const kinds = { auth: 'auth_failed', rate: 'rate_limited', other: 'working' } as const;
    tell.forget(); // the reason is news, though it may be working as before
    tell.say(kinds[failureKind(error)], `the model's endpoint failed; it tries again: ${message}`);
  }

  /** The prompt is in the conversation. */
  function accept(mine: Turn): void {
    if (mine.state !== 'sent') return;
    mine.state = 'accepted';
    mine.error = null;
    tellTyped(mine);
    tell.receipt(mine.taskId, 'submittedAt');
  }

  function begin(mine: Turn): void {
    if (start(mine)) tell.say('working', 'a turn is running');
  }

  function start(mine: Turn): boolean {
    if (mine.state !== 'accepted') return false;
    mine.state = 'started';
    tell.receipt(mine.taskId, 'turnStartedAt');
    watchTheModel();
    return true;
  }

  function tellTyped(mine: Turn): void {
    if (mine.typed) return;
    mine.typed = true;
    tell.receipt(mine.taskId, 'typedAt');
  }

  /** It rests: ends the turn if the conversation says that it is over, and looks once more if it may still say so. */
  async function settle(mine: Turn): Promise<void> {
    const { last } = await readTurn(apiOf(running), { sessionId: conversationOf(running), taskId: mine.taskId });
    const verdict = verdictOf(mine, last, { waited: false });
    if (verdict) await conclude(mine, verdict);
    else lookLater(mine);
  }

  function lookLater(mine: Turn): void {
    setTimeout(
      () => void inOrder(async () => (turn === mine ? lookOnceMore(mine) : undefined)),
      MORE_WITHIN_MS,
    ).unref();
  }

  async function lookOnceMore(mine: Turn): Promise<void> {
    running.status = await statusNow();
    if (running.status.type !== 'idle') return begin(mine);
    const { last } = await readTurn(apiOf(running), { sessionId: conversationOf(running), taskId: mine.taskId });
    const verdict = verdictOf(mine, last, { waited: true });
    start(mine);
    if (verdict) await conclude(mine, verdict);
  }

  async function conclude(mine: Turn, { outcome, status, reason }: Verdict): Promise<void> {
    if (turn !== mine) return;
    const conversation = conversationOf(running);
    used = { conversation, total: await readUsage(apiOf(running), conversation) };
    tell.observe({ type: 'usage', at: new Date().toISOString(), taskId: mine.taskId, ...used });
    if (turn !== mine) return;
    finish(mine, outcome);
    tell.rest(status, reason);
  }

  function finish({ taskId }: Turn, outcome: TaskOutcome): void {
    const at = new Date().toISOString();
    turn = null;
    clearTimeout(watchdog);
    ended.set(taskId, { outcome: 'finished', taskOutcome: outcome, at, ...(used ? { usage: used } : {}) });
    pending().settleAll('the turn is over');
    tell.receipt(taskId, 'finishedAt', at);
    tell.observe({ type: 'task_finished', taskId, at, outcome });
  }

  /** opencode waits for ever for a model that never answers. */
  function watchTheModel(): void {
    clearTimeout(watchdog);
    if (!turn || closed) return;
    const waitsForOthers = pending().size > 0 || turn.running.size > 0 || running.status.type === 'retry';
    const left =
      waitsForOthers || turn.state !== 'started'
        ? patience.modelSilenceMs
        : lastWordAt + patience.modelSilenceMs - Date.now();
    if (left > 0) {
      watchdog = setTimeout(watchTheModel, left).unref();
      return;
    }
    turn.givenUp = silenceError(patience.modelSilenceMs);
    void inOrder(abort);
  }

  async function abort(): Promise<void> {
    aborting ??= askToAbort().finally(() => (aborting = null));
    return aborting;
  }

  async function askToAbort(): Promise<void> {
    await apiOf(running).request('POST', `/session/${conversationOf(running)}/abort`);
  }

  function exited(exit: SessionExit): void {
    const mine = turn;
    if (mine && mine.state !== 'sent') finish(mine, endAtExit(mine, exit));
    turn = null;
    close();
  }

  function close(): void {
    closed = true;
    clearTimeout(watchdog);
  }
}
