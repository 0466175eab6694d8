/**
 * A running `codex app-server`: requests and answers go into its input pipe, everything it does comes out of its output
 * file. Both outlive us, so after a restart the file alone says what became of a prompt and what is still asked.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
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
import { type PipedFiles, readDelivery, writeDelivery } from '../launch-piped.ts';
import { forgetConversation, storeConversation, storedConversation } from '../private-file.ts';
import { lineSender } from '../line-sender.ts';
import { followLines } from '../follow-lines.ts';
import { objectIn, text } from '../json-row.ts';
import { type CodexEvent, type CodexItem, parseCodexEvent, type RequestId, type TurnError } from './codex-event.ts';
import { codexFailure, failureKind } from './codex-failure.ts';
import { codexPermissions } from './codex-permissions.ts';
import { type CodexRequest, codexRequest } from './codex-request.ts';

/** A cold start on a busy machine takes seconds; Codex acknowledges a prompt within milliseconds once it reads. */
const ACKNOWLEDGED_WITHIN_MS = 60_000;
const INTERRUPT_GRACE_MS = 5_000;
const FENCE_WITHIN_MS = 10_000;
const INTERRUPT_KEY = Uint8Array.of(3); // Ctrl-C: Codex ends and its conversation can be resumed

/** Items that are the model's own words: while only these are open, it is the model that we wait for. */
const WORDS = new Set(['userMessage', 'agentMessage', 'reasoning', 'plan']);

/** Ids of our requests begin with what they are for, and are never used twice on one stream. */
const ID = {
  initialize: 'initialize/',
  thread: 'thread/',
  turn: 'turn/',
  /** Interrupts a turn whose model fell silent: the answer in the file tells it from a person's interrupt. */
  silence: 'silence/',
  fence: 'fence/',
} as const;

interface Turn {
  taskId: string;
  state: 'sent' | 'accepted' | 'started';
  /** Codex's own id, known from its acknowledgement on. */
  id: string | null;
  typed: boolean;
  /** Why Codex did not take it. */
  refusal: string | null;
  /** Everything that was begun in it. */
  items: Map<string, CodexItem>;
  /** What runs in it now besides the model: commands, changes, tools. */
  running: Set<string>;
  lastText: string;
  interrupted: boolean;
  silent: boolean;
}

interface Asked extends CodexRequest {
  requestId: string;
  id: RequestId;
}

