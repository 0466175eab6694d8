/**
 * A running ACP agent: requests and answers go into its input pipe, everything it does comes out of its output file. Both
 * outlive us, so after a restart the file alone says what became of a prompt and what is still asked.
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
import { type FollowedLines, followLines } from '../follow-lines.ts';
import { type PipedFiles, readDelivery, writeDelivery } from '../launch-piped.ts';
import { lineSender } from '../line-sender.ts';
import { forgetConversation, storeConversation, storedConversation } from '../private-file.ts';
import { type Json, object, text } from '../json-row.ts';
import { type AcpEvent, parseAcpEvent, type RequestId, type RpcError } from './acp-event.ts';
import { acpFailure } from './acp-failure.ts';
import { type ChosenMode, chooseMode } from './acp-mode.ts';
import { type AcpPermission, CANCELLED, permissionOf } from './acp-permission.ts';
import { newTurn, runsTool, takeCall, type Turn } from './acp-turn.ts';
import { openAcpRecord } from './acp-record.ts';
import { storedUsage, storeUsage, usageOf } from './acp-usage.ts';
import { answeredRequests, noteAnswered } from './answered-requests.ts';

/** A cold start on a busy machine takes seconds (opencode 4 to 9). */
const ACKNOWLEDGED_WITHIN_MS = 60_000;
const INTERRUPT_GRACE_MS = 5_000;
const FENCE_WITHIN_MS = 10_000;
const INTERRUPT_KEY = Uint8Array.of(3); // Ctrl-C

/** Ids of our requests begin with what they are for, and are never used twice on one stream. */
const ID = {
  initialize: 'initialize/',
  create: 'create/',
  load: 'load/',
  mode: 'mode/',
  prompt: 'prompt/',
  /** No method of the protocol: that it is refused proves that everything before it was read. */
  fence: 'fence/',
} as const;

export interface AcpOptions {
  /** For people: “Gemini”. */
  name: string;
  /** For people: how it is signed in. */
  signIn: string;
  /** How long the model may say nothing before its turn is given up. */
  modelSilenceMs: number;
  /** Its tools come to it by its own configuration, not by the protocol. */
  hasToolsOfItsOwn?: true;
  /** Reads its standing instructions from a file of its own. */
  hasInstructionsOfItsOwn?: true;
  /** Whether a piece of text is none of the model's: the program says it in its name. */
  isNotice?(text: string): boolean;
  /** What a line of its error output says of the model's endpoint; null: nothing. */
  readError?(line: string): { status: ObservedStatus; error: RpcError } | null;
}

interface Asked extends AcpPermission {
  id: RequestId;
}

