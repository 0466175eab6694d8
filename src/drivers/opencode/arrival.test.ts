import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { waitForArrival } from './arrival.ts';
import { createNotice } from './notice.ts';

describe('the arrival of a prompt', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function waiting({ arrivesAt = Infinity, withinMs = () => 30_000 }: { arrivesAt?: number; withinMs?: () => number }) {
    const begun = Date.now();
    const notice = createNotice();
    const world = { readable: true, over: false, seen: false, notice };
    const arrival = waitForArrival({
      notice,
      isSeen: () => world.seen,
      isOver: () => world.over,
      look: async () => {
        if (!world.readable) throw new TypeError('fetch failed');
        return Date.now() - begun >= arrivesAt;
      },
      withinMs,
    }).then((outcome) => ({ outcome, afterMs: Date.now() - begun }));
    return { world, arrival };
  }

  it('is seen in a conversation where a cold start brings it seconds late', async () => {
    const { arrival } = waiting({ arrivesAt: 4_500 });
    await vi.runAllTimersAsync();
    expect(await arrival).toEqual({ outcome: 'arrived', afterMs: 5_000 });
  });

  it('is known at once when an event tells it', async () => {
    const { world, arrival } = waiting({});
    await vi.advanceTimersByTimeAsync(1_500);
    world.seen = true;
    world.notice.changed();
    expect(await arrival).toEqual({ outcome: 'arrived', afterMs: 1_500 });
  });

  it('is given up after the whole time, and not before', async () => {
    const { arrival } = waiting({});
    await vi.runAllTimersAsync();
    expect(await arrival).toEqual({ outcome: 'absent', afterMs: 30_000 });
  });

  it('is waited for less when something was heard that went wrong', async () => {
    let withinMs = 30_000;
    const { arrival } = waiting({ withinMs: () => withinMs });
    await vi.advanceTimersByTimeAsync(2_500);
    withinMs = 3_000;
    await vi.runAllTimersAsync();
    expect(await arrival).toEqual({ outcome: 'absent', afterMs: 3_000 });
  });

  it('is unknown where the conversation could not be read, or its program ended', async () => {
    const unreadable = waiting({});
    unreadable.world.readable = false;
    await vi.runAllTimersAsync();
    expect(await unreadable.arrival).toEqual({ outcome: 'unknown', afterMs: 30_000 });
    const ended = waiting({});
    await vi.advanceTimersByTimeAsync(500);
    ended.world.over = true;
    ended.world.notice.changed();
    expect(await ended.arrival).toEqual({ outcome: 'unknown', afterMs: 500 });
  });
});
