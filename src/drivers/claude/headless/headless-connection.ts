/**
 * A running headless Claude Code: prompts and answers go into its input pipe, everything it does comes out of its output
 * file. Both outlive us, so after a restart the file alone says what became of a prompt and what is still asked.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type {
  AgentConnection,
  AnswerOutcome,
  AskedQuestion,
  DecisionAnswer,
  DecisionRequest,
  DeliverOutcome,
  Observation,
  ObservedStatus,
  RecoverOutcome,
  TaskOutcome,
  UsageTotal,
} from '../../../ports/agent-driver.ts';
import type { AgentSession } from '../../../ports/agent-host.ts';
import { endsWithQuestion } from '../../ends-with-question.ts';
import { type PipedFiles, readDelivery, writeDelivery } from '../../launch-piped.ts';
import { type WriteOutcome, writeLine } from '../../stdin-pipe.ts';
import { followLines } from '../../follow-lines.ts';
import { claudeFailure } from '../claude-failure.ts';
import { parseStreamEvent, type StreamEvent, type TurnResult } from './stream-event.ts';

/** A cold start on a busy machine took 9 s; Claude Code acknowledges a prompt within milliseconds once it reads. */
const ACKNOWLEDGED_WITHIN_MS = 60_000;
const INTERRUPT_GRACE_MS = 5_000;
const INTERRUPT_KEY = Uint8Array.of(3); // Ctrl-C: Claude Code ends and its conversation can be resumed

interface Turn {
  taskId: string;
  state: 'sent' | 'queued' | 'started';
  /** The last result; the turn is over when it was followed by the end of the command and nothing runs behind it. */
  typed: boolean;
  result: TurnResult | null;
  commandEnded: 'completed' | 'cancelled' | null;
  interrupted: boolean;
  /** It was interrupted when it had answered, or when subagents worked in the background: an answer is not its end. */
  cutShort: boolean;
}

interface Asked {
  requestId: string;
  request: DecisionRequest;
  input: Record<string, unknown>;
}

