/**
 * A running `opencode serve`: requests and answers go to it over HTTP, everything it does comes as events. It outlives
 * us and keeps the conversation, so at every beginning of the stream it is asked what became of a prompt and what it
 * waits for.
 */
import { readFile } from 'node:fs/promises';
import type {
  AgentConnection,
  DeliverOutcome,
  LaunchContext,
  Observation,
  RecoverOutcome,
} from '../../ports/agent-driver.ts';
import type { AgentSession } from '../../ports/agent-host.ts';
import { followLines } from '../follow-lines.ts';
import { TOLD_WITHIN_MS } from '../told-within.ts';
import { openConversation, readTurn } from './conversation.ts';
import { createCurrentTurn } from './current-turn.ts';
import { createNotice } from './notice.ts';
import type { OpencodeEvent } from './opencode-event.ts';
import { opencodeFiles, readDelivered } from './opencode-files.ts';
import { opencodeServer } from './opencode-server.ts';
import type { Patience } from './patience.ts';
import { createPendingRequests, type PendingRequests } from './pending-requests.ts';
import { createPromptDelivery } from './prompt-delivery.ts';
import { apiOf, conversationOf, notYetKnown } from './running-opencode.ts';
import { createTeller } from './teller.ts';
import type { Turn } from './turn.ts';
import { endAfterExit } from './verdict.ts';

/** A cold start on a busy machine takes seconds. */
const READY_WITHIN_MS = 60_000;
const INTERRUPT_GRACE_MS = 5_000;
/** An abort may be lost on its way. */
const ABORT_AGAIN_MS = 1_000;
const AGAIN_AFTER_MS = 1_000;
const INTERRUPT_KEY = Uint8Array.of(3); // Ctrl-C: opencode ends and its conversation can be resumed
const ADDRESS = /listening on http:\/\/127\.0\.0\.1:(\d+)/;

