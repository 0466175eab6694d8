/** What opencode waits for a person to decide: told when it is asked, settled when it waits no more, answered once. */
import { setTimeout as wait } from 'node:timers/promises';
import type { AnswerOutcome, DecisionAnswer } from '../../ports/agent-driver.ts';
import { isObject, type Json, list, objectIn, text } from '../json-row.ts';
import { partOf } from './opencode-event.ts';
import { type OpencodeRequest, permissionRequest, questionRequest } from './opencode-request.ts';
import { refusal } from './opencode-server.ts';
import { apiOf, type RunningOpencode } from './running-opencode.ts';
import type { Teller } from './teller.ts';
import type { Turn } from './turn.ts';

/** An answer that did not reach it is given again as long as it waits. */
const ANSWER_WITHIN_MS = 30_000;
const AGAIN_AFTER_MS = 500;

export interface PendingRequests {
  readonly size: number;
  /** Of being blocked. */
  reason(): string;
  ask(kind: 'permission' | 'question', request: Json): Promise<void>;
  settle(requestId: string, reason: string): void;
  settleAll(reason: string): void;
  /** Takes over what it waits for now, whatever was told before. */
  find(): Promise<void>;
  answer(requestId: string, decision: DecisionAnswer): Promise<AnswerOutcome>;
}

export function createPendingRequests(options: {
  running: RunningOpencode;
  workspace: string;
  tell: Teller;
  turn: () => Turn | null;
  /** Nobody can be asked any more. */
  isOver: () => boolean;
  /** Something that waited goes on. */
  settled: () => void;
}): PendingRequests {
  const { running, workspace, tell, turn, isOver, settled } = options;
  const asked = new Map<string, OpencodeRequest>();

  return {
    get size() {
      return asked.size;
    },
    reason,
    ask,
    settle,
    settleAll(why) {
      for (const requestId of asked.keys()) settle(requestId, why);
    },
    find,
    answer,
  };

  function reason(): string {
    const [first] = asked.values();
    if (!first) return 'a decision is pending';
    return first.request.kind === 'question'
      ? 'it asks a question'
      : `it asks whether it may use ${first.request.tool}${asked.size > 1 ? `, and ${asked.size - 1} more` : ''}`;
  }

  async function ask(kind: 'permission' | 'question', request: Json): Promise<void> {
    // What somebody asks who uses this opencode without us is theirs to answer.
    const mine = turn();
    if (!mine || asked.has(text(request['id'])) || isOlder(request, mine)) return;
    const one =
      kind === 'question' ? questionRequest(request) : permissionRequest(request, workspace, await inputOf(request));
    asked.set(one.requestId, one);
    tell.observe({
      type: 'decision_requested',
      requestId: one.requestId,
      at: new Date().toISOString(),
      request: one.request,
    });
    tell.say('blocked', reason());
  }

  /** Of the call that asks; its part of the message may have come before us. */
  async function inputOf(request: Json): Promise<Json> {
    const tool = objectIn(request, 'tool');
    const callId = text(tool['callID']);
    const messageId = text(tool['messageID']);
    const known = turn()?.inputs.get(callId);
    if (known || messageId === '') return known ?? {};
    const path = `/session/${text(request['sessionID'])}/message/${messageId}`;
    const { body } = await apiOf(running).request('GET', path);
    const parts = list(isObject(body) ? body['parts'] : [])
      .filter(isObject)
      .map(partOf);
    return parts.find((part) => part.callId === callId)?.input ?? {};
  }

  function settle(requestId: string, why: string): void {
    if (!asked.delete(requestId)) return;
    tell.observe({ type: 'decision_settled', requestId, at: new Date().toISOString(), reason: why });
    if (asked.size === 0 && turn()) tell.say('working', 'a turn is running');
    settled();
  }

  async function find(): Promise<void> {
    const permissions = await waiting('/permission');
    const questions = await waiting('/question');
    const ids = new Set([...permissions, ...questions].map((one) => text(one['id'])));
    for (const requestId of asked.keys()) if (!ids.has(requestId)) settle(requestId, 'it was answered');
    for (const one of permissions) await ask('permission', one);
    for (const one of questions) await ask('question', one);
  }

  async function waiting(path: string): Promise<Json[]> {
    const answered = await apiOf(running).request('GET', path);
    if (answered.status >= 300) throw new Error(refusal(answered));
    return list(answered.body).filter(isObject);
  }

  async function answer(requestId: string, decision: DecisionAnswer): Promise<AnswerOutcome> {
    const until = Date.now() + ANSWER_WITHIN_MS;
    for (let one = asked.get(requestId); one && !isOver() && Date.now() < until; one = asked.get(requestId)) {
      const { path, body } = one.answer(decision);
      const taken = await reach(async () => apiOf(running).request('POST', path, body));
      if (taken) {
        settle(requestId, taken.status < 300 ? 'it was answered' : 'somebody else answered');
        return taken.status < 300 ? { outcome: 'answered' } : { outcome: 'gone', reason: refusal(taken) };
      }
      await wait(AGAIN_AFTER_MS, null, { ref: false });
      await reach(find);
    }
    return asked.has(requestId)
      ? { outcome: 'gone', reason: 'opencode cannot be reached' }
      : { outcome: 'gone', reason: 'opencode does not wait for this answer any more' };
  }
}

/** Of a turn before: what an aborted one asked stays in the list of what waits (1.18.33). Ids of messages are in their order. */
function isOlder(request: Json, { messageId }: Turn): boolean {
  const askedIn = text(objectIn(request, 'tool')['messageID']);
  return askedIn !== '' && askedIn < messageId;
}

/** Null when opencode could not be reached. */
async function reach<T>(work: () => Promise<T>): Promise<T | null> {
  return work().catch(() => null);
}