export async function connectHeadless(options: {
  session: AgentSession;
  files: PipedFiles;
  observe: (observation: Observation) => void;
}): Promise<AgentConnection> {
  const { session, files } = options;
  const asked = new Map<string, Asked>();
  const ended = new Map<string, Extract<RecoverOutcome, { outcome: 'finished' }>>();
  let turn: Turn | null = null;
  let backgroundTasks = 0;
  /** As Claude Code says it; null when it says nothing of that, as older versions. */
  let sessionState: 'idle' | 'running' | 'requires_action' | null = null;
  let used: { conversation: string; total: UsageTotal } | null = null;
  let ready = false;
  let closed = false;
  let exited = false;
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
  if (before) turn = newTurn(before.taskId);
  const stream = followLines({
    file: files.output,
    offset: before?.offset ?? 0,
    onLine: (line, { news }) => {
      const event = parseStreamEvent(line);
      if (event) take(event, news);
    },
  });

  void session.exited.then(async () => {
    stream.catchUp();
    exited = true;
    if (turn && turn.state !== 'sent') finish({ status: 'failed', error: exitError() });
    turn = null;
    stream.catchUp(); // nothing more is printed: who waits for a line learns it now
  });

  replaying = false;
  tellWhereWeAre();

  return {
    deliver,
    interrupt,
    answer,
    recover,
    close() {
      closed = true;
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
    else if (ready || before) say('idle', 'it waits for a prompt');
    // A session that has said nothing yet is asked to: the answer proves that it reads.
    else void send(controlRequest('initialize', { hooks: {} })).catch(() => undefined);
  }

  function take(event: StreamEvent, news: boolean): void {
    switch (event.type) {
      case 'command':
        return takeCommand(event);
      case 'init':
        ready = true;
        return;
      case 'answered':
        return takeAnswered(event, news);
      case 'asked':
        return takeAsked(event, news);
      case 'ask_cancelled':
        return settle(event.requestId, 'the turn was interrupted', news);
      case 'retry':
        return say(retryStatus(event.status), retryReason(event));
      case 'background':
        backgroundTasks = event.tasks;
        return maybeEnd();
      case 'session':
        return takeState(event.state);
      case 'working':
        if (asked.size === 0 && sessionState !== 'idle') say('working', 'the model is answering');
        return;
      case 'result':
        return takeResult(event.result);
      case 'other':
    }
  }

  function takeCommand({ id, state }: Extract<StreamEvent, { type: 'command' }>): void {
    if (turn?.taskId !== id) return;
    if (state === 'queued') {
      turn.state = 'queued';
      tellTyped(turn);
      observe({ type: 'receipt', taskId: id, receipt: 'submittedAt', at: now() });
    } else if (state === 'started') {
      turn.state = 'started';
      observe({ type: 'receipt', taskId: id, receipt: 'turnStartedAt', at: now() });
      say('working', 'a turn is running');
    } else {
      turn.commandEnded = state;
      maybeEnd();
    }
  }

  /** It may acknowledge a prompt before we know that it was written. */
  function tellTyped(mine: Turn): void {
    if (mine.typed) return;
    mine.typed = true;
    observe({ type: 'receipt', taskId: mine.taskId, receipt: 'typedAt', at: now() });
  }

  function takeResult(result: TurnResult): void {
    used = { conversation: result.sessionId, total: result.usage };
    observe({ type: 'usage', at: now(), taskId: turn?.taskId ?? null, ...used });
    if (turn) {
      turn.result = result;
      maybeEnd();
    } else if (backgroundTasks === 0 && sessionState === null) say('idle', 'its turn ended');
  }

  function takeState(state: NonNullable<typeof sessionState>): void {
    sessionState = state;
    // It runs for a moment while it starts, too.
    const isUp = ready || before !== null || turn !== null;
    if (state === 'running' && isUp && asked.size === 0) say('working', 'it says that it works');
    if (state !== 'idle') return;
    if (turn) maybeEnd();
    else if (said?.status === 'working') say('idle', 'it waits for a prompt');
  }

  /** Subagents in the background wake the model again when they end: only then is the turn's last result known. */
  function maybeEnd(): void {
    if (!turn?.result || !turn.commandEnded) return;
    const goesOn =
      sessionState === null ? backgroundTasks > 0 && turn.result.ok && !turn.interrupted : sessionState !== 'idle';
    if (goesOn && backgroundTasks > 0) say('working', 'it goes on when what runs in the background has ended');
    if (goesOn) return;
    const { result } = turn;
    // Measured: a command whose turn failed on an API error ends as `cancelled` too; the result knows better.
    const aborted = !result.ok && (turn.interrupted || result.terminalReason?.startsWith('aborted') === true);
    if (turn.cutShort || aborted) {
      finish({ status: 'cancelled', ...(result.text ? { result: { text: result.text } } : {}) });
      say('idle', 'its turn was interrupted');
    } else if (result.ok) {
      finish({
        status: 'succeeded',
        result: { text: result.text, ...(result.data === undefined ? {} : { data: result.data }) },
      });
      say(
        endsWithQuestion(result.text) ? 'waiting_input' : 'idle',
        endsWithQuestion(result.text) ? 'its turn ended with a question' : 'its turn ended',
      );
    } else {
      const failure = claudeFailure(result.apiStatus, result.text || result.errors.join('; ') || result.subtype);
      finish({ status: 'failed', error: failure.error });
      say(failure.status, failure.reason);
    }
  }

  function finish(outcome: TaskOutcome): void {
    if (!turn) return;
    const { taskId } = turn;
    const at = now();
    turn = null;
    ended.set(taskId, { outcome: 'finished', taskOutcome: outcome, at, ...(used ? { usage: used } : {}) });
    for (const requestId of asked.keys()) settle(requestId, 'the turn is over', true);
    observe({ type: 'receipt', taskId, receipt: 'finishedAt', at });
    observe({ type: 'task_finished', taskId, at, outcome });
  }

  function takeAsked(event: Extract<StreamEvent, { type: 'asked' }>, news: boolean): void {
    const one = { requestId: event.requestId, input: event.input, request: requestOf(event) };
    asked.set(event.requestId, one);
    if (!news) return;
    tellAsked(one);
    say('blocked', blockedReason());
  }

  function tellAsked({ requestId, request }: Asked): void {
    observe({ type: 'decision_requested', requestId, at: now(), request });
  }

  function takeAnswered({ requestId }: Extract<StreamEvent, { type: 'answered' }>, news: boolean): void {
    if (asked.has(requestId)) return settle(requestId, 'it was answered', news);
    if (ready) return;
    ready = true; // the answer to our initialize
    if (news && !turn) say('idle', 'it waits for a prompt');
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

  async function send(message: object): Promise<WriteOutcome> {
    return writeLine(files.input, message, () => exited || closed);
  }

  async function deliver({ id, prompt }: { id: string; prompt: string }): Promise<DeliverOutcome> {
    if (exited) return { outcome: 'refused', code: 'AGENT_EXITED', reason: 'Claude Code has ended' };
    if (asked.size > 0) return { outcome: 'refused', code: 'AGENT_BLOCKED', reason: blockedReason() };
    if (turn) return { outcome: 'refused', code: 'AGENT_BUSY', reason: 'a turn is running' };
    if (ended.has(id) || (await readDelivery(files))?.taskId === id)
      return { outcome: 'unknown', reason: 'this task was delivered before' };
    await writeDelivery(files, { taskId: id, offset: stream.offset });
    const mine = newTurn(id);
    turn = mine;
    const written = await send({
      type: 'user',
      message: { role: 'user', content: [{ type: 'text', text: prompt }] },
      parent_tool_use_id: null,
      session_id: '',
      uuid: id,
    });
    if (written.outcome !== 'written') {
      if (turn === mine) turn = null;
      return {
        outcome: 'refused',
        code: 'DELIVERY_FAILED',
        reason: written.outcome === 'broken' ? written.reason : 'Claude Code reads no prompts: it has ended',
      };
    }
    tellTyped(mine);
    const acknowledged = await stream.until(
      () => exited || ended.has(id) || mine.state !== 'sent',
      ACKNOWLEDGED_WITHIN_MS,
    );
    if (ended.has(id) || mine.state !== 'sent') return { outcome: 'submitted' };
    if (turn === mine) turn = null;
    return {
      outcome: 'unknown',
      reason: acknowledged
        ? 'Claude Code ended before it acknowledged the prompt'
        : 'Claude Code did not acknowledge the prompt',
    };
  }

  async function interrupt({ graceMs = INTERRUPT_GRACE_MS }: { graceMs?: number } = {}): Promise<void> {
    const running = turn;
    if (!running) return;
    running.interrupted = true;
    running.cutShort = running.result !== null || backgroundTasks > 0;
    await send(controlRequest('interrupt', {}));
    const over = await stream.until(() => turn !== running, graceMs);
    if (!over && !closed) await session.keys(INTERRUPT_KEY);
  }

  async function answer(requestId: string, decision: DecisionAnswer): Promise<AnswerOutcome> {
    const one = asked.get(requestId);
    if (!one) return { outcome: 'gone', reason: 'Claude Code does not wait for this answer any more' };
    const written = await send({
      type: 'control_response',
      response: { subtype: 'success', request_id: requestId, response: responseTo(one, decision) },
    });
    if (written.outcome !== 'written') return { outcome: 'gone', reason: 'Claude Code has ended' };
    // It repeats every answer that it took.
    await stream.until(() => exited || !asked.has(requestId), ACKNOWLEDGED_WITHIN_MS);
    return asked.has(requestId)
      ? { outcome: 'gone', reason: 'Claude Code did not take the answer' }
      : { outcome: 'answered' };
  }

  async function recover({ id }: { id: string; prompt: string }): Promise<RecoverOutcome> {
    const end = ended.get(id);
    if (end) return end;
    if (turn?.taskId !== id) return { outcome: 'not_started' };
    if (turn.state !== 'sent') return { outcome: 'running' };
    const mine = turn;
    // A prompt that went whole is acknowledged at once; one that went in part makes Claude Code end.
    await Promise.race([
      stream.until(() => mine.state !== 'sent', INTERRUPT_GRACE_MS),
      session.exited.then(() => wait(0)),
    ]);
    const later = ended.get(id);
    if (later) return later;
    if (mine.state !== 'sent') return { outcome: 'running' };
    turn = null;
    return {
      outcome: 'unknown',
      reason: 'the prompt was on its way when the server stopped, and nothing shows that it arrived',
    };
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

function newTurn(taskId: string): Turn {
  return { taskId, state: 'sent', typed: false, result: null, commandEnded: null, interrupted: false, cutShort: false };
}

function controlRequest(subtype: string, rest: object): object {
  return { type: 'control_request', request_id: `pointsman-${subtype}-${Date.now()}`, request: { subtype, ...rest } };
}

function requestOf({ tool, input, description }: Extract<StreamEvent, { type: 'asked' }>): DecisionRequest {
  const questions = tool === 'AskUserQuestion' ? questionsIn(input) : [];
  if (questions.length > 0) return { kind: 'question', questions };
  return { kind: 'permission', tool, input, ...(description ? { description } : {}) };
}

/** The shape of Claude Code's own AskUserQuestion tool. */
function questionsIn(input: Record<string, unknown>): AskedQuestion[] {
  const raw = Array.isArray(input['questions']) ? (input['questions'] as unknown[]) : [];
  return raw.flatMap((item) => {
    const one = item as { question?: unknown; header?: unknown; multiSelect?: unknown; options?: unknown } | null;
    if (typeof one?.question !== 'string') return [];
    const options = Array.isArray(one.options) ? (one.options as { label?: unknown; description?: unknown }[]) : [];
    return [
      {
        question: one.question,
        ...(typeof one.header === 'string' ? { header: one.header } : {}),
        multiple: one.multiSelect === true,
        options: options
          .filter((option) => typeof option.label === 'string')
          .map((option) => ({
            label: String(option.label),
            ...(typeof option.description === 'string' ? { description: option.description } : {}),
          })),
      },
    ];
  });
}

function responseTo({ input }: Asked, decision: DecisionAnswer): object {
  if (decision.decision === 'deny') return { behavior: 'deny', message: decision.reason };
  if (decision.decision === 'answer')
    return { behavior: 'allow', updatedInput: { ...input, answers: decision.answers } };
  return { behavior: 'allow', updatedInput: input };
}

function exitError(): { code: string; message: string } {
  return { code: 'AGENT_EXITED', message: 'Claude Code ended in the middle of the turn.' };
}