export async function connectOpencode(options: {
  session: AgentSession;
  context: LaunchContext;
  patience: Patience;
  observe: (observation: Observation) => void;
}): Promise<AgentConnection> {
  const { session, context, patience } = options;
  const files = opencodeFiles(context.directory);
  const password = await readFile(files.password, 'utf8');
  const delivered = await readDelivered(files);
  const notice = createNotice();
  const stop = new AbortController();
  const running = notYetKnown();
  const isOver = (): boolean => running.exited || stop.signal.aborted;
  const tell = createTeller((observation) => {
    if (!stop.signal.aborted) options.observe(observation);
  });

  /** One after the other, each with its questions to opencode: events are facts in an order. False when it failed. */
  let order: Promise<unknown> = Promise.resolve();
  const inOrder = async (work: () => Promise<void> | void): Promise<boolean> => {
    const done = order.then(async () => {
      if (isOver()) return false;
      try {
        await work();
        return true;
      } catch (error) {
        breakDown(error);
        return false;
      } finally {
        notice.changed();
      }
    });
    order = done;
    return done;
  };

  const current = createCurrentTurn({ running, patience, tell, inOrder, pending: () => pending });
  const pending: PendingRequests = createPendingRequests({
    running,
    workspace: context.workspace,
    tell,
    turn: current.get,
    isOver,
    settled() {
      current.heard();
      notice.changed();
    },
  });
  const delivery = createPromptDelivery({
    running,
    context,
    files,
    patience,
    notice,
    current,
    isOver,
    lookAgain: async () => inOrder(current.find),
    conversationGone() {
      running.conversation = null;
      running.ready = false;
      void inOrder(reconcile);
    },
  });

  // A turn that was begun before us, or a prompt of which nobody knows whether it was sent.
  const leftOver = delivered ? current.open(delivered.taskId, delivered.messageId) : null;
  let again: NodeJS.Timeout | undefined;

  const output = followLines({
    file: files.output,
    offset: 0,
    onLine(line) {
      const port = ADDRESS.exec(line)?.[1];
      if (port === undefined || running.server) return;
      running.server = opencodeServer({ port: Number(port), password, directory: context.workspace });
      void running.server.follow((event) => void inOrder(() => take(event)), stop.signal);
    },
  });

  void session.exited.then((exit) => {
    running.exited = true;
    current.exited(exit);
    notice.changed();
    close();
  });

  const wasThere = running.server !== null;
  if (wasThere) await notice.until(() => running.ready || running.broken !== null || isOver(), TOLD_WITHIN_MS);
  return { deliver, interrupt, answer: pending.answer, recover, close };

  function close(): void {
    stop.abort();
    clearTimeout(again);
    current.close();
    output.close();
    notice.close();
  }

  function breakDown(error: unknown): void {
    if (isOver()) return;
    running.broken = error instanceof Error ? error.message : String(error);
    tell.say(
      'no_signal',
      `opencode cannot be used: ${running.broken} — it is asked again; start the agent again if it stays so`,
    );
    clearTimeout(again);
    again = setTimeout(() => void inOrder(reconcile), AGAIN_AFTER_MS).unref();
  }

  async function take(event: OpencodeEvent): Promise<void> {
    if (event.type === 'connected') return reconcile();
    if (!running.ready || event.type === 'other') return;
    current.heard();
    const ours = 'sessionId' in event && event.sessionId === running.conversation;
    switch (event.type) {
      case 'status':
        return ours ? current.takeStatus(event.status) : undefined;
      case 'message':
        return ours ? current.takeMessage(event.message) : undefined;
      case 'failed':
        return ours ? current.takeError(event.error) : undefined;
      case 'part':
        return current.takePart(event.part);
      case 'asked':
        return pending.ask(event.kind, event.request);
      case 'settled':
        return pending.settle(event.requestId, 'it was answered');
      case 'session':
      case 'words':
    }
  }

  /** Asks for everything that may have changed unseen, also before we came, and tells where it stands. */
  async function reconcile(): Promise<void> {
    running.conversation ??= (await openConversation(apiOf(running), context)).id;
    tell.forget();
    await current.find();
    await pending.find();
    running.broken = null;
    running.ready = true;
    const turn = current.get();
    if (pending.size > 0) tell.say('blocked', pending.reason());
    else if (turn?.state === 'sent') void settleLeftOver(turn);
    else if (turn) sayWorking('a turn is running');
    else if (running.status.type !== 'idle') sayWorking('it works for somebody else');
    else if (tell.said === null) tell.sayRest();
    current.watchTheModel();
  }

  /** Unless it was told already that it works and waits for its endpoint. */
  function sayWorking(reason: string): void {
    if (tell.said === null) tell.say('working', reason);
  }

  /** Of a prompt that was never sent nobody may ask again: the agent must not be busy with it for ever. */
  async function settleLeftOver(turn: Turn): Promise<void> {
    if (turn !== leftOver || (await delivery.judge(turn)) === 'arrived' || isOver()) return;
    current.drop(turn);
    if (tell.said === null) tell.sayRest();
  }

  async function deliver({ id, prompt }: { id: string; prompt: string }): Promise<DeliverOutcome> {
    const before = current.get();
    if (before?.state === 'sent' && running.ready) await settleLeftOver(before);
    if (running.exited) return refused('AGENT_EXITED', 'opencode has ended');
    if (pending.size > 0) return refused('AGENT_BLOCKED', pending.reason());
    if (current.get() || running.status.type !== 'idle') return refused('AGENT_BUSY', 'a turn is running');
    if (current.ended(id)) return { outcome: 'unknown', reason: 'this task was delivered before' };
    const mine = current.open(id);
    await notice.until(() => running.ready || isOver(), READY_WITHIN_MS);
    if (running.ready && !isOver()) {
      const outcome = await delivery.send(mine, prompt);
      if (outcome.outcome !== 'submitted' && tell.said === null) tell.sayRest();
      return outcome;
    }
    current.drop(mine);
    return refused('DELIVERY_FAILED', running.broken ?? 'opencode has not opened a conversation');
  }

  async function interrupt({ graceMs = INTERRUPT_GRACE_MS }: { graceMs?: number } = {}): Promise<void> {
    const mine = current.get();
    if (!mine) return;
    mine.interrupted = true;
    const isDone = (): boolean => isOver() || current.get() !== mine;
    // Measured with 1.18.33: aborted before the first message of a turn, it takes up no prompt any more until it ends.
    await notice.until(() => isDone() || mine.answering, patience.arrivesMs);
    const until = Date.now() + graceMs;
    while (!isDone() && mine.answering) {
      void current.abort().catch(() => undefined);
      const left = until - Date.now();
      await notice.until(isDone, Math.max(0, Math.min(ABORT_AGAIN_MS, left)));
      if (left <= ABORT_AGAIN_MS) break;
    }
    if (isDone()) return;
    mine.endedByUs = true;
    await session.keys(INTERRUPT_KEY);
  }

  async function recover({ id }: { id: string; prompt: string }): Promise<RecoverOutcome> {
    const unknown = { outcome: 'unknown', reason: 'opencode cannot be asked what became of the prompt' } as const;
    await notice.until(() => running.ready || isOver(), READY_WITHIN_MS);
    const known = current.ended(id);
    if (known) return known;
    if (!running.ready || isOver()) return unknown;
    const mine = current.get();
    if (mine?.taskId !== id) return readEnd(id).catch(() => unknown);
    if (mine.state !== 'sent') return { outcome: 'running' };
    const arrival = await delivery.judge(mine);
    if (arrival === 'arrived') return current.ended(id) ?? { outcome: 'running' };
    await settleLeftOver(mine);
    return arrival === 'absent' ? { outcome: 'not_started' } : unknown;
  }

  /** The conversation remembers also what was delivered to a program that has ended since. */
  async function readEnd(id: string): Promise<RecoverOutcome> {
    const { arrived, last } = await readTurn(apiOf(running), { sessionId: conversationOf(running), taskId: id });
    if (!arrived) return { outcome: 'not_started' };
    return { outcome: 'finished', taskOutcome: endAfterExit(last), at: new Date().toISOString() };
  }
}

function refused(code: string, reason: string): DeliverOutcome {
  return { outcome: 'refused', code, reason };
}
