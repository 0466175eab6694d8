/**
 * A running ACP agent: requests and answers go into its input pipe, everything it does comes out of its output file. Both
 * outlive us, so after a restart the file alone says what became of a prompt and what is still asked.
 */
import { randomUUID } from 'node:crypto';
import type {
  AgentConnection,
  AnswerOutcome,
  DecisionAnswer,
  DeliverOutcome,
  LaunchContext,
  Observation,
  ObservedStatus,
  UsageTotal,
} from '../../ports/agent-driver.ts';
import type { AgentSession } from '../../ports/agent-host.ts';
import { type FollowedLines, followLines } from '../follow-lines.ts';
import { type Json, object, text } from '../json-row.ts';
import { type PipedFiles, readDelivery, writeDelivery } from '../launch-piped.ts';
import { pipedProgram } from '../piped-program.ts';
import { silenceMessage, silenceWatch } from '../silence-watch.ts';
import { statusTeller } from '../status-teller.ts';
import { turnLedger } from '../turn-ledger.ts';
import { acpConversation } from './acp-conversation.ts';
import { type AcpEvent, parseAcpEvent, type RequestId, type RpcError } from './acp-event.ts';
import { acpFailure, stopError } from './acp-failure.ts';
import { type AcpPermission, CANCELLED, permissionOf } from './acp-permission.ts';
import { openAcpRecord } from './acp-record.ts';
import { type AcpTurn, newAcpTurn, runsTool, takeCall } from './acp-turn.ts';
import { storedUsage, storeUsage, usageOf } from './acp-usage.ts';
import { answeredRequests, noteAnswered } from './answered-requests.ts';

/** A cold start on a busy machine takes seconds (opencode 4 to 9). */
const ACKNOWLEDGED_WITHIN_MS = 60_000;
const INTERRUPT_GRACE_MS = 5_000;
const FENCE_WITHIN_MS = 10_000;

