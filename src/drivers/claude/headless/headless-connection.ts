/**
 * A running headless Claude Code: prompts and answers go into its input pipe, everything it does comes out of its output
 * file. Both outlive us, so after a restart the file alone says what became of a prompt and what is still asked.
 */
import type {
  AgentConnection,
  AnswerOutcome,
  DecisionAnswer,
  DeliverOutcome,
  Observation,
  ObservedStatus,
  UsageTotal,
} from '../../../ports/agent-driver.ts';
import type { AgentSession } from '../../../ports/agent-host.ts';
import { type PipedFiles, readDelivery, writeDelivery } from '../../launch-piped.ts';
import { pipedProgram } from '../../piped-program.ts';
import { statusTeller } from '../../status-teller.ts';
import { newTurn, type Turn, turnLedger } from '../../turn-ledger.ts';
import { claudeFailure } from '../claude-failure.ts';
import { type StreamDecision, streamDecision } from './stream-decision.ts';
import { parseStreamEvent, type StreamEvent, type TurnResult } from './stream-event.ts';

/** A cold start on a busy machine took 9 s; Claude Code acknowledges a prompt within milliseconds once it reads. */
const ACKNOWLEDGED_WITHIN_MS = 60_000;
const INTERRUPT_GRACE_MS = 5_000;

interface HeadlessTurn extends Turn {
  /** The last result; the turn is over when it was followed by the end of the command and nothing runs behind it. */
  result: TurnResult | null;
  commandEnded: 'completed' | 'cancelled' | null;
  /** It was interrupted when it had answered, or when subagents worked in the background: an answer is not its end. */
  cutShort: boolean;
}

