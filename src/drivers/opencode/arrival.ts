/** Waits for a prompt that may have been sent to be in its conversation, and says when it never will be. */
import type { Notice } from './notice.ts';

/** Events tell it sooner; this is for those that were missed. */
const LOOK_EVERY_MS = 1_000;

/** `unknown`: the conversation could not be read in the end. */
export type Arrival = 'arrived' | 'absent' | 'unknown';

export async function waitForArrival(options: {
  notice: Pick<Notice, 'until'>;
  isSeen: () => boolean;
  /** Nobody can be asked any more. */
  isOver: () => boolean;
  /** Whether the conversation has it. */
  look: () => Promise<boolean>;
  /** Asked again each time: it may become shorter when something is heard meanwhile. */
  withinMs: () => number;
}): Promise<Arrival> {
  const { notice, isSeen, isOver, look, withinMs } = options;
  const since = Date.now();
  const left = (): number => since + withinMs() - Date.now();
  for (;;) {
    await notice.until(() => isSeen() || isOver(), Math.max(0, Math.min(LOOK_EVERY_MS, left())));
    if (isSeen()) return 'arrived';
    if (isOver()) return 'unknown';
    const last = left() <= 0;
    const found = await look().catch(() => null);
    if (found) return 'arrived';
    if (last) return found === null ? 'unknown' : 'absent';
  }
}