export async function connectAcp(options: {
  session: AgentSession;
  files: PipedFiles;
  context: LaunchContext;
  agent: AcpOptions;
  observe: (observation: Observation) => void;
}): Promise<AgentConnection> {
  const { session, files, context, agent } = options;
  const asked = new Map<string, Asked>();
  const ended = new Map<string, Extract<RecoverOutcome, { outcome: 'finished' }>>();
  /** Proven: not one of these prompts was read. */
  const neverArrived = new Set<string>();
  const answeredFences = new Set<string>();
  const answered = await answeredRequests(files);
  let turn: Turn | null = null;
  let used: UsageTotal = { inputTokens: 0, outputTokens: 0, cost: 0 };
  let canLoad = false;
  let initialized = false;
  let conversation: string | null = null;
  let mode: ChosenMode = chooseMode(context.permissionMode, {});
  /** The conversation was begun by this program, and nothing was said in it. */
  let isNew = false;
  let ready = false;
  let broken: { status: ObservedStatus; reason: string } | null = null;
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
    conversation = await storedConversation(context.directory);
    turn = newTurn(before.taskId);
    used = before.used ?? used;
  }
  const record = await openAcpRecord(context.directory, before?.taskId ?? null);
  const send = lineSender(files.input, { ended: () => exited || closed, lineMayBeOpen: before !== null });
  const errors = agent.readError ? followErrors(agent.readError) : null;
  const stream = followLines({
    file: files.output,
    offset: before?.offset ?? 0,
    onLine: (line, { news, end }) => {
      const event = parseAcpEvent(line);
      if (!event) return;
      if (event.type !== 'text' || agent.isNotice?.(event.text) !== true) record.take(event, end);
      lastWordAt = Date.now();
      take(event, news);
    },
  });

  void session.exited.then(() => {
    stream.catchUp();
    record.close();
    exited = true;
    clearTimeout(watchdog);
    if (turn && turn.state !== 'sent')
      finish(
        turn.interrupted
          ? { status: 'cancelled' }
          : {
              status: 'failed',
              error: { code: 'AGENT_EXITED', message: `${agent.name} ended in the middle of the turn.` },
            },
      );
    turn = null;
    stream.catchUp(); // nothing more is printed: who waits for a line learns it now
  });

  replaying = false;
  tellWhereWeAre();
  if (!ready) inBackground(shakeHands());
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
      errors?.close();
    },
  };

  function tellWhereWeAre(): void {
    const last = said;
    said = null;
    for (const [requestId, one] of asked) tellAsked(requestId, one);
    if (asked.size > 0) say('blocked', blockedReason());
    else if (last) say(last.status, last.reason);
    else if (ready) say('idle', 'it waits for a prompt');
  }

  /** Continues where the file says that the handshake is; a step that was done twice does no harm. */
  async function shakeHands(): Promise<void> {
    if (!initialized) {
      await request(ID.initialize, 'initialize', {
        protocolVersion: 1,
        // No files, no terminals: an agent acts by itself, in its own process.
        clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
        clientInfo: { name: 'pointsman', title: 'Pointsman', version: '1' },
      });
    } else if (conversation === null) await openConversation();
    else await settleIn();
  }

  async function openConversation(): Promise<void> {
    const stored = await storedConversation(context.directory);
    const place = { cwd: context.workspace, mcpServers: agent.hasToolsOfItsOwn ? [] : toolServers(context) };
    if (stored !== null && canLoad) await request(ID.load, 'session/load', { sessionId: stored, ...place });
    else await request(ID.create, 'session/new', place);
  }

  /** Stored before its first prompt, so that no prompt is ever in a conversation that nobody remembers. */
  async function settleIn(): Promise<void> {
    const resumed = (await storedConversation(context.directory)) !== null;
    if (conversation === null) return;
    await storeConversation(context.directory, conversation);
    if (mode.id !== null) await request(ID.mode, 'session/set_mode', { sessionId: conversation, modeId: mode.id });
    else becomeReady(resumed && isNew ? `it cannot resume a conversation, and began a new one` : undefined);
  }

  function becomeReady(reason = 'it waits for a prompt'): void {
    ready = true;
    if (!turn && !exited) say('idle', reason);
    stream.catchUp();
  }

  function take(event: AcpEvent, news: boolean): void {
    switch (event.type) {
      case 'answered':
        return takeAnswer(event, news);
      case 'asked':
        return takeAsked(event, news);
      case 'cost':
        if (event.sessionId === conversation) used = { ...used, cost: event.amount };
        return;
      case 'text':
      case 'tool_call':
      case 'update': {
        if (event.sessionId !== conversation || !turn) return;
        begin(turn);
        if (event.type === 'text' && agent.isNotice?.(event.text) !== true) turn.lastText += event.text;
        if (event.type === 'tool_call') takeCall(turn, event.call);
        return;
      }
      case 'other':
    }
  }

  function takeAnswer({ id, result, error }: Extract<AcpEvent, { type: 'answered' }>, news: boolean): void {
    if (id.startsWith(ID.initialize)) {
      if (error) return breakDown(error);
      const first = !initialized;
      initialized = true;
      canLoad = object(result['agentCapabilities'])['loadSession'] === true;
      if (news && first) inBackground(shakeHands());
    } else if (id.startsWith(ID.create) || id.startsWith(ID.load)) takeConversation(id, result, error, news);
    else if (id.startsWith(ID.mode)) {
      if (error) return breakDown(error);
      if (news) becomeReady();
      else ready = true;
    } else if (id.startsWith(ID.fence)) {
      answeredFences.add(id);
      if (turn && id === ID.fence + turn.taskId) begin(turn);
    } else if (turn && id === ID.prompt + turn.taskId) takeEnd(turn, result, error);
  }

  function takeConversation(id: string, result: Json, error: RpcError | null, news: boolean): void {
    const loaded = id.startsWith(ID.load);
    if (error && loaded) {
      // Nothing was ever said in it, or the agent has lost it: the next start must not fail on it again.
      if (news) inBackground(forgetConversation(context.directory).then(openConversation));
      return;
    }
    if (error) return breakDown(error);
    isNew = !loaded;
    mode = chooseMode(context.permissionMode, result);
    const known = loaded ? storedConversation(context.directory) : Promise.resolve(text(result['sessionId']));
    if (!news) conversation = loaded ? conversation : text(result['sessionId']);
    else
      inBackground(
        known.then(async (found) => {
          conversation = found;
          if (found !== null) used = await storedUsage(context.directory, found);
          await settleIn();
        }),
      );
  }

  function breakDown(error: RpcError): void {
    const { status, reason } = acpFailure(error, agent);
    broken =
      status === 'idle'
        ? { status: 'no_signal', reason: `${agent.name} cannot be used: ${error.message} — start the agent again` }
        : { status, reason };
    say(broken.status, broken.reason);
  }

  function inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) =>
      breakDown({ code: 0, message: error instanceof Error ? error.message : String(error) }),
    );
  }

  /** The agent has read the prompt, and a prompt is a turn at once. */
  function begin(mine: Turn): void {
    if (mine.state !== 'sent') return;
    mine.state = 'started';
    tellTyped(mine);
    observe({ type: 'receipt', taskId: mine.taskId, receipt: 'submittedAt', at: now() });
    observe({ type: 'receipt', taskId: mine.taskId, receipt: 'turnStartedAt', at: now() });
    say('working', 'a turn is running');
    if (!replaying) watchTheModel();
  }

  function tellTyped(mine: Turn): void {
    if (mine.typed) return;
    mine.typed = true;
    observe({ type: 'receipt', taskId: mine.taskId, receipt: 'typedAt', at: now() });
  }

  function takeEnd(mine: Turn, result: Json, error: RpcError | null): void {
    begin(mine);
    const counted = usageOf(result);
    if (counted) {
      used = {
        ...used,
        inputTokens: used.inputTokens + counted.inputTokens,
        outputTokens: used.outputTokens + counted.outputTokens,
      };
    }
    if (conversation !== null && (counted || used.cost > 0)) {
      observe({ type: 'usage', at: now(), taskId: mine.taskId, conversation, total: { ...used } });
      inBackground(storeUsage(context.directory, { conversation, used }));
    }
    const { lastText, silent } = mine;
    const words = lastText.trim();
    const reason = text(result['stopReason']);
    errors?.catchUp();
    // Gemini ends a turn as if it were well when its model broke off again and again.
    if (!error && reason === 'end_turn' && words === '' && mine.calls.size === 0) error = mine.trouble;
    if (!error && reason === 'end_turn' && !mine.withdrawn) {
      finish({ status: 'succeeded', result: { text: words } });
      if (endsWithQuestion(words)) say('waiting_input', 'its turn ended with a question');
      else say('idle', 'its turn ended');
    } else if (!error && (reason === 'cancelled' || mine.withdrawn) && !silent) {
      finish({ status: 'cancelled', ...(words === '' ? {} : { result: { text: words } }) });
      say('idle', 'its turn was interrupted');
    } else {
      const failure = acpFailure(error ?? stopError(reason, silent, agent.modelSilenceMs), agent);
      finish({ status: 'failed', ...(words === '' ? {} : { result: { text: words } }), error: failure.error });
      say(failure.status, failure.reason);
    }
  }

  function finish(outcome: TaskOutcome): void {
    if (!turn) return;
    const { taskId } = turn;
    const at = now();
    turn = null;
    clearTimeout(watchdog);
    ended.set(taskId, {
      outcome: 'finished',
      taskOutcome: outcome,
      at,
      ...(conversation === null ? {} : { usage: { conversation, total: { ...used } } }),
    });
    for (const requestId of asked.keys()) settle(requestId, 'the turn is over');
    observe({ type: 'receipt', taskId, receipt: 'finishedAt', at });
    observe({ type: 'task_finished', taskId, at, outcome });
  }

  function takeAsked({ id, method, params }: Extract<AcpEvent, { type: 'asked' }>, news: boolean): void {
    if (method !== 'session/request_permission') {
      // What no person can answer must not stop the turn for ever.
      if (news)
        inBackground(send({ jsonrpc: '2.0', id, error: { code: -32601, message: `Pointsman does not do ${method}` } }));
      return;
    }
    // Agents count their requests from 0 in each program; a prompt is given once.
    const requestId = `${turn?.taskId ?? 'none'}/${id}`;
    if (answered.has(requestId)) return;
    if (turn) begin(turn);
    const callId = text(object(params['toolCall'])['toolCallId']);
    const one = { ...permissionOf(params, turn?.calls.get(callId), context.workspace), id };
    if (turn) turn.calls.set(one.toolCall.id, one.toolCall);
    const own = turn?.interrupted ? 'deny' : mode.answerTo(one.toolCall.kind);
    if (own === 'ask') {
      asked.set(requestId, one);
      if (!news) return;
      tellAsked(requestId, one);
      say('blocked', blockedReason());
    } else if (news || !replaying)
      inBackground(reply(requestId, one, own === 'allow' ? { decision: 'allow' } : { decision: 'deny', reason: '' }));
  }

  function tellAsked(requestId: string, { request: what }: Asked): void {
    observe({ type: 'decision_requested', requestId, at: now(), request: what });
  }

  function settle(requestId: string, reason: string): void {
    if (!asked.delete(requestId)) return;
    observe({ type: 'decision_settled', requestId, at: now(), reason });
    if (asked.size === 0 && turn) say('working', 'a turn is running');
  }

  function blockedReason(): string {
    const [first] = asked.values();
    if (!first || first.request.kind !== 'permission') return 'a decision is pending';
    return `it asks whether it may use ${first.request.tool}${asked.size > 1 ? `, and ${asked.size - 1} more` : ''}`;
  }

  /** A model that never answers is waited for by some agents for ever. */
  function watchTheModel(): void {
    clearTimeout(watchdog);
    if (!turn || closed || exited) return;
    const busy = asked.size > 0 || turn.state === 'sent' || runsTool(turn);
    const left = busy ? agent.modelSilenceMs : lastWordAt + agent.modelSilenceMs - Date.now();
    if (left > 0) {
      watchdog = setTimeout(watchTheModel, left);
      watchdog.unref();
    } else {
      turn.silent = true;
      inBackground(stop(turn, INTERRUPT_GRACE_MS));
    }
  }

  function followErrors(read: NonNullable<AcpOptions['readError']>): FollowedLines {
    return followLines({
      file: files.errors,
      offset: 0,
      onLine: (line, { news }) => {
        const told = news ? read(line) : null;
        if (!told || !turn) return;
        begin(turn);
        turn.trouble = told.error;
        said = null; // the reason is news, though it may be in this status already
        say(told.status, told.error.message);
      },
    });
  }

  async function request(purpose: string, method: string, params: object): Promise<void> {
    await send({ jsonrpc: '2.0', id: purpose + randomUUID(), method, params });
  }

  async function deliver({ id, prompt }: { id: string; prompt: string }): Promise<DeliverOutcome> {
    if (exited) return refused('AGENT_EXITED', `${agent.name} has ended`);
    if (asked.size > 0) return refused('AGENT_BLOCKED', blockedReason());
    if (turn) return refused('AGENT_BUSY', 'a turn is running');
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
    if (!ready || conversation === null) return refuse(broken?.reason ?? `${agent.name} has not opened a conversation`);
    record.begin(id, prompt, stream.offset);
    await writeDelivery(files, { taskId: id, offset: stream.offset, used });
    neverArrived.delete(id);
    const written = await send({
      jsonrpc: '2.0',
      id: ID.prompt + id,
      method: 'session/prompt',
      params: { sessionId: conversation, prompt: [...instructions(), { type: 'text', text: prompt }] },
    });
    if (written.outcome !== 'written')
      return refuse(written.outcome === 'broken' ? written.reason : `${agent.name} reads no prompts: it has ended`);
    isNew = false;
    tellTyped(mine);
    // A prompt is answered when its turn is over; that it was read is proved by a question after it.
    await send({ jsonrpc: '2.0', id: ID.fence + id, method: '_pointsman/fence', params: {} });
    const isOver = (): boolean => ended.has(id) || mine.state !== 'sent';
    await stream.until(() => exited || isOver(), ACKNOWLEDGED_WITHIN_MS);
    if (isOver()) return { outcome: 'submitted' };
    if (turn === mine) turn = null;
    return { outcome: 'unknown', reason: `${agent.name} did not show that it has read the prompt` };
  }

  /** The protocol has no place for standing instructions: they go before the first prompt, as a part of their own. */
  function instructions(): object[] {
    return isNew && context.instructions && !agent.hasInstructionsOfItsOwn
      ? [{ type: 'text', text: context.instructions }]
      : [];
  }

  async function interrupt({ graceMs = INTERRUPT_GRACE_MS }: { graceMs?: number } = {}): Promise<void> {
    if (!turn) return;
    turn.interrupted = true;
    await stop(turn, graceMs);
  }

  async function stop(running: Turn, graceMs: number): Promise<void> {
    await send({ jsonrpc: '2.0', method: 'session/cancel', params: { sessionId: conversation } });
    running.withdrawn = asked.size > 0;
    for (const [requestId, { id }] of asked) {
      await send({ jsonrpc: '2.0', id, result: CANCELLED });
      await noteAnswered(files, requestId);
    }
    const over = await stream.until(() => turn !== running, graceMs);
    if (!over && !closed) await session.keys(INTERRUPT_KEY);
  }

  async function answer(requestId: string, decision: DecisionAnswer): Promise<AnswerOutcome> {
    const one = asked.get(requestId);
    if (!one) return { outcome: 'gone', reason: `${agent.name} does not wait for this answer any more` };
    return reply(requestId, one, decision);
  }

  async function reply(requestId: string, one: Asked, decision: DecisionAnswer): Promise<AnswerOutcome> {
    const written = await send({ jsonrpc: '2.0', id: one.id, result: one.answer(decision) });
    if (written.outcome !== 'written') return { outcome: 'gone', reason: `${agent.name} has ended` };
    answered.add(requestId);
    settle(requestId, 'it was answered'); // before its turn goes on, so that its end finds nothing asked
    await noteAnswered(files, requestId);
    return { outcome: 'answered' };
  }

  async function recover({ id }: { id: string; prompt: string }): Promise<RecoverOutcome> {
    const end = ended.get(id);
    if (end) return end;
    if (turn?.taskId !== id) return { outcome: 'not_started' };
    if (turn.state !== 'sent') return { outcome: 'running' };
    return lookForPrompt(turn);
  }

  /** The question is answered after everything that was read before it; a sign of the prompt would have come by then. */
  async function lookForPrompt(mine: Turn): Promise<RecoverOutcome> {
    const question = ID.fence + randomUUID();
    const isSeen = (): boolean => ended.has(mine.taskId) || mine.state !== 'sent';
    inBackground(request(question, '_pointsman/fence', {}));
    await Promise.race([
      stream.until(() => isSeen() || [...answeredFences].some((id) => id.startsWith(question)), FENCE_WITHIN_MS),
      session.exited.then(() => wait(0)),
    ]);
    const end = ended.get(mine.taskId);
    if (end) return end;
    if (isSeen()) return { outcome: 'running' };
    if (turn === mine) turn = null;
    return {
      outcome: 'unknown',
      reason: 'the prompt was on its way when the server stopped, and nothing shows whether it arrived',
    };
  }
}

function toolServers({ tools }: LaunchContext): object[] {
  if (!tools) return [];
  const headers = [{ name: 'Authorization', value: `Bearer ${tools.token}` }];
  return [{ type: 'http', name: 'pointsman', url: tools.url, headers }];
}

function stopError(reason: string, silent: boolean, silenceMs: number): RpcError {
  const words: Readonly<Record<string, string>> = {
    max_tokens: 'the answer was longer than the model may give',
    max_turn_requests: 'the turn needed more requests than the agent allows',
    refusal: 'the model refused to go on',
  };
  return {
    code: 0,
    message: silent
      ? `the model has said nothing for ${Math.round(silenceMs / 1000)} seconds, and the turn was given up`
      : (words[reason] ?? `the turn ended with “${reason || 'no reason'}”`),
  };
}

function refused(code: string, reason: string): DeliverOutcome {
  return { outcome: 'refused', code, reason };
}