/** Ids of our requests begin with what they are for, and are never used twice on one stream. */
const ID = {
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
  requestId: string;
  /** The agent's own. */
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
  const answeredFences = new Set<string>();
  const answered = await answeredRequests(files);
  let broken: string | null = null;

  const delivered = await readDelivery(files);
  let used: UsageTotal = delivered?.used ?? { inputTokens: 0, outputTokens: 0, cost: 0 };
  const record = await openAcpRecord(context.directory, delivered?.taskId ?? null);
  const teller = statusTeller(options.observe);
  const turns = turnLedger<AcpTurn, Asked>({
    name: agent.name,
    teller,
    delivered: () => readDelivery(files),
    used: usedByNow,
  });
  const { decisions } = turns;
  const conversation = await acpConversation({
    context,
    hasToolsOfItsOwn: agent.hasToolsOfItsOwn ?? false,
    wasReady: delivered !== null,
    isLive: () => teller.isLive,
    request,
    inBackground,
    breakDown,
    async onOpened(id) {
      used = await storedUsage(context.directory, id);
    },
    onReady(reason = 'it waits for a prompt') {
      if (!turns.running && !program.exited) teller.say('idle', reason);
      program.catchUp();
    },
  });
  const silence = silenceWatch({
    afterMs: agent.modelSilenceMs,
    turns,
    isBusy: runsTool,
    giveUp(turn) {
      turn.silent = true;
      inBackground(stop(turn, INTERRUPT_GRACE_MS));
    },
  });
  if (delivered) turns.open(newAcpTurn(delivered.taskId));
  const errors = agent.readError ? followErrors(agent.readError) : null;
  const program = pipedProgram({
    session,
    files,
    delivered,
    onLine(line, end) {
      const event = parseAcpEvent(line);
      if (!event) return;
      if (event.type !== 'text' || agent.isNotice?.(event.text) !== true) record.take(event, end);
      silence.heard();
      take(event);
    },
    onExit() {
      record.close();
      silence.stop();
      turns.exit();
    },
  });

  turns.goLive(conversation.isReady);
  if (!conversation.isReady) inBackground(conversation.shakeHands());
  silence.watch();
  await program.takenUp(() => conversation.isReady || broken !== null);

  return {
    deliver,
    interrupt,
    answer,
    recover: ({ id }) => turns.recover(id, lookForPrompt),
    close() {
      teller.close();
      silence.stop();
      program.close();
      errors?.close();
    },
  };

  function take(event: AcpEvent): void {
    switch (event.type) {
      case 'answered':
        return takeAnswer(event);
      case 'asked':
        return takeAsked(event);
      case 'cost':
        if (event.sessionId === conversation.id) used = { ...used, cost: event.amount };
        return;
      case 'text':
      case 'tool_call':
      case 'update': {
        const turn = turns.running;
        if (event.sessionId !== conversation.id || !turn) return;
        begin(turn);
        if (event.type === 'text' && agent.isNotice?.(event.text) !== true) turn.lastText += event.text;
        if (event.type === 'tool_call') takeCall(turn, event.call);
        return;
      }
      case 'other':
    }
  }

  function takeAnswer(event: Extract<AcpEvent, { type: 'answered' }>): void {
    const { id, result, error } = event;
    const turn = turns.running;
    if (id.startsWith(ID.fence)) {
      answeredFences.add(id);
      if (turn && id === ID.fence + turn.taskId) begin(turn);
    } else if (turn && id === ID.prompt + turn.taskId) takeEnd(turn, result, error);
    else conversation.takeAnswer(event);
  }

  function breakDown(error: RpcError): void {
    const { status, reason } = acpFailure(error, agent);
    const isUnusable = status === 'idle';
    broken = isUnusable ? `${agent.name} cannot be used: ${error.message} — start the agent again` : reason;
    teller.say(isUnusable ? 'no_signal' : status, broken);
  }

  function inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) =>
      breakDown({ code: 0, message: error instanceof Error ? error.message : String(error) }),
    );
  }

  /** The agent has read the prompt, and a prompt is a turn at once. */
  function begin(mine: AcpTurn): void {
    turns.accept(mine);
    if (turns.begin(mine)) silence.watch();
  }

  function takeEnd(mine: AcpTurn, result: Json, error: RpcError | null): void {
    begin(mine);
    countUsage(mine.taskId, result);
    const words = mine.lastText.trim();
    const reason = text(result['stopReason']);
    errors?.catchUp();
    // Gemini ends a turn as if it were well when its model broke off again and again.
    if (!error && reason === 'end_turn' && words === '' && mine.calls.size === 0) error = mine.trouble;
    if (!error && reason === 'end_turn' && !mine.withdrawn) turns.succeed({ text: words });
    else if (!error && (reason === 'cancelled' || mine.withdrawn) && !mine.silent) turns.cancel(words);
    else {
      const stopped = mine.silent ? { code: 0, message: silenceMessage(agent.modelSilenceMs) } : stopError(reason);
      turns.fail(acpFailure(error ?? stopped, agent), words);
    }
  }

  function countUsage(taskId: string, result: Json): void {
    const counted = usageOf(result);
    if (counted) {
      used = {
        ...used,
        inputTokens: used.inputTokens + counted.inputTokens,
        outputTokens: used.outputTokens + counted.outputTokens,
      };
    }
    const usage = usedByNow();
    if (!usage || (!counted && used.cost === 0)) return;
    teller.tell({ type: 'usage', at: new Date().toISOString(), taskId, ...usage });
    inBackground(storeUsage(context.directory, { conversation: usage.conversation, used }));
  }

  function usedByNow(): { conversation: string; total: UsageTotal } | null {
    return conversation.id === null ? null : { conversation: conversation.id, total: { ...used } };
  }

  function takeAsked({ id, method, params }: Extract<AcpEvent, { type: 'asked' }>): void {
    if (method !== 'session/request_permission') {
      // What no person can answer must not stop the turn for ever.
      if (teller.isLive)
        inBackground(
          program.send({ jsonrpc: '2.0', id, error: { code: -32601, message: `Pointsman does not do ${method}` } }),
        );
      return;
    }
    const turn = turns.running;
    // Agents count their requests from 0 in each program; a prompt is given once.
    const requestId = `${turn?.taskId ?? 'none'}/${id}`;
    if (answered.has(requestId)) return;
    if (turn) begin(turn);
    const known = turn?.calls.get(text(object(params['toolCall'])['toolCallId']));
    const one = { ...permissionOf(params, known, context.workspace), requestId, id };
    if (turn) turn.calls.set(one.toolCall.id, one.toolCall);
    const own = turn?.interrupted ? 'deny' : conversation.answerTo(one.toolCall.kind);
    if (own === 'ask') decisions.add(one);
    else if (teller.isLive)
      inBackground(reply(one, own === 'allow' ? { decision: 'allow' } : { decision: 'deny', reason: '' }));
  }

  function followErrors(read: NonNullable<AcpOptions['readError']>): FollowedLines {
    return followLines({
      file: files.errors,
      offset: 0,
      onLine: (line, { news }) => {
        const told = news ? read(line) : null;
        if (!told || !turns.running) return;
        begin(turns.running);
        turns.running.trouble = told.error;
        teller.sayAnew(told.status, told.error.message);
      },
    });
  }

  async function request(purpose: string, method: string, params: object): Promise<void> {
    await program.send({ jsonrpc: '2.0', id: purpose + randomUUID(), method, params });
  }

  async function deliver({ id, prompt }: { id: string; prompt: string }): Promise<DeliverOutcome> {
    const refusal = await turns.refusal(id);
    if (refusal) return refusal;
    const mine = turns.open(newAcpTurn(id));
    await program.until(() => conversation.isReady || broken !== null, ACKNOWLEDGED_WITHIN_MS);
    if (!conversation.isReady || conversation.id === null)
      return turns.refuse(mine, broken ?? `${agent.name} has not opened a conversation`);
    record.begin(id, prompt, program.offset);
    await writeDelivery(files, { taskId: id, offset: program.offset, used });
    const written = await program.send({
      jsonrpc: '2.0',
      id: ID.prompt + id,
      method: 'session/prompt',
      params: { sessionId: conversation.id, prompt: [...instructions(), { type: 'text', text: prompt }] },
    });
    if (written.outcome === 'broken') return turns.refuse(mine, written.reason);
    if (written.outcome === 'nobody_reads') return turns.refuse(mine, `${agent.name} reads no prompts: it has ended`);
    conversation.begin();
    turns.tellTyped(mine);
    // A prompt is answered when its turn is over; that it was read is proved by a question after it.
    await program.send({ jsonrpc: '2.0', id: ID.fence + id, method: '_pointsman/fence', params: {} });
    await program.until(() => turns.isSeen(mine), ACKNOWLEDGED_WITHIN_MS);
    if (turns.isSeen(mine)) return { outcome: 'submitted' };
    return turns.lose(mine, `${agent.name} did not show that it has read the prompt`);
  }

  /** The protocol has no place for standing instructions: they go before the first prompt, as a part of their own. */
  function instructions(): object[] {
    return conversation.isNew && context.instructions && !agent.hasInstructionsOfItsOwn
      ? [{ type: 'text', text: context.instructions }]
      : [];
  }

  async function interrupt({ graceMs = INTERRUPT_GRACE_MS }: { graceMs?: number } = {}): Promise<void> {
    if (!turns.running) return;
    turns.running.interrupted = true;
    await stop(turns.running, graceMs);
  }

  async function stop(mine: AcpTurn, graceMs: number): Promise<void> {
    await program.send({ jsonrpc: '2.0', method: 'session/cancel', params: { sessionId: conversation.id } });
    mine.withdrawn = decisions.size > 0;
    for (const { requestId, id } of decisions.all()) {
      await program.send({ jsonrpc: '2.0', id, result: CANCELLED });
      await noteAnswered(files, requestId);
    }
    await program.endUnless(() => turns.running !== mine, graceMs);
  }

  async function answer(requestId: string, decision: DecisionAnswer): Promise<AnswerOutcome> {
    const one = decisions.get(requestId);
    if (!one) return { outcome: 'gone', reason: `${agent.name} does not wait for this answer any more` };
    return reply(one, decision);
  }

  async function reply(one: Asked, decision: DecisionAnswer): Promise<AnswerOutcome> {
    const written = await program.send({ jsonrpc: '2.0', id: one.id, result: one.answer(decision) });
    if (written.outcome !== 'written') return { outcome: 'gone', reason: `${agent.name} has ended` };
    answered.add(one.requestId);
    decisions.settle(one.requestId, 'it was answered'); // before its turn goes on, so that its end finds nothing asked
    await noteAnswered(files, one.requestId);
    return { outcome: 'answered' };
  }

  /** The question is answered after everything that was read before it; a sign of the prompt would have come by then. */
  async function lookForPrompt(mine: AcpTurn): Promise<boolean> {
    const question = ID.fence + randomUUID();
    const isAnswered = (): boolean => [...answeredFences].some((id) => id.startsWith(question));
    inBackground(request(question, '_pointsman/fence', {}));
    await program.until(() => turns.isSeen(mine) || isAnswered(), FENCE_WITHIN_MS);
    return false; // no sign is no proof: nothing says that the agent will not come to it
  }
}
