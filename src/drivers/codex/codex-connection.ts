/**
 * A running `codex app-server`: requests and answers go into its input pipe, everything it does comes out of its output
 * file. Both outlive us, so after a restart the file alone says what became of a prompt and what is still asked.
 */
import { randomUUID } from 'node:crypto';
import type {
  AgentConnection,
  AnswerOutcome,
  DecisionAnswer,
  DeliverOutcome,
  LaunchContext,
  Observation,
  UsageTotal,
} from '../../ports/agent-driver.ts';
import type { AgentSession } from '../../ports/agent-host.ts';
import { objectIn, text } from '../json-row.ts';
import { type PipedFiles, readDelivery, writeDelivery } from '../launch-piped.ts';
import { pipedProgram } from '../piped-program.ts';
import { silenceMessage, silenceWatch } from '../silence-watch.ts';
import { statusTeller } from '../status-teller.ts';
import { turnLedger } from '../turn-ledger.ts';
import { type CodexEvent, parseCodexEvent, type RequestId, type TurnError } from './codex-event.ts';
import { codexFailure, failureKind } from './codex-failure.ts';
import { type CodexRequest, codexRequest } from './codex-request.ts';
import { codexThread } from './codex-thread.ts';
import { type CodexTurn, newCodexTurn, takeItem } from './codex-turn.ts';

/** A cold start on a busy machine takes seconds; Codex acknowledges a prompt within milliseconds once it reads. */
const ACKNOWLEDGED_WITHIN_MS = 60_000;
const INTERRUPT_GRACE_MS = 5_000;
const FENCE_WITHIN_MS = 10_000;

/** Ids of our requests begin with what they are for, and are never used twice on one stream. */
const ID = {
  turn: 'turn/',
  /** Interrupts a turn whose model fell silent: the answer in the file tells it from a person's interrupt. */
  silence: 'silence/',
  fence: 'fence/',
} as const;

interface Asked extends CodexRequest {
  requestId: string;
  /** Codex's own. */
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
  const answeredFences = new Set<string>();
  /** The turn that Codex is on, whoever began it: a prompt sent meanwhile would be mixed into it. */
  let active: string | null = null;
  let used: { conversation: string; total: UsageTotal } | null = null;
  let broken: string | null = null;

  const delivered = await readDelivery(files);
  const teller = statusTeller(options.observe);
  const turns = turnLedger<CodexTurn, Asked>({
    name: 'Codex',
    teller,
    delivered: () => readDelivery(files),
    used: () => used,
  });
  const { decisions } = turns;
  const thread = await codexThread({
    context,
    wasReady: delivered !== null,
    isLive: () => teller.isLive,
    request: (purpose, method, params) => inBackground(program.send({ id: purpose + randomUUID(), method, params })),
    notify: (method) => program.send({ method }),
    inBackground,
    breakDown,
    onReady() {
      if (!turns.running && !program.exited) teller.say('idle', 'it waits for a prompt');
      program.catchUp();
    },
  });
  const silence = silenceWatch({
    afterMs: modelSilenceMs,
    turns,
    isBusy: (turn) => turn.running.size > 0,
    giveUp: (turn) => inBackground(stop(turn, ID.silence + turn.taskId, INTERRUPT_GRACE_MS)),
  });
  if (delivered) turns.open(newCodexTurn(delivered.taskId));
  const program = pipedProgram({
    session,
    files,
    delivered,
    onLine(line) {
      const event = parseCodexEvent(line);
      if (!event) return;
      silence.heard();
      take(event);
    },
    onExit() {
      silence.stop();
      turns.exit();
    },
  });

  turns.goLive(thread.isReady);
  thread.shakeHands();
  silence.watch();
  await program.takenUp(() => thread.isReady || broken !== null);

  return {
    deliver,
    interrupt,
    answer,
    recover: ({ id }) => turns.recover(id, lookForPrompt),
    close() {
      teller.close();
      silence.stop();
      program.close();
    },
  };