export async function connectCodex(options: {
  session: AgentSession;
  files: PipedFiles;
  context: LaunchContext;
  /** How long the model may say nothing before its turn is given up. */
  modelSilenceMs: number;
  observe: (observation: Observation) => void;
}): Promise<AgentConnection> {
  const { session, files, context, modelSilenceMs } = options;
  const asked = new Map<string, Asked>();
  const ended = new Map<string, Extract<RecoverOutcome, { outcome: 'finished' }>>();
  /** Proven: not one of these prompts was read. */
  const neverArrived = new Set<string>();
  const answeredFences = new Set<string>();
  let turn: Turn | null = null;
  /** The turn that Codex is on, whoever began it: a prompt sent meanwhile would be mixed into it. */
  let active: string | null = null;
  let used: { conversation: string; total: UsageTotal } | null = null;
  let initialized = false;
  let thread: string | null = null;
  let ready = false;
  let broken: string | null = null;
  let closed = false;
  let exited = false;
  let lastWordAt = Date.now();
  let watchdog: NodeJS.Timeout | undefined;
  /** What the file held before we came is history: it is not told as news. */
  let replaying = true;

  const observe = (observation: Observation): void => {
    if (!closed) options.observe(observation);
  };
  const now = (): string => new Date().toISOString();
  let said: { status: ObservedStatus; reason: string } | null = null;
  const say = (status: ObservedStatus, reason: string): void => {
    if (status === 'working' && said?.status === 'working') return;
    said = { status, reason };
    if (!replaying) observe({ type: 'status', status, reason, source: 'protocol', at: now() });
  };

  // What ran before the last prompt has been dealt with: its end was told before the next one was delivered.
  const before = await readDelivery(files);
  if (before) {
    // Nothing is delivered before the handshake, which lies before the offset that we read from.
    initialized = true;
    ready = true;
    thread = await storedConversation(context.directory);
    turn = newTurn(before.taskId);
  }
  const send = lineSender(files.input, { ended: () => exited || closed, lineMayBeOpen: before !== null });
  const stream = followLines({
    file: files.output,
    offset: before?.offset ?? 0,
    onLine: (line, { news }) => {
      const event = parseCodexEvent(line);
      if (!event) return;
      lastWordAt = Date.now();
      take(event, news);
    },
  });

  void session.exited.then(() => {
    stream.catchUp();
    exited = true;
    clearTimeout(watchdog);
    if (turn && turn.state !== 'sent')
      finish(turn.interrupted ? { status: 'cancelled' } : { status: 'failed', error: exitError() });
    turn = null;
    stream.catchUp(); // nothing more is printed: who waits for a line learns it now
  });

  replaying = false;
  tellWhereWeAre();
  if (!ready) shakeHands();
  if (turn) watchTheModel();

  return {
    deliver,
    interrupt,
    answer,
    recover,
    close() {
      closed = true;
      clearTimeout(watchdog);
      stream.close();
    },
  };

  function tellWhereWeAre(): void {
    const last = said;
    said = null;
    for (const one of asked.values()) tellAsked(one);
    if (asked.size > 0) say('blocked', blockedReason());
    else if (last) say(last.status, last.reason);
    else if (turn && turn.state !== 'sent') say('working', 'a turn is running');
    else if (ready) say('idle', 'it waits for a prompt');
  }

  /** Continues where the file says that the handshake is; a step that was done twice does no harm. */
  function shakeHands(): void {
    if (!initialized)
      request(ID.initialize, 'initialize', {
        clientInfo: { name: 'pointsman', title: 'Pointsman', version: '1' },
        capabilities: { experimentalApi: true, requestAttestation: false },
      });
    else inBackground(thread === null ? openThread() : useThread(thread));
  }

  async function openThread(): Promise<void> {
    await send({ method: 'initialized' });
    const { approvalPolicy, sandbox, approvalsReviewer } = codexPermissions(context.permissionMode);
    const stored = await storedConversation(context.directory);
    request(ID.thread, stored === null ? 'thread/start' : 'thread/resume', {
      ...(stored === null ? {} : { threadId: stored, excludeTurns: true }),
      cwd: context.workspace,
      approvalPolicy,
      sandbox,
      approvalsReviewer,
      ...(context.model ? { model: context.model } : {}),
      ...(context.instructions ? { developerInstructions: context.instructions } : {}),
    });
  }

  /** Stored before its first prompt, so that no prompt is ever in a conversation that nobody remembers. */
  async function useThread(id: string): Promise<void> {
    await storeConversation(context.directory, id);
    ready = true;
    if (!turn && !exited) say('idle', 'it waits for a prompt');
    stream.catchUp();
  }

  function take(event: CodexEvent, news: boolean): void {
    switch (event.type) {
      case 'answered':
        return takeAnswer(event, news);
      case 'asked':
        return takeAsked(event, news);
      case 'ask_resolved':
        for (const one of asked.values()) if (one.id === event.id) settle(one.requestId, 'it was answered', news);
        return;
      case 'turn_started':
        if (event.threadId !== thread) return;
        active = event.turnId;
        if (turn?.id === event.turnId) begin(turn);
        return;
      case 'turn_completed':
        if (event.threadId === thread) takeEnd(event);
        return;
      case 'item':
        return takeItem(event);
      case 'usage':
        return takeUsage(event);
      case 'failing':
        if (event.willRetry && event.threadId === thread) sayRetry(event);
        return;
      case 'other':
    }
  }

  function takeAnswer({ id, result, error }: Extract<CodexEvent, { type: 'answered' }>, news: boolean): void {
    if (id.startsWith(ID.initialize)) {
      if (error && !/already initialized/i.test(error.message)) return breakDown(error.message);
      const first = !initialized;
      initialized = true;
      if (news && first) shakeHands();
    } else if (id.startsWith(ID.thread)) {
      if (error) return news ? inBackground(refuseThread(error.message)) : undefined;
      if (thread !== null) return;
      thread = text(objectIn(result, 'thread')['id']);
      if (news) inBackground(useThread(thread));
    } else if (turn && id === ID.turn + turn.taskId) {
      if (error) turn.refusal = error.message;
      else accept(turn, text(objectIn(result, 'turn')['id']));
    } else if (turn && !error && id === `${ID.silence}${turn.taskId}`) turn.silent = true;
    else if (id.startsWith(ID.fence)) answeredFences.add(id);
  }

  /** A conversation in which nothing was said yet leaves no record: the next start begins it anew. */
  async function refuseThread(reason: string): Promise<void> {
    const stored = await storedConversation(context.directory);
    if (stored !== null && /no rollout found/i.test(reason)) {
      await forgetConversation(context.directory);
      await openThread();
    } else breakDown(reason);
  }

  function breakDown(reason: string): void {
    broken = reason;
    say(
      'no_signal',
      `Codex cannot be used: ${reason} — start the agent again, with a fresh conversation if it stays so`,
    );
  }

  function inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => breakDown(error instanceof Error ? error.message : String(error)));
  }

  /** Codex has it: the prompt is in its queue, or it has begun. */
  function accept(mine: Turn, id: string): void {
    if (mine.state !== 'sent') return;
    mine.id = id;
    mine.state = 'accepted';
    tellTyped(mine);
    observe({ type: 'receipt', taskId: mine.taskId, receipt: 'submittedAt', at: now() });
    if (active === id) begin(mine);
  }

  function begin(mine: Turn): void {
    if (mine.state !== 'accepted') return;
    mine.state = 'started';
    observe({ type: 'receipt', taskId: mine.taskId, receipt: 'turnStartedAt', at: now() });
    say('working', 'a turn is running');
    if (!replaying) watchTheModel();
  }

  function tellTyped(mine: Turn): void {
    if (mine.typed) return;
    mine.typed = true;
    observe({ type: 'receipt', taskId: mine.taskId, receipt: 'typedAt', at: now() });
  }

  function takeItem({ threadId, turnId, completed, item }: Extract<CodexEvent, { type: 'item' }>): void {
    if (threadId !== thread || !turn) return;
    // The prompt itself, under the id of its task: proof even where the answer to the request is missing.
    if (item.clientId === turn.taskId) {
      accept(turn, turnId);
      begin(turn);
    }
    if (turn.id !== turnId) return;
    turn.items.set(item.id, item);
    // Also after a limit that was lifted while Codex tried again.
    if (item.clientId !== turn.taskId && asked.size === 0) say('working', 'a turn is running');
    if (item.type === 'agentMessage' && completed) turn.lastText = item.text;
    if (WORDS.has(item.type)) return;
    if (completed) turn.running.delete(item.id);
    else turn.running.add(item.id);
  }

  function takeUsage({ threadId, inputTokens, outputTokens }: Extract<CodexEvent, { type: 'usage' }>): void {
    // Codex names no price.
    used = { conversation: threadId, total: { inputTokens, outputTokens, cost: 0 } };
    observe({ type: 'usage', at: now(), taskId: turn?.taskId ?? null, ...used });
  }

  function takeEnd({ turnId, status, error }: Extract<CodexEvent, { type: 'turn_completed' }>): void {
    if (active === turnId) active = null;
    if (!turn || turn.id !== turnId) {
      if (!turn) say('idle', 'its turn ended');
      return;
    }
    const { lastText, silent } = turn;
    const result = lastText === '' ? {} : { result: { text: lastText } };
    if (status === 'completed') {
      finish({ status: 'succeeded', result: { text: lastText } });
      if (endsWithQuestion(lastText)) say('waiting_input', 'its turn ended with a question');
      else say('idle', 'its turn ended');
    } else if (status === 'interrupted' && !silent) {
      finish({ status: 'cancelled', ...result });
      say('idle', 'its turn was interrupted');
    } else {
      const failure = codexFailure(silent ? silenceError(modelSilenceMs) : error);
      finish({ status: 'failed', ...result, error: failure.error });
      say(failure.status, failure.reason);
    }
  }

  function finish(outcome: TaskOutcome): void {
    if (!turn) return;
    const { taskId } = turn;
    const at = now();
    turn = null;
    clearTimeout(watchdog);
    ended.set(taskId, { outcome: 'finished', taskOutcome: outcome, at, ...(used ? { usage: used } : {}) });
    for (const requestId of asked.keys()) settle(requestId, 'the turn is over', true);
    observe({ type: 'receipt', taskId, receipt: 'finishedAt', at });
    observe({ type: 'task_finished', taskId, at, outcome });
  }

  function takeAsked({ id, method, params, turnId }: Extract<CodexEvent, { type: 'asked' }>, news: boolean): void {
    const made = codexRequest(method, params, (itemId) => turn?.items.get(itemId));
    if (!made) {
      // What no person can answer must not stop the turn for ever.
      if (news) inBackground(send({ id, error: { code: -32601, message: `Pointsman does not do ${method}` } }));
      return;
    }
    // Codex counts its requests from 0 in each program; a turn is never seen twice.
    const one = { ...made, id, requestId: `${turnId}/${id}` };
    asked.set(one.requestId, one);
    if (!news) return;
    tellAsked(one);
    say('blocked', blockedReason());
  }

  function tellAsked({ requestId, request: what }: Asked): void {
    observe({ type: 'decision_requested', requestId, at: now(), request: what });
  }

  function settle(requestId: string, reason: string, news: boolean): void {
    if (!asked.delete(requestId) || !news) return;
    observe({ type: 'decision_settled', requestId, at: now(), reason });
    if (asked.size === 0 && turn) say('working', 'a turn is running');
  }

  function blockedReason(): string {
    const [first] = asked.values();
    if (!first) return 'a decision is pending';
    return first.request.kind === 'question'
      ? 'it asks a question'
      : `it asks whether it may use ${first.request.tool}${asked.size > 1 ? `, and ${asked.size - 1} more` : ''}`;
  }

  function sayRetry({ error }: Extract<CodexEvent, { type: 'failing' }>): void {
    const status = { auth: 'auth_failed', rate: 'rate_limited', other: 'working' } as const;
    said = null; // the reason is news, though it may be working as before
    say(status[failureKind(error)], `the model's endpoint failed; it tries again: ${error.message}`);
  }

  /** Codex waits for ever for a model that never answers (measured with 0.169.0: no limit applies before the first byte). */
  function watchTheModel(): void {
    clearTimeout(watchdog);
    if (!turn || closed || exited) return;
    const busy = asked.size > 0 || turn.running.size > 0 || turn.state === 'sent';
    const left = busy ? modelSilenceMs : lastWordAt + modelSilenceMs - Date.now();
    if (left > 0) {
      watchdog = setTimeout(watchTheModel, left);
      watchdog.unref();
    } else inBackground(stop(turn, ID.silence + turn.taskId, INTERRUPT_GRACE_MS));
  }

  function request(purpose: string, method: string, params: object): void {
    inBackground(send({ id: purpose + randomUUID(), method, params }));
  }

  async function deliver(task: { id: string; prompt: string; directory?: string }): Promise<DeliverOutcome> {
    const { id, prompt } = task;
    if (exited) return refused('AGENT_EXITED', 'Codex has ended');
    if (asked.size > 0) return refused('AGENT_BLOCKED', blockedReason());
    if (turn || active !== null) return refused('AGENT_BUSY', 'a turn is running');
    const known = ended.has(id) || (await readDelivery(files))?.taskId === id;
    if (known && !neverArrived.has(id)) return { outcome: 'unknown', reason: 'this task was delivered before' };
    const mine = newTurn(id);
    turn = mine;
    const refuse = (reason: string): DeliverOutcome => {
      if (turn === mine) turn = null;
      neverArrived.add(id);
      return refused('DELIVERY_FAILED', reason);
    };
    await stream.until(() => ready || broken !== null || exited, ACKNOWLEDGED_WITHIN_MS);
    if (!ready || thread === null) return refuse(broken ?? 'Codex has not opened a conversation');
    await writeDelivery(files, { taskId: id, offset: stream.offset });
    neverArrived.delete(id);
    const written = await send({
      id: ID.turn + id,
      method: 'turn/start',
      params: {
        threadId: thread,
        clientUserMessageId: id,
        input: [{ type: 'text', text: prompt, text_elements: [] }],
        cwd: task.directory ?? context.workspace,
      },
    });
    if (written.outcome !== 'written')
      return refuse(written.outcome === 'broken' ? written.reason : 'Codex reads no prompts: it has ended');
    tellTyped(mine);
    const isOver = (): boolean => ended.has(id) || mine.state !== 'sent' || mine.refusal !== null;
    const acknowledged = await stream.until(() => exited || isOver(), ACKNOWLEDGED_WITHIN_MS);
    if (mine.refusal !== null) return refuse(`Codex did not take the prompt: ${mine.refusal}`);
    if (isOver()) return { outcome: 'submitted' };
    if (turn === mine) turn = null;
    return {
      outcome: 'unknown',
      reason: acknowledged ? 'Codex ended before it acknowledged the prompt' : 'Codex did not acknowledge the prompt',
    };
  }

  async function interrupt({ graceMs = INTERRUPT_GRACE_MS }: { graceMs?: number } = {}): Promise<void> {
    const running = turn;
    if (!running) return;
    running.interrupted = true;
    await stop(running, `interrupt/${randomUUID()}`, graceMs);
  }

  async function stop(running: Turn, id: string, graceMs: number): Promise<void> {
    const until = Date.now() + graceMs;
    // Codex knows of no turn to interrupt before it has begun it, though it has acknowledged it.
    await stream.until(() => turn !== running || running.state === 'started', graceMs);
    if (turn === running && running.state === 'started')
      await send({ id, method: 'turn/interrupt', params: { threadId: thread, turnId: running.id } });
    const over = await stream.until(() => turn !== running, Math.max(0, until - Date.now()));
    if (!over && !closed) await session.keys(INTERRUPT_KEY);
  }

  async function answer(requestId: string, decision: DecisionAnswer): Promise<AnswerOutcome> {
    const one = asked.get(requestId);
    if (!one) return { outcome: 'gone', reason: 'Codex does not wait for this answer any more' };
    // Codex's own no has no place for a reason; the model reads it as a word from the person, after the refusal.
    if (decision.decision === 'deny' && one.request.kind === 'permission' && turn?.id)
      await send({
        id: `reason/${randomUUID()}`,
        method: 'turn/steer',
        params: {
          threadId: thread,
          expectedTurnId: turn.id,
          input: [{ type: 'text', text: `That was denied: ${decision.reason}`, text_elements: [] }],
        },
      });
    const written = await send({ id: one.id, result: one.answer(decision) });
    if (written.outcome !== 'written') return { outcome: 'gone', reason: 'Codex has ended' };
    // It says of every request that it waits for no more.
    await stream.until(() => exited || !asked.has(requestId), ACKNOWLEDGED_WITHIN_MS);
    return asked.has(requestId)
      ? { outcome: 'gone', reason: 'Codex did not take the answer' }
      : { outcome: 'answered' };
  }

  async function recover({ id }: { id: string; prompt: string }): Promise<RecoverOutcome> {
    const end = ended.get(id);
    if (end) return end;
    if (turn?.taskId !== id) return { outcome: 'not_started' };
    if (turn.state !== 'sent') return { outcome: 'running' };
    return lookForPrompt(turn);
  }

  /**
   * Measured with 0.169.0: Codex does what is asked of one thread in its order. A question about the thread that is
   * answered while the prompt is still unseen proves that the prompt was never read.
   */
  async function lookForPrompt(mine: Turn): Promise<RecoverOutcome> {
    const question = ID.fence + randomUUID();
    const isSeen = (): boolean => ended.has(mine.taskId) || mine.state !== 'sent';
    inBackground(send({ id: question, method: 'thread/read', params: { threadId: thread } }));
    await Promise.race([
      stream.until(() => isSeen() || mine.refusal !== null || answeredFences.has(question), FENCE_WITHIN_MS),
      session.exited.then(() => wait(0)),
    ]);
    const end = ended.get(mine.taskId);
    if (end) return end;
    if (isSeen()) return { outcome: 'running' };
    if (turn === mine) turn = null;
    if (mine.refusal !== null || answeredFences.has(question)) {
      neverArrived.add(mine.taskId);
      say('idle', 'it waits for a prompt');
      return { outcome: 'not_started' };
    }
    return {
      outcome: 'unknown',
      reason: 'the prompt was on its way when the server stopped, and nothing shows whether it arrived',
    };
  }
}

function refused(code: string, reason: string): DeliverOutcome {
  return { outcome: 'refused', code, reason };
}

function newTurn(taskId: string): Turn {
  return {
    taskId,
    state: 'sent',
    id: null,
    typed: false,
    refusal: null,
    items: new Map(),
    running: new Set(),
    lastText: '',
    interrupted: false,
    silent: false,
  };
}

function exitError(): { code: string; message: string } {
  return { code: 'AGENT_EXITED', message: 'Codex ended in the middle of the turn.' };
}

function silenceError(afterMs: number): TurnError {
  return {
    message: `the model has said nothing for ${Math.round(afterMs / 1000)} seconds, and the turn was given up`,
    kind: 'silence',
    httpStatus: null,
  };
}