export async function connectHeadless(options: {
  session: AgentSession;
  files: PipedFiles;
  observe: (observation: Observation) => void;
}): Promise<AgentConnection> {
  const { session, files } = options;
  let backgroundTasks = 0;
  /** As Claude Code says it; null when it says nothing of that, as older versions. */
  let sessionState: 'idle' | 'running' | 'requires_action' | null = null;
  let used: { conversation: string; total: UsageTotal } | null = null;

  const delivered = await readDelivery(files);
  let ready = delivered !== null;
  const teller = statusTeller(options.observe);
  const turns = turnLedger<HeadlessTurn, StreamDecision>({
    name: 'Claude Code',
    teller,
    delivered: () => readDelivery(files),
    used: () => used,
  });
  const { decisions } = turns;
  if (delivered) turns.open(newHeadlessTurn(delivered.taskId));
  const program = pipedProgram({
    session,
    files,
    delivered,
    endsOnBrokenLine: true,
    onLine(line) {
      const event = parseStreamEvent(line);
      if (event) take(event);
    },
    onExit: turns.exit,
  });

  turns.goLive(ready);
  // A session that has said nothing yet is asked to: the answer proves that it reads.
  if (teller.said === null) void program.send(controlRequest('initialize', { hooks: {} })).catch(() => undefined);

  return {
    deliver,
    interrupt,
    answer,
    recover: ({ id }) => turns.recover(id, lookForPrompt),
    close() {
      teller.close();
      program.close();
    },
  };

  function take(event: StreamEvent): void {
    switch (event.type) {
      case 'command':
        return takeCommand(event);
      case 'init':
        ready = true;
        return;
      case 'answered':
        return takeAnswered(event.requestId);
      case 'asked':
        return decisions.add(streamDecision(event));
      case 'ask_cancelled':
        return decisions.settle(event.requestId, 'the turn was interrupted');
      case 'retry':
        return teller.say(retryStatus(event.status), retryReason(event));
      case 'background':
        backgroundTasks = event.tasks;
        // Begun before our interruption came, and stopped by it.
        if (turns.running?.interrupted && backgroundTasks > 0) turns.running.cutShort = true;
        return maybeEnd();
      case 'session':
        return takeState(event.state);
      case 'working':
        if (decisions.size === 0 && sessionState !== 'idle') teller.say('working', 'the model is answering');
        return;
      case 'result':
        return takeResult(event.result);
      case 'other':
    }
  }

  function takeCommand({ id, state }: Extract<StreamEvent, { type: 'command' }>): void {
    const turn = turns.running;
    if (turn?.taskId !== id) return;
    turns.accept(turn);
    if (state === 'started') turns.begin(turn);
    if (state === 'queued' || state === 'started') return;
    turn.commandEnded = state;
    maybeEnd();
  }

  function takeResult(result: TurnResult): void {
    const turn = turns.running;
    used = { conversation: result.sessionId, total: result.usage };
    teller.tell({ type: 'usage', at: new Date().toISOString(), taskId: turn?.taskId ?? null, ...used });
    if (turn) {
      turn.result = result;
      maybeEnd();
    } else if (backgroundTasks === 0 && sessionState === null) teller.say('idle', 'its turn ended');
  }

  function takeState(state: NonNullable<typeof sessionState>): void {
    sessionState = state;
    // It runs for a moment while it starts, too.
    const isUp = ready || turns.running !== null;
    if (state === 'running' && isUp && decisions.size === 0) teller.say('working', 'it says that it works');
    if (state !== 'idle') return;
    if (turns.running) maybeEnd();
    else if (teller.said === 'working') teller.say('idle', 'it waits for a prompt');
  }

  /** Subagents in the background wake the model again when they end: only then is the turn's last result known. */
  function maybeEnd(): void {
    const turn = turns.running;
    if (!turn?.result || !turn.commandEnded) return;
    const { result } = turn;
    const goesOn =
      sessionState === null ? backgroundTasks > 0 && result.ok && !turn.interrupted : sessionState !== 'idle';
    if (goesOn && backgroundTasks > 0) teller.say('working', 'it goes on when what runs in the background has ended');
    if (goesOn) return;
    // Measured: a command whose turn failed on an API error ends as `cancelled` too; the result knows better.
    const aborted = !result.ok && (turn.interrupted || result.terminalReason?.startsWith('aborted') === true);
    if (turn.cutShort || aborted) turns.cancel(result.text);
    else if (result.ok)
      turns.succeed({ text: result.text, ...(result.data === undefined ? {} : { data: result.data }) });
    else turns.fail(claudeFailure(result.apiStatus, result.text || result.errors.join('; ') || result.subtype));
  }

  function takeAnswered(requestId: string): void {
    if (decisions.get(requestId)) return decisions.settle(requestId, 'it was answered');
    if (ready) return;
    ready = true; // the answer to our initialize
    if (!turns.running) teller.say('idle', 'it waits for a prompt');
  }

  async function deliver({ id, prompt }: { id: string; prompt: string }): Promise<DeliverOutcome> {
    const refusal = await turns.refusal(id);
    if (refusal) return refusal;
    await writeDelivery(files, { taskId: id, offset: program.offset });
    const mine = turns.open(newHeadlessTurn(id));
    const written = await program.send({
      type: 'user',
      message: { role: 'user', content: [{ type: 'text', text: prompt }] },
      parent_tool_use_id: null,
      session_id: '',
      uuid: id,
    });
    if (written.outcome === 'broken') return turns.refuse(mine, written.reason);
    if (written.outcome === 'nobody_reads') return turns.refuse(mine, 'Claude Code reads no prompts: it has ended');
    turns.tellTyped(mine);
    await program.until(() => turns.isSeen(mine), ACKNOWLEDGED_WITHIN_MS);
    if (turns.isSeen(mine)) return { outcome: 'submitted' };
    return turns.lose(
      mine,
      program.exited
        ? 'Claude Code ended before it acknowledged the prompt'
        : 'Claude Code did not acknowledge the prompt',
    );
  }

  async function interrupt({ graceMs = INTERRUPT_GRACE_MS }: { graceMs?: number } = {}): Promise<void> {
    const { running } = turns;
    if (!running) return;
    running.interrupted = true;
    running.cutShort = running.result !== null || backgroundTasks > 0;
    await program.send(controlRequest('interrupt', {}));
    await program.endUnless(() => turns.running !== running, graceMs);
  }

  async function answer(requestId: string, decision: DecisionAnswer): Promise<AnswerOutcome> {
    const one = decisions.get(requestId);
    if (!one) return { outcome: 'gone', reason: 'Claude Code does not wait for this answer any more' };
    const written = await program.send({
      type: 'control_response',
      response: { subtype: 'success', request_id: requestId, response: one.response(decision) },
    });
    if (written.outcome !== 'written') return { outcome: 'gone', reason: 'Claude Code has ended' };
    // It repeats every answer that it took.
    const isTaken = await program.until(() => !decisions.get(requestId), ACKNOWLEDGED_WITHIN_MS);
    return isTaken ? { outcome: 'answered' } : { outcome: 'gone', reason: 'Claude Code did not take the answer' };
  }

  /** A prompt that went whole is acknowledged at once; one that went in part makes Claude Code end. */
  async function lookForPrompt(mine: HeadlessTurn): Promise<boolean> {
    await program.until(() => turns.isSeen(mine), INTERRUPT_GRACE_MS);
    return false;
  }
}

function retryStatus(httpStatus: number | null): ObservedStatus {
  if (httpStatus === 429) return 'rate_limited';
  return httpStatus === 401 || httpStatus === 403 ? 'auth_failed' : 'working';
}

function retryReason({ status, attempt, max }: Extract<StreamEvent, { type: 'retry' }>): string {
  const said = `the model's endpoint answered ${status ?? 'nothing'}; it tries again (${attempt} of ${max})`;
  // Who sees it now must know already what to do.
  return retryStatus(status) === 'auth_failed' ? claudeFailure(status, said).reason : said;
}

function newHeadlessTurn(taskId: string): HeadlessTurn {
  return { ...newTurn(taskId), result: null, commandEnded: null, cutShort: false };
}

function controlRequest(subtype: string, rest: object): object {
  return { type: 'control_request', request_id: `pointsman-${subtype}-${Date.now()}`, request: { subtype, ...rest } };
}
