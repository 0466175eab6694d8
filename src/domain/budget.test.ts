import { describe, expect, test } from 'vitest';
import { endOfDay, higherLimits, raiseLimits, reachedLimits, runningTime, timeIsUpAt } from './budget.ts';

const spent = { usd: 2, tokens: 1000, durationMs: 60_000 };

describe('a budget is used up', () => {
  test.each([
    ['below every limit it is not', { usd: 2.01, tokens: 1001, duration: 'PT61S' }, []],
    ['with its last dollar', { usd: 2, tokens: 1001 }, ['usd']],
    ['by whatever runs out first', { usd: 1, tokens: 5000, duration: 'PT1M' }, ['usd', 'duration']],
    ['never, when it limits nothing', {}, []],
  ])('%s', (_when, limits, reached) => {
    expect(reachedLimits(limits, spent)).toEqual(reached);
  });
});

describe('a raise', () => {
  const limits = { usd: 1, tokens: 5000, duration: 'PT1H' };

  test('puts new limits in the place of old ones and keeps the rest', () => {
    expect(raiseLimits(limits, { usd: 2.5 }, spent)).toEqual({
      outcome: 'raised',
      limits: { usd: 2.5, tokens: 5000, duration: 'PT1H' },
    });
  });

  test.each([
    ['is not above what is spent', { usd: 2 }, '/form/usd'],
    ['leaves out what is used up', { tokens: 9000 }, '/form/usd'],
    ['lowers another limit below what is spent', { usd: 3, tokens: 10 }, '/form/tokens'],
    ['gives less time than has passed', { usd: 3, duration: 'PT30S' }, '/form/duration'],
  ])('is refused at its field when it %s', (_why, form, path) => {
    const refused = raiseLimits(limits, form, spent);
    expect(refused).toMatchObject({ outcome: 'refused', problems: [{ path, code: 'BUDGET_TOO_LOW' }] });
  });

  test('does not limit what the budget leaves free', () => {
    expect(raiseLimits({ usd: 1 }, { usd: 3, tokens: 9000 }, spent)).toMatchObject({
      outcome: 'refused',
      problems: [{ path: '/form/tokens', message: 'This budget does not limit tokens.' }],
    });
  });

  test('of a day counts where it is higher than what the budget says by now', () => {
    expect(higherLimits({ usd: 5, tokens: 100 }, { usd: 3, tokens: 900 })).toEqual({ usd: 5, tokens: 900 });
    expect(higherLimits({ usd: 5 }, { tokens: 900 })).toEqual({ usd: 5 });
  });
});

describe('the time of an execution', () => {
  const startedAt = '2026-01-01T00:00:00.000Z';
  const at = (seconds: number) => new Date(Date.parse(startedAt) + seconds * 1000).toISOString();

  test('runs from its start, whatever it waits for, and stands still while it is paused', () => {
    const times = { startedAt, finishedAt: null, pausedMs: 10_000, pausedAt: null };
    expect(runningTime(times, at(60))).toBe(50_000);
    expect(runningTime({ ...times, pausedAt: at(30) }, at(60))).toBe(20_000);
    expect(runningTime({ ...times, finishedAt: at(40) }, at(60))).toBe(30_000);
    expect(runningTime({ ...times, startedAt: null }, at(60))).toBe(0);
  });

  test('is up that much later for every pause, and not during one', () => {
    const limits = { duration: 'PT1M' };
    expect(timeIsUpAt(limits, { startedAt, pausedMs: 0, pausedAt: null })).toBe(at(60));
    expect(timeIsUpAt(limits, { startedAt, pausedMs: 5000, pausedAt: null })).toBe(at(65));
    expect(timeIsUpAt(limits, { startedAt, pausedMs: 0, pausedAt: at(3) })).toBeNull();
    expect(timeIsUpAt({ usd: 1 }, { startedAt, pausedMs: 0, pausedAt: null })).toBeNull();
  });

  test('of a day ends with the first moment of the next', () => {
    expect(endOfDay('2026-02-28')).toBe('2026-03-01T00:00:00.000Z');
  });
});
