import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silenceWatch } from './silence-watch.ts';
import { newTurn, type Turn } from './turn-ledger.ts';

describe('a turn whose model says nothing', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is given up that long after the last word', () => {
    const { silence, givenUp } = watched();
    vi.advanceTimersByTime(600);
    silence.heard();
    vi.advanceTimersByTime(999);
    expect(givenUp).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(givenUp).toEqual(['a']);
  });

  it('is not given up while a tool runs, a person is asked, or the prompt is on its way', () => {
    const { now, turn, givenUp } = watched();
    now.isBusy = true;
    vi.advanceTimersByTime(5_000);
    Object.assign(now, { isBusy: false, asked: 1 });
    vi.advanceTimersByTime(5_000);
    now.asked = 0;
    turn.state = 'sent';
    vi.advanceTimersByTime(5_000);
    expect(givenUp).toEqual([]);
    turn.state = 'started';
    vi.advanceTimersByTime(1_000);
    expect(givenUp).toEqual(['a']);
  });

  it('is nobody’s business any more when it is over, or we have stopped', () => {
    const over = watched();
    over.now.running = null;
    const stopped = watched();
    stopped.silence.stop();
    stopped.silence.watch();
    vi.advanceTimersByTime(5_000);
    expect([...over.givenUp, ...stopped.givenUp]).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

function watched() {
  const turn: Turn = { ...newTurn('a'), state: 'started' };
  const now: { running: Turn | null; asked: number; isBusy: boolean } = { running: turn, asked: 0, isBusy: false };
  const givenUp: string[] = [];
  const silence = silenceWatch<Turn>({
    afterMs: 1_000,
    turns: {
      get running() {
        return now.running;
      },
      decisions: {
        get size() {
          return now.asked;
        },
      },
    },
    isBusy: () => now.isBusy,
    giveUp: ({ taskId }) => givenUp.push(taskId),
  });
  silence.watch();
  return { silence, turn, now, givenUp };
}
