/** Tells what is observed of an agent: each status once, and after a broken stream once more. */
import type { Observation, ObservedStatus } from '../../ports/agent-driver.ts';

export interface Teller {
  /** Told last; null when it must be told again. */
  readonly said: ObservedStatus | null;
  observe(observation: Observation): void;
  say(status: ObservedStatus, reason: string): void;
  /** A status that stays until the next turn. */
  rest(status: ObservedStatus, reason: string): void;
  sayRest(): void;
  forget(): void;
  receipt(taskId: string, receipt: Extract<Observation, { type: 'receipt' }>['receipt'], at?: string): void;
}

export function createTeller(observe: (observation: Observation) => void): Teller {
  let said: ObservedStatus | null = null;
  let resting: { status: ObservedStatus; reason: string } = { status: 'idle', reason: 'it waits for a prompt' };

  const teller: Teller = {
    get said() {
      return said;
    },
    observe,
    say(status, reason) {
      if (status === 'working' && said === 'working') return;
      said = status;
      observe({ type: 'status', status, reason, source: 'protocol', at: new Date().toISOString() });
    },
    rest(status, reason) {
      resting = { status, reason };
      teller.sayRest();
    },
    sayRest: () => teller.say(resting.status, resting.reason),
    forget() {
      said = null;
    },
    receipt: (taskId, receipt, at = new Date().toISOString()) => observe({ type: 'receipt', taskId, receipt, at }),
  };
  return teller;
}
