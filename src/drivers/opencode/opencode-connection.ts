/**
 * A running `opencode serve`: requests and answers go to it over HTTP, everything it does comes as events. It outlives
 * us and keeps the conversation, so at every beginning of the stream it is asked what became of a prompt and what it
 * waits for.
 */
import { readFile } from 'node:fs/promises';
import type {
  AgentConnection,
  AnswerOutcome,
  DecisionAnswer,
  DeliverOutcome,
  LaunchContext,
  Observation,
  ObservedStatus,
  RecoverOutcome,
  TaskOutcome,
  UsageTotal,
} from '../../ports/agent-driver.ts';
import type { AgentSession } from '../../ports/agent-host.ts';
import { endsWithQuestion } from '../ends-with-question.ts';
import { followLines } from '../follow-lines.ts';
import { openConversation, outcomeOf, readTurn, readUsage } from './conversation.ts';
import { isMessageOf, messageIdOf } from './message-id.ts';
import { createNotice } from './notice.ts';
import { isObject, type Json, list, objectIn, text } from '../json-row.ts';
import {
  type MessagePart,
  type OpencodeEvent,
  partOf,
  type SessionStatus,
  statusOf,
  type TurnError,
} from './opencode-event.ts';
import { failureKind, opencodeFailure } from './opencode-failure.ts';
import { opencodeFiles, readDelivered, writeDelivered } from './opencode-files.ts';
import { agentFor } from './opencode-permissions.ts';
import { type OpencodeRequest, permissionRequest, questionRequest } from './opencode-request.ts';
import { type OpencodeServer, opencodeServer, refusal } from './opencode-server.ts';
import { exitError, failed, GIVEN_UP, newTurn, silenceError, type Turn } from './turn.ts';

/** A cold start on a busy machine takes seconds; a prompt is acknowledged within milliseconds. */
const ACKNOWLEDGED_WITHIN_MS = 60_000;
const INTERRUPT_GRACE_MS = 5_000;
/** Between a prompt that is in the conversation and the model that is asked lie milliseconds. */
const BEGINS_WITHIN_MS = 3_000;
const AGAIN_AFTER_MS = 1_000;
const INTERRUPT_KEY = Uint8Array.of(3); // Ctrl-C: opencode ends and its conversation can be resumed
const ADDRESS = /listening on http:\/\/127\.0\.0\.1:(\d+)/;

export interface Patience {
  /** How long the model may say nothing before its turn is given up. */
  modelSilenceMs: number;
  /** How long opencode may go on asking an endpoint that fails. */
  retryMs: number;
}

