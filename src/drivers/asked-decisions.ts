/** What an agent waits for a person to decide: told when it asks, and when it waits no more. */
import type { DecisionRequest } from '../ports/agent-driver.ts';
import type { StatusTeller } from './status-teller.ts';

export interface AskedDecision {
  requestId: string;
  request: DecisionRequest;
}

/** `isRunning`: whether a turn goes on when nothing is asked any more. */
export function askedDecisions<One extends AskedDecision>(teller: StatusTeller, isRunning: () => boolean) {
  const asked = new Map<string, One>();
  const now = (): string => new Date().toISOString();
  const tell = ({ requestId, request }: One): void =>
    teller.tell({ type: 'decision_requested', requestId, at: now(), request });
  const tellSettled = (requestId: string, reason: string): void =>
    teller.tell({ type: 'decision_settled', requestId, at: now(), reason });
  /** For people: what the agent is blocked by. */
  const reason = (): string => {
    const [first] = asked.values();
    if (!first) return 'a decision is pending';
    return first.request.kind === 'question'
      ? 'it asks a question'
      : `it asks whether it may use ${first.request.tool}${asked.size > 1 ? `, and ${asked.size - 1} more` : ''}`;
  };
  return {
    get size() {
      return asked.size;
    },
    reason,
    get: (requestId: string) => asked.get(requestId),
    all: () => asked.values(),
    add(one: One): void {
      asked.set(one.requestId, one);
      if (!teller.isLive) return;
      tell(one);
      teller.say('blocked', reason());
    },
    settle(requestId: string, why: string): void {
      if (!asked.delete(requestId) || !teller.isLive) return;
      tellSettled(requestId, why);
      if (asked.size === 0 && isRunning()) teller.say('working', 'a turn is running');
    },
    /** Also what was asked before we came: whoever was told of it then was not told that it is over. */
    settleAll(why: string): void {
      for (const requestId of asked.keys()) tellSettled(requestId, why);
      asked.clear();
    },
    /** Again, after a connect. */
    tellAll(): void {
      for (const one of asked.values()) tell(one);
    },
  };
}