  function take(event: CodexEvent): void {
    switch (event.type) {
      case 'answered':
        return takeAnswer(event);
      case 'asked':
        return takeAsked(event);
      case 'ask_resolved':
        for (const one of decisions.all()) if (one.id === event.id) decisions.settle(one.requestId, 'it was answered');
        return;
      case 'turn_started':
        if (event.threadId !== thread.id) return;
        active = event.turnId;
        if (turns.running?.id === event.turnId) begin(turns.running);
        return;
      case 'turn_completed':
        if (event.threadId === thread.id) takeEnd(event);
        return;
      case 'item':
        if (event.threadId === thread.id && turns.running) takeTurnItem(turns.running, event);
        return;
      case 'usage':
        return takeUsage(event);
      case 'failing':
        if (event.willRetry && event.threadId === thread.id) sayRetry(event);
        return;
      case 'other':
    }
  }

  function takeAnswer(event: Extract<CodexEvent, { type: 'answered' }>): void {
    const { id, result, error } = event;
    const turn = turns.running;
    if (id.startsWith(ID.fence)) answeredFences.add(id);
    else if (turn && id === ID.turn + turn.taskId) {
      if (error) turn.refusal = error.message;
      else accept(turn, text(objectIn(result, 'turn')['id']));
    } else if (turn && !error && id === ID.silence + turn.taskId) turn.silent = true;
    else thread.takeAnswer(event);
  }

  function breakDown(reason: string): void {
    broken = reason;
    teller.say(
      'no_signal',
      `Codex cannot be used: ${reason} — start the agent again, with a fresh conversation if it stays so`,
    );
  }