export async function connectOpencode(options: {
  session: AgentSession;
  context: LaunchContext;
  patience: Patience;
  observe: (observation: Observation) => void;
}): Promise<AgentConnection> {
  const { session, context, patience } = options;
  const files = opencodeFiles(context.directory);
  const password = await readFile(files.password, 'utf8');
  const asked = new Map<string, OpencodeRequest>();
  const ended = new Map<string, Extract<RecoverOutcome, { outcome: 'finished' }>>();
  /** Proven: not one of these prompts arrived. */
  const neverArrived = new Set<string>();
  const notice = createNotice();
  const stop = new AbortController();
  let server: OpencodeServer | null = null;
  let conversation: string | null = null;
  let ready = false;
  let used: { conversation: string; total: UsageTotal } | null = null;
  let status: SessionStatus = { type: 'idle' };
  let broken: string | null = null;
  let exited = false;
  let lastWordAt = Date.now();
  let watchdog: NodeJS.Timeout | undefined;
  let said: ObservedStatus | null = null;

  const delivered = await readDelivered(files);
  let turn: Turn | null = delivered ? newTurn(delivered.taskId) : null;

  const now = (): string => new Date().toISOString();
  const observe = (observation: Observation): void => {
    if (!stop.signal.aborted) options.observe(observation);
  };
  const say = (one: ObservedStatus, reason: string): void => {
    if (one === 'working' && said === 'working') return;
    said = one;
    observe({ type: 'status', status: one, reason, source: 'protocol', at: now() });
  };

  /** One after the other, each with its questions to opencode: events are facts in an order. */
  let order: Promise<void> = Promise.resolve();
  const inOrder = (work: () => Promise<void> | void): void => {
    order = order.then(async () => {
      if (stop.signal.aborted || exited) return;
      try {
        await work();
      } catch (error) {
        breakDown(error);
      }
      notice.changed();
    });
  };

  const output = followLines({
    file: files.output,
    offset: 0,
    onLine(line) {
      const port = ADDRESS.exec(line)?.[1];
      if (port === undefined || server) return;
      server = opencodeServer({ port: Number(port), password, directory: context.workspace });
      void server.follow((event) => inOrder(() => take(event)), stop.signal);
    },
  });

  void session.exited.then(() => {
    exited = true;
    clearTimeout(watchdog);
    if (turn && turn.state !== 'sent')
      finish(turn.interrupted ? { status: 'cancelled' } : { status: 'failed', error: exitError() });
    turn = null;
    notice.changed();
    close();
  });

  return { deliver, interrupt, answer, recover, close };

  function close(): void {
    stop.abort();
    clearTimeout(watchdog);
    output.close();
    notice.close();
  }

  function api(): OpencodeServer {
    if (!server) throw new Error('opencode does not listen yet');
    return server;
  }

  function breakDown(error: unknown): void {
    if (stop.signal.aborted || exited) return;
    broken = error instanceof Error ? error.message : String(error);
    say('no_signal', `opencode cannot be used: ${broken} — it is asked again; start the agent again if it stays so`);
    setTimeout(() => inOrder(reconcile), AGAIN_AFTER_MS).unref();
  }

  async function take(event: OpencodeEvent): Promise<void> {
    if (event.type === 'connected') return reconcile();
    if (!ready || event.type === 'other') return;
    lastWordAt = Date.now();
    switch (event.type) {
      case 'status':
        if (event.sessionId === conversation) await takeStatus(event.status);
        return;
      case 'message':
        if (event.sessionId !== conversation || !turn) return;
        if (event.message.role === 'user') return acceptIfMine(turn, event.message.id);
        // After an abort the message is completed when the status is idle already.
        if (event.message.completed && status.type === 'idle') await settleTurn();
        return;
      case 'part':
        return takePart(event.part);
      case 'failed':
        if (event.sessionId !== conversation || !turn) return;
        turn.error = event.error;
        if (turn.state === 'accepted') lookLater(turn);
        return;
      case 'asked':
        return event.kind === 'question' ? ask(questionRequest(event.request)) : askPermission(event.request);
      case 'settled':
        return settle(event.requestId, 'it was answered');
      case 'session':
      case 'words':
    }
  }

  /** Asks for everything that may have changed unseen; also what happened before we came. */
  async function reconcile(): Promise<void> {
    conversation ??= (await openConversation(api(), context)).id;
    const known = await api().request('GET', '/session/status');
    status = statusOf(isObject(known.body) ? objectIn(known.body, conversation) : {});
    if (turn) await findTurn(turn);
    await findAsked();
    broken = null;
    ready = true;
    if (asked.size > 0) say('blocked', blockedReason());
    else if (turn && turn.state !== 'sent') say('working', 'a turn is running');
    else if (!turn && said !== 'idle' && !isLasting(said)) say('idle', 'it waits for a prompt');
    watchTheModel();
  }

  async function findTurn(mine: Turn): Promise<void> {
    const { arrived, last } = await readTurn(api(), conversation ?? '', mine.taskId);
    if (!arrived || turn !== mine) return;
    accept(mine);
    if (last || status.type !== 'idle') begin(mine);
    if (status.type !== 'idle') return;
    if (last) await settleTurn();
    else lookLater(mine);
  }

  function lookLater(mine: Turn): void {
    setTimeout(
      () => inOrder(async () => (turn === mine && mine.state === 'accepted' ? lookOnceMore(mine) : undefined)),
      BEGINS_WITHIN_MS,
    ).unref();
  }

  /** The prompt is there and nothing was done with it: opencode could not even ask the model. */
  async function lookOnceMore(mine: Turn): Promise<void> {
    const known = await api().request('GET', '/session/status');
    if (statusOf(isObject(known.body) ? objectIn(known.body, conversation ?? '') : {}).type !== 'idle')
      return begin(mine);
    const { last } = await readTurn(api(), conversation ?? '', mine.taskId);
    begin(mine);
    if (last) return settleTurn();
    const failure = opencodeFailure(mine.error ?? GIVEN_UP);
    end(mine, { status: 'failed', error: failure.error });
    say(failure.status, failure.reason);
  }

  async function findAsked(): Promise<void> {
    const permissions = list((await api().request('GET', '/permission')).body).filter(isObject);
    const questions = list((await api().request('GET', '/question')).body).filter(isObject);
    const waiting = new Set([...permissions, ...questions].map((one) => text(one['id'])));
    for (const requestId of asked.keys()) if (!waiting.has(requestId)) settle(requestId, 'it was answered');
    for (const one of permissions) await askPermission(one);
    for (const one of questions) ask(questionRequest(one));
  }

  async function takeStatus(next: SessionStatus): Promise<void> {
    status = next;
    if (next.type === 'idle') {
      if (turn?.state === 'started') await settleTurn();
      return;
    }
    if (turn?.state === 'accepted') begin(turn);
    if (next.type === 'retry') await takeRetry(next);
  }

  async function takeRetry({ message, next }: Extract<SessionStatus, { type: 'retry' }>): Promise<void> {
    if (!turn) return;
    turn.failingSince ??= Date.now();
    const error: TurnError = { name: 'retry', message, httpStatus: null };
    if (Math.max(next, Date.now()) - turn.failingSince > patience.retryMs) {
      turn.givenUp = error;
      await abort();
      return;
    }
    const kinds = { auth: 'auth_failed', rate: 'rate_limited', other: 'working' } as const;
    said = null; // the reason is news, though it may be working as before
    say(kinds[failureKind(error)], `the model's endpoint failed; it tries again: ${message}`);
  }

  function acceptIfMine(mine: Turn, messageId: string): void {
    if (isMessageOf(mine.taskId, messageId)) accept(mine);
  }

  /** The prompt is in the conversation. */
  function accept(mine: Turn): void {
    if (mine.state !== 'sent') return;
    mine.state = 'accepted';
    mine.error = null;
    tellTyped(mine);
    observe({ type: 'receipt', taskId: mine.taskId, receipt: 'submittedAt', at: now() });
  }

  function begin(mine: Turn): void {
    if (mine.state !== 'accepted') return;
    mine.state = 'started';
    observe({ type: 'receipt', taskId: mine.taskId, receipt: 'turnStartedAt', at: now() });
    say('working', 'a turn is running');
    watchTheModel();
  }

  function tellTyped(mine: Turn): void {
    if (mine.typed) return;
    mine.typed = true;
    observe({ type: 'receipt', taskId: mine.taskId, receipt: 'typedAt', at: now() });
  }

  function takePart(part: MessagePart): void {
    // The model has answered again.
    if (turn && part.type === 'step-finish') turn.failingSince = null;
    if (!turn || part.type !== 'tool') return;
    turn.inputs.set(part.callId, part.input);
    if (part.running) turn.running.add(part.callId);
    else turn.running.delete(part.callId);
  }

  /** Ends the turn if the conversation says that it is over. */
  async function settleTurn(): Promise<void> {
    const mine = turn;
    if (!mine || conversation === null) return;
    const { last } = await readTurn(api(), conversation, mine.taskId);
    const outcome = outcomeOf(last) ?? (mine.error && last === null ? failed(mine.error) : null);
    if (outcome === null) return;
    await countUsage(mine.taskId);
    if (turn !== mine) return;
    const givenUp = outcome.status === 'cancelled' ? mine.givenUp : null;
    const error = givenUp ?? last?.error ?? (last === null ? mine.error : null);
    if (givenUp) end(mine, { ...failed(givenUp), ...(outcome.result ? { result: outcome.result } : {}) });
    else end(mine, outcome);
    if (outcome.status === 'succeeded') {
      if (endsWithQuestion(outcome.result.text)) say('waiting_input', 'its turn ended with a question');
      else say('idle', 'its turn ended');
    } else if (outcome.status === 'cancelled' && !givenUp) say('idle', 'its turn was interrupted');
    else if (error) {
      const failure = opencodeFailure(error);
      say(failure.status, failure.reason);
    }
  }

  async function countUsage(taskId: string | null): Promise<void> {
    if (conversation === null) return;
    used = { conversation, total: await readUsage(api(), conversation) };
    observe({ type: 'usage', at: now(), taskId, ...used });
  }

  function end(mine: Turn, outcome: TaskOutcome): void {
    if (turn === mine) finish(outcome);
  }

  function finish(outcome: TaskOutcome): void {
    if (!turn) return;
    const { taskId } = turn;
    const at = now();
    turn = null;
    clearTimeout(watchdog);
    ended.set(taskId, { outcome: 'finished', taskOutcome: outcome, at, ...(used ? { usage: used } : {}) });
    for (const requestId of asked.keys()) settle(requestId, 'the turn is over');
    observe({ type: 'receipt', taskId, receipt: 'finishedAt', at });
    observe({ type: 'task_finished', taskId, at, outcome });
    notice.changed();
  }

  async function askPermission(request: Json): Promise<void> {
    const tool = objectIn(request, 'tool');
    const callId = text(tool['callID']);
    const input = turn?.inputs.get(callId) ?? (await inputOf(request, text(tool['messageID']), callId));
    ask(permissionRequest(request, context.workspace, input));
  }

  async function inputOf(request: Json, messageId: string, callId: string): Promise<Json> {
    if (messageId === '') return {};
    const { body } = await api().request('GET', `/session/${text(request['sessionID'])}/message/${messageId}`);
    const parts = list(isObject(body) ? body['parts'] : [])
      .filter(isObject)
      .map(partOf);
    return parts.find((part) => part.callId === callId)?.input ?? {};
  }

  /** What somebody asks who uses this opencode without us is theirs to answer. */
  function ask(one: OpencodeRequest): void {
    if (!turn || asked.has(one.requestId)) return;
    asked.set(one.requestId, one);
    observe({ type: 'decision_requested', requestId: one.requestId, at: now(), request: one.request });
    say('blocked', blockedReason());
  }

  function settle(requestId: string, reason: string): void {
    if (!asked.delete(requestId)) return;
    observe({ type: 'decision_settled', requestId, at: now(), reason });
    if (asked.size === 0 && turn) say('working', 'a turn is running');
    lastWordAt = Date.now();
    notice.changed();
  }

  function blockedReason(): string {
    const [first] = asked.values();
    if (!first) return 'a decision is pending';
    return first.request.kind === 'question'
      ? 'it asks a question'
      : `it asks whether it may use ${first.request.tool}${asked.size > 1 ? `, and ${asked.size - 1} more` : ''}`;
  }

  /** opencode waits for ever for a model that never answers. */
  function watchTheModel(): void {
    clearTimeout(watchdog);
    if (!turn || stop.signal.aborted || exited) return;
    const busy = asked.size > 0 || turn.running.size > 0 || turn.state !== 'started' || status.type === 'retry';
    const left = busy ? patience.modelSilenceMs : lastWordAt + patience.modelSilenceMs - Date.now();
    if (left > 0) {
      watchdog = setTimeout(watchTheModel, left).unref();
      return;
    }
    turn.givenUp = silenceError(patience.modelSilenceMs);
    inOrder(abort);
  }

  async function abort(): Promise<void> {
    if (conversation !== null) await api().request('POST', `/session/${conversation}/abort`);
  }

  async function deliver({ id, prompt }: { id: string; prompt: string }): Promise<DeliverOutcome> {
    if (exited) return refused('AGENT_EXITED', 'opencode has ended');
    if (asked.size > 0) return refused('AGENT_BLOCKED', blockedReason());
    if (turn || status.type !== 'idle') return refused('AGENT_BUSY', 'a turn is running');
    const known = ended.has(id) || (await readDelivered(files))?.taskId === id;
    if (known && !neverArrived.has(id)) return { outcome: 'unknown', reason: 'this task was delivered before' };
    const mine = newTurn(id);
    turn = mine;
    const refuse = (reason: string): DeliverOutcome => {
      if (turn === mine) turn = null;
      neverArrived.add(id);
      return refused('DELIVERY_FAILED', reason);
    };
    await notice.until(() => ready || exited, ACKNOWLEDGED_WITHIN_MS);
    if (!ready || conversation === null || exited) return refuse(broken ?? 'opencode has not opened a conversation');
    const { arrived } = await readTurn(api(), conversation, id);
    if (arrived) {
      if (turn === mine) turn = null;
      return { outcome: 'unknown', reason: 'this task was delivered before' };
    }
    const messageID = messageIdOf(id, Date.now());
    await writeDelivered(files, { taskId: id, messageId: messageID });
    neverArrived.delete(id);
    tellTyped(mine);
    try {
      const sent = await api().request('POST', `/session/${conversation}/prompt_async`, {
        messageID,
        agent: agentFor(context.permissionMode),
        ...modelOf(context.model),
        parts: [{ type: 'text', text: prompt }],
      });
      if (sent.status >= 300) return refuse(`opencode did not take the prompt: ${refusal(sent)}`);
    } catch {
      // The answer is missing, and the conversation says whether the prompt is.
    }
    const isOver = (): boolean => ended.has(id) || mine.state !== 'sent';
    await notice.until(() => exited || isOver() || mine.error !== null, ACKNOWLEDGED_WITHIN_MS);
    if (isOver()) return { outcome: 'submitted' };
    if (!exited) return acknowledgementOf(mine);
    if (turn === mine) turn = null;
    return { outcome: 'unknown', reason: 'opencode ended before it acknowledged the prompt' };
  }

  /** Nothing was heard of the prompt, or that something went wrong. */
  async function acknowledgementOf(mine: Turn): Promise<DeliverOutcome> {
    const found = await lookForPrompt(mine).catch(() => null);
    if (found === true) return { outcome: 'submitted' };
    const reason = mine.error?.message ?? 'opencode did not acknowledge the prompt';
    if (turn === mine) turn = null;
    if (found === null) return { outcome: 'unknown', reason };
    neverArrived.add(mine.taskId);
    return refused('DELIVERY_FAILED', `opencode did not take the prompt: ${reason}`);
  }

  /** What it was sent it does within milliseconds: what is not there after a moment will never be. */
  async function lookForPrompt(mine: Turn): Promise<boolean> {
    const isSeen = (): boolean => ended.has(mine.taskId) || mine.state !== 'sent';
    if (await notice.until(isSeen, BEGINS_WITHIN_MS)) return true;
    const { arrived } = await readTurn(api(), conversation ?? '', mine.taskId);
    if (arrived) accept(mine);
    return arrived;
  }

  async function interrupt({ graceMs = INTERRUPT_GRACE_MS }: { graceMs?: number } = {}): Promise<void> {
    const running = turn;
    if (!running) return;
    running.interrupted = true;
    const until = Date.now() + graceMs;
    // There is nothing to interrupt before it has begun, though it is in the conversation.
    await notice.until(() => turn !== running || running.state === 'started', graceMs);
    if (turn === running) await abort().catch(() => undefined);
    const over = await notice.until(() => turn !== running, Math.max(0, until - Date.now()));
    if (!over && !stop.signal.aborted) await session.keys(INTERRUPT_KEY);
  }

  async function answer(requestId: string, decision: DecisionAnswer): Promise<AnswerOutcome> {
    const one = asked.get(requestId);
    if (!one) return { outcome: 'gone', reason: 'opencode does not wait for this answer any more' };
    const { path, body } = one.answer(decision);
    const taken = await api()
      .request('POST', path, body)
      .catch(() => null);
    if (taken === null) return { outcome: 'gone', reason: 'opencode cannot be reached' };
    settle(requestId, taken.status < 300 ? 'it was answered' : 'somebody else answered');
    return taken.status < 300 ? { outcome: 'answered' } : { outcome: 'gone', reason: refusal(taken) };
  }

  async function recover({ id }: { id: string; prompt: string }): Promise<RecoverOutcome> {
    if (!(await notice.until(() => ready || exited, ACKNOWLEDGED_WITHIN_MS)) || exited)
      return ended.get(id) ?? { outcome: 'unknown', reason: 'opencode cannot be asked what became of the prompt' };
    const known = ended.get(id);
    if (known) return known;
    if (turn?.taskId !== id) return readEnd(id);
    if (turn.state !== 'sent') return { outcome: 'running' };
    const mine = turn;
    if (await lookForPrompt(mine)) return ended.get(id) ?? { outcome: 'running' };
    if (turn === mine) turn = null;
    neverArrived.add(id);
    say('idle', 'it waits for a prompt');
    return { outcome: 'not_started' };
  }

  /** The conversation remembers also what was delivered to a program that has ended since. */
  async function readEnd(id: string): Promise<RecoverOutcome> {
    const { arrived, last } = await readTurn(api(), conversation ?? '', id);
    if (!arrived) return { outcome: 'not_started' };
    const taskOutcome = outcomeOf(last) ?? { status: 'failed', error: exitError() };
    return { outcome: 'finished', taskOutcome, at: now() };
  }
}

/** What stays until a later turn goes well. */
function isLasting(said: ObservedStatus | null): boolean {
  return said === 'auth_failed' || said === 'rate_limited' || said === 'waiting_input';
}

/** `provider/model`, whatever a conversation began with. */
function modelOf(model: string | undefined): { model: { providerID: string; modelID: string } } | null {
  const slash = model?.indexOf('/') ?? -1;
  if (model === undefined || slash < 1) return null;
  return { model: { providerID: model.slice(0, slash), modelID: model.slice(slash + 1) } };
}

function refused(code: string, reason: string): DeliverOutcome {
  return { outcome: 'refused', code, reason };
}
