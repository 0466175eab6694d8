/**
 * The prompts that an agent is given, one at a time: what is told of each on its way and at its end, and what is known
 * of those before. Knows nothing of how a prompt travels.
 */
import type {
  DeliverOutcome,
  Observation,
  RecoverOutcome,
  TaskOutcome,
  TaskResultText,
  UsageTotal,
} from '../ports/agent-driver.ts';
import { type AskedDecision, askedDecisions } from './asked-decisions.ts';
import { endsWithQuestion } from './ends-with-question.ts';
import type { ModelFailure } from './model-failure.ts';
import type { StatusTeller } from './status-teller.ts';

export interface Turn {
  taskId: string;
  /** `sent` until something proves that the agent has the prompt, `accepted` until it has begun it. */
  state: 'sent' | 'accepted' | 'started';
  /** That it was written has been told. */
  typed: boolean;
  interrupted: boolean;
}

export function newTurn(taskId: string): Turn {
  return { taskId, state: 'sent', typed: false, interrupted: false };
}

export type TurnLedger<T extends Turn> = ReturnType<typeof turnLedger<T, AskedDecision>>;

export function turnLedger<T extends Turn, One extends AskedDecision>(options: {
  /** For people: “Codex”. */
  name: string;
  teller: StatusTeller;
  /** What was sent last, as it was written down before. */
  delivered: () => Promise<{ taskId: string } | null>;
  /** What the conversation has used by now. */
  used: () => { conversation: string; total: UsageTotal } | null;
}) {
  const { name, teller } = options;
  const ended = new Map<string, Extract<RecoverOutcome, { outcome: 'finished' }>>();
  /** Proven: not one of these prompts was read. */
  const neverArrived = new Set<string>();
  let running: T | null = null;
  let exited = false;
  /** What the running turn asks. */
  const decisions = askedDecisions<One>(teller, () => running !== null);

  const now = (): string => new Date().toISOString();
  const tellReceipt = (taskId: string, receipt: Extract<Observation, { type: 'receipt' }>['receipt']): void =>
    teller.tell({ type: 'receipt', taskId, receipt, at: now() });

  /** The agent may answer a prompt before we know that it was written. */
  const tellTyped = (turn: T): void => {
    if (turn.typed) return;
    turn.typed = true;
    tellReceipt(turn.taskId, 'typedAt');
  };

  /** The agent has shown that it has the prompt. */
  const isSeen = (turn: T): boolean => ended.has(turn.taskId) || turn.state !== 'sent';

  const drop = (turn: T): void => {
    if (running === turn) running = null;
  };

  const end = (outcome: TaskOutcome): void => {
    if (!running) return;
    const { taskId } = running;
    const at = now();
    running = null;
    const usage = options.used();
    ended.set(taskId, { outcome: 'finished', taskOutcome: outcome, at, ...(usage ? { usage } : {}) });
    decisions.settleAll('the turn is over');
    teller.tell({ type: 'receipt', taskId, receipt: 'finishedAt', at });
    teller.tell({ type: 'task_finished', taskId, at, outcome });
  };

  return {
    get running() {
      return running;
    },
    decisions,

    /** Why this prompt may not be sent now, or not again. */
    async refusal(taskId: string, isBusy = false): Promise<DeliverOutcome | null> {
      if (exited) return refused('AGENT_EXITED', `${name} has ended`);
      if (decisions.size > 0) return refused('AGENT_BLOCKED', decisions.reason());
      if (running || isBusy) return refused('AGENT_BUSY', 'a turn is running');
      const known = ended.has(taskId) || (await options.delivered())?.taskId === taskId;
      if (!known || neverArrived.has(taskId)) return null;
      return { outcome: 'unknown', reason: 'this task was delivered before' };
    },

    /** Before the first byte of its prompt leaves; also for one that left before a restart. */
    open(turn: T): T {
      neverArrived.delete(turn.taskId);
      running = turn;
      return turn;
    },

    /** Nothing of it has reached the agent: it may be given again. */
    refuse(turn: T, reason: string): DeliverOutcome {
      drop(turn);
      neverArrived.add(turn.taskId);
      return refused('DELIVERY_FAILED', reason);
    },

    /** It may have. */
    lose(turn: T, reason: string): DeliverOutcome {
      drop(turn);
      return { outcome: 'unknown', reason };
    },

    tellTyped,
    isSeen,

    accept(turn: T): void {
      if (turn.state !== 'sent') return;
      turn.state = 'accepted';
      tellTyped(turn);
      tellReceipt(turn.taskId, 'submittedAt');
    },

    /** True when that was news. */
    begin(turn: T): boolean {
      if (turn.state !== 'accepted') return false;
      turn.state = 'started';
      tellReceipt(turn.taskId, 'turnStartedAt');
      teller.say('working', 'a turn is running');
      return true;
    },

    succeed(result: TaskResultText): void {
      end({ status: 'succeeded', result });
      if (endsWithQuestion(result.text)) teller.say('waiting_input', 'its turn ended with a question');
      else teller.say('idle', 'its turn ended');
    },

    cancel(text: string): void {
      end({ status: 'cancelled', ...resultOf(text) });
      teller.say('idle', 'its turn was interrupted');
    },

    fail({ error, status, reason }: ModelFailure, text = ''): void {
      end({ status: 'failed', ...resultOf(text), error });
      teller.say(status, reason);
    },

    /** The program has ended: nobody will tell more of what it was on. */
    exit(): void {
      exited = true;
      const error = { code: 'AGENT_EXITED', message: `${name} ended in the middle of the turn.` };
      if (running && running.state !== 'sent')
        end(running.interrupted ? { status: 'cancelled' } : { status: 'failed', error });
      running = null;
    },

    /** What was before us is read: tells where that has led, and from now on every status. */
    goLive(isReady: boolean): void {
      const last = teller.goLive();
      decisions.tellAll();
      if (decisions.size > 0) teller.say('blocked', decisions.reason());
      else if (last) teller.say(last.status, last.reason);
      else if (running && running.state !== 'sent') teller.say('working', 'a turn is running');
      else if (isReady) teller.say('idle', 'it waits for a prompt');
    },

    /** `lookFor` waits for a sign of a prompt that was on its way; true: the proof that it will never be read. */
    async recover(taskId: string, lookFor: (turn: T) => Promise<boolean>): Promise<RecoverOutcome> {
      const known = ended.get(taskId);
      if (known) return known;
      const mine = running;
      if (mine?.taskId !== taskId) return { outcome: 'not_started' };
      const isRefuted = mine.state === 'sent' && (await lookFor(mine));
      if (isSeen(mine)) return ended.get(taskId) ?? { outcome: 'running' };
      drop(mine);
      if (isRefuted) {
        neverArrived.add(taskId);
        teller.say('idle', 'it waits for a prompt');
        return { outcome: 'not_started' };
      }
      const reason = 'the prompt was on its way when the server stopped, and nothing shows whether it arrived';
      return { outcome: 'unknown', reason };
    },
  };
}

function refused(code: string, reason: string): DeliverOutcome {
  return { outcome: 'refused', code, reason };
}

function resultOf(text: string): { result?: TaskResultText } {
  return text === '' ? {} : { result: { text } };
}