  function inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => breakDown(error instanceof Error ? error.message : String(error)));
  }

  /** Codex has it: the prompt is in its queue, or it has begun. */
  function accept(mine: CodexTurn, id: string): void {
    if (mine.state !== 'sent') return;
    mine.id = id;
    turns.accept(mine);
    if (active === id) begin(mine);
  }

  function begin(mine: CodexTurn): void {
    if (turns.begin(mine)) silence.watch();
  }

  function takeTurnItem(mine: CodexTurn, { turnId, completed, item }: Extract<CodexEvent, { type: 'item' }>): void {
    // The prompt itself, under the id of its task: proof even where the answer to the request is missing.
    const isPrompt = item.clientId === mine.taskId;
    if (isPrompt) {
      accept(mine, turnId);
      begin(mine);
    }
    if (mine.id !== turnId) return;
    // Also after a limit that was lifted while Codex tried again.
    if (!isPrompt && decisions.size === 0) teller.say('working', 'a turn is running');
    takeItem(mine, item, completed);
  }

  function takeUsage({ threadId, inputTokens, outputTokens }: Extract<CodexEvent, { type: 'usage' }>): void {
    // Codex names no price.
    used = { conversation: threadId, total: { inputTokens, outputTokens, cost: 0 } };
    teller.tell({ type: 'usage', at: new Date().toISOString(), taskId: turns.running?.taskId ?? null, ...used });
  }

  function takeEnd({ turnId, status, error }: Extract<CodexEvent, { type: 'turn_completed' }>): void {
    if (active === turnId) active = null;
    const turn = turns.running;
    if (!turn) return teller.say('idle', 'its turn ended');
    if (turn.id !== turnId) return;
    if (status === 'completed') turns.succeed({ text: turn.lastText });
    else if (status === 'interrupted' && !turn.silent) turns.cancel(turn.lastText);
    else turns.fail(codexFailure(turn.silent ? silenceError(modelSilenceMs) : error), turn.lastText);
  }

  function takeAsked({ id, method, params, turnId }: Extract<CodexEvent, { type: 'asked' }>): void {
    const made = codexRequest(method, params, (itemId) => turns.running?.items.get(itemId));
    // Codex counts its requests from 0 in each program; a turn is never seen twice.
    if (made) decisions.add({ ...made, id, requestId: `${turnId}/${id}` });
    // What no person can answer must not stop the turn for ever.
    else if (teller.isLive)
      inBackground(program.send({ id, error: { code: -32601, message: `Pointsman does not do ${method}` } }));
  }

  function sayRetry({ error }: Extract<CodexEvent, { type: 'failing' }>): void {
    const status = { auth: 'auth_failed', rate: 'rate_limited', other: 'working' } as const;
    teller.sayAnew(status[failureKind(error)], `the model's endpoint failed; it tries again: ${error.message}`);
  }

  async function deliver(task: { id: string; prompt: string; directory?: string }): Promise<DeliverOutcome> {
    const { id, prompt } = task;
    const refusal = await turns.refusal(id, active !== null);
    if (refusal) return refusal;
    const mine = turns.open(newCodexTurn(id));
    await program.until(() => thread.isReady || broken !== null, ACKNOWLEDGED_WITHIN_MS);
    if (!thread.isReady || thread.id === null)
      return turns.refuse(mine, broken ?? 'Codex has not opened a conversation');
    await writeDelivery(files, { taskId: id, offset: program.offset });
    const written = await program.send({
      id: ID.turn + id,
      method: 'turn/start',
      params: {
        threadId: thread.id,
        clientUserMessageId: id,
        input: inputOf(prompt),
        cwd: task.directory ?? context.workspace,
      },
    });
    if (written.outcome === 'broken') return turns.refuse(mine, written.reason);
    if (written.outcome === 'nobody_reads') return turns.refuse(mine, 'Codex reads no prompts: it has ended');
    turns.tellTyped(mine);
    await program.until(() => turns.isSeen(mine) || mine.refusal !== null, ACKNOWLEDGED_WITHIN_MS);
    if (mine.refusal !== null) return turns.refuse(mine, `Codex did not take the prompt: ${mine.refusal}`);
    if (turns.isSeen(mine)) return { outcome: 'submitted' };
    return turns.lose(
      mine,
      program.exited ? 'Codex ended before it acknowledged the prompt' : 'Codex did not acknowledge the prompt',
    );
  }

  async function interrupt({ graceMs = INTERRUPT_GRACE_MS }: { graceMs?: number } = {}): Promise<void> {
    const { running } = turns;
    if (!running) return;
    running.interrupted = true;
    await stop(running, `interrupt/${randomUUID()}`, graceMs);
  }

  async function stop(mine: CodexTurn, id: string, graceMs: number): Promise<void> {
    const until = Date.now() + graceMs;
    const isOver = (): boolean => turns.running !== mine;
    // Codex knows of no turn to interrupt before it has begun it, though it has acknowledged it.
    await program.until(() => isOver() || mine.state === 'started', graceMs);
    if (!isOver() && mine.state === 'started')
      await program.send({ id, method: 'turn/interrupt', params: { threadId: thread.id, turnId: mine.id } });
    await program.endUnless(isOver, Math.max(0, until - Date.now()));
  }

  async function answer(requestId: string, decision: DecisionAnswer): Promise<AnswerOutcome> {
    const one = decisions.get(requestId);
    if (!one) return { outcome: 'gone', reason: 'Codex does not wait for this answer any more' };
    // Codex's own no has no place for a reason; the model reads it as a word from the person, after the refusal.
    if (decision.decision === 'deny' && one.request.kind === 'permission' && turns.running?.id)
      await program.send({
        id: `reason/${randomUUID()}`,
        method: 'turn/steer',
        params: {
          threadId: thread.id,
          expectedTurnId: turns.running.id,
          input: inputOf(`That was denied: ${decision.reason}`),
        },
      });
    const written = await program.send({ id: one.id, result: one.answer(decision) });
    if (written.outcome !== 'written') return { outcome: 'gone', reason: 'Codex has ended' };
    // It says of every request that it waits for no more.
    const isTaken = await program.until(() => !decisions.get(requestId), ACKNOWLEDGED_WITHIN_MS);
    return isTaken ? { outcome: 'answered' } : { outcome: 'gone', reason: 'Codex did not take the answer' };
  }

  /**
   * Measured with 0.169.0: Codex does what is asked of one thread in its order. A question about the thread that is
   * answered while the prompt is still unseen proves that the prompt was never read.
   */
  async function lookForPrompt(mine: CodexTurn): Promise<boolean> {
    const question = ID.fence + randomUUID();
    const isRefuted = (): boolean => mine.refusal !== null || answeredFences.has(question);
    inBackground(program.send({ id: question, method: 'thread/read', params: { threadId: thread.id } }));
    await program.until(() => turns.isSeen(mine) || isRefuted(), FENCE_WITHIN_MS);
    return isRefuted();
  }
}

function inputOf(words: string): object[] {
  return [{ type: 'text', text: words, text_elements: [] }];
}

function silenceError(afterMs: number): TurnError {
  return {
    message: silenceMessage(afterMs),
    kind: 'silence',
    httpStatus: null,
  };
}
