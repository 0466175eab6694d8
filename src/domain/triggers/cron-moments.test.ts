import { expect, test } from 'vitest';
import { cronProblem, decideMoment, MOST_CAUGHT_UP, nextMoment } from './cron-moments.ts';

function following(cron: string, timezone: string, after: string, count: number): string[] {
  const moments: string[] = [];
  for (let at: string | null = after; moments.length < count && at !== null;) {
    at = nextMoment({ cron, timezone }, at);
    if (at !== null) moments.push(at);
  }
  return moments;
}

test('a moment is that of the clock on the wall of its time zone, UTC when none is named', () => {
  expect(nextMoment({ cron: '0 6 * * 1-5' }, '2026-01-02T06:00:00.000Z')).toBe('2026-01-05T06:00:00.000Z');
  expect(following('0 6 * * *', 'America/New_York', '2026-03-06T12:00:00.000Z', 3)).toEqual([
    '2026-03-07T11:00:00.000Z',
    '2026-03-08T10:00:00.000Z',
    '2026-03-09T10:00:00.000Z',
  ]);
});

test('a time that is left out in spring comes as soon as there is time again, and only on that day', () => {
  expect(following('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00.000Z', 2)).toEqual([
    '2026-03-29T01:00:00.000Z',
    '2026-03-30T00:30:00.000Z',
  ]);
});

test('a time that comes twice in autumn counts once', () => {
  expect(following('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00.000Z', 2)).toEqual([
    '2026-10-25T00:30:00.000Z',
    '2026-10-26T01:30:00.000Z',
  ]);
});

test('an interval goes on through both hours of autumn', () => {
  expect(following('*/30 * * * *', 'Europe/Berlin', '2026-10-24T23:59:00.000Z', 4)).toEqual([
    '2026-10-25T00:00:00.000Z',
    '2026-10-25T00:30:00.000Z',
    '2026-10-25T01:00:00.000Z',
    '2026-10-25T01:30:00.000Z',
  ]);
});

test.each([
  ['daily', undefined, 'cron'],
  ['61 * * * *', undefined, 'cron'],
  ['0 0 30 2 *', undefined, 'cron'],
  ['* * * *', undefined, 'cron'],
  ['2026-01-01T00:00:00', undefined, 'cron'],
  ['0 0 0 1 1 * 2030', undefined, 'cron'],
  ['0 6 * * 1-5', 'Nowhere/Land', 'timezone'],
])('%s in %s is refused for its %s', (cron, timezone, field) => {
  expect(cronProblem({ cron, timezone })?.field).toBe(field);
});

test.each(['0 6 * * 1-5', '*/5 * * * * *', '@daily', '0 0 29 2 *', '0 9 * * MON#1'])('%s is accepted', (cron) => {
  expect(cronProblem({ cron, timezone: 'Asia/Tokyo' })).toBeNull();
});

const HOURLY = { cron: '0 * * * *' };
const SINCE = { nextAt: '2026-01-01T01:00:00.000Z', now: '2026-01-01T04:30:00.000Z' };

test('what was missed becomes one execution, for the newest moment', () => {
  expect(decideMoment(HOURLY, SINCE)).toEqual({ fire: '2026-01-01T04:00:00.000Z', nextAt: '2026-01-01T05:00:00.000Z' });
});

test('what was missed is let go with `skip`, but not what is a restart late', () => {
  const skip = { ...HOURLY, catchUp: 'skip' as const };
  expect(decideMoment(skip, SINCE)).toEqual({ fire: null, nextAt: '2026-01-01T05:00:00.000Z' });
  expect(decideMoment(skip, { ...SINCE, now: '2026-01-01T04:00:59.000Z' })).toEqual({
    fire: '2026-01-01T04:00:00.000Z',
    nextAt: '2026-01-01T05:00:00.000Z',
  });
});

test('`all` catches up each moment in order', () => {
  const all = { ...HOURLY, catchUp: 'all' as const };
  const fired: (string | null)[] = [];
  let { nextAt } = SINCE;
  while (nextAt <= SINCE.now) {
    const decided = decideMoment(all, { nextAt, now: SINCE.now });
    fired.push(decided.fire);
    nextAt = decided.nextAt ?? expect.fail('an hour always comes');
  }
  expect(fired).toEqual(['01', '02', '03', '04'].map((hour) => `2026-01-01T${hour}:00:00.000Z`));
  expect(nextAt).toBe('2026-01-01T05:00:00.000Z');
});

test('`all` catches up the newest hundred, however long nobody was there', () => {
  const all = { cron: '* * * * *', catchUp: 'all' as const };
  const now = '2026-01-02T00:00:00.000Z';
  const { fire } = decideMoment(all, { nextAt: '2025-01-01T00:00:00.000Z', now });
  expect((Date.parse(now) - Date.parse(fire ?? '')) / 60_000).toBe(MOST_CAUGHT_UP - 1);
});

test('the moment waited for counts also when the expression does not know it any more', () => {
  const moment = '2026-01-01T01:17:00.000Z';
  expect(decideMoment(HOURLY, { nextAt: moment, now: '2026-01-01T01:17:01.000Z' }).fire).toBe(moment);
});
