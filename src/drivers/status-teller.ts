/** What a connection tells of its agent: facts as they come, and its status when that is news. */
import type { Observation, ObservedStatus } from '../ports/agent-driver.ts';

export type StatusTeller = ReturnType<typeof statusTeller>;

export function statusTeller(observe: (observation: Observation) => void) {
  let said: { status: ObservedStatus; reason: string } | null = null;
  let isLive = false;
  let closed = false;
  const tell = (observation: Observation): void => {
    if (!closed) observe(observation);
  };
  /** The reason is news, though it may be in that status already. */
  const sayAnew = (status: ObservedStatus, reason: string): void => {
    said = { status, reason };
    if (isLive) tell({ type: 'status', status, reason, source: 'protocol', at: new Date().toISOString() });
  };
  return {
    /** False while we read what the agent did before we came: in what statuses it was then is no news. */
    get isLive() {
      return isLive;
    },
    get said() {
      return said?.status ?? null;
    },
    tell,
    /** That it works is said once, whatever it works at. */
    say(status: ObservedStatus, reason: string): void {
      if (status !== 'working' || said?.status !== 'working') sayAnew(status, reason);
    },
    sayAnew,
    /** What was before us is read. Returns the status in which that left the agent; nobody was told of it. */
    goLive() {
      const last = said;
      said = null;
      isLive = true;
      return last;
    },
    close(): void {
      closed = true;
    },
  };
}
