import { expect, it } from 'vitest';
import { dayWords, usageRange } from './usage-range.ts';

it('the usual spans end today, and seven days are left to the server', () => {
  expect(usageRange({}, '2026-03-01')).toEqual({ from: undefined, to: undefined, days: 7 });
  expect(usageRange({ days: '30' }, '2026-03-01')).toEqual({ from: '2026-01-31', to: '2026-03-01', days: 30 });
  expect(usageRange({ days: '30' }, undefined)).toBeNull();
  expect(usageRange({ days: '31' }, '2026-03-01')).toMatchObject({ days: 7 });
});

it('days of the person’s own come before a span, and what is no day is nothing', () => {
  expect(usageRange({ from: '2026-01-01', days: '30' }, '2026-03-01')).toEqual({
    from: '2026-01-01',
    to: undefined,
    days: null,
  });
  expect(usageRange({ from: 'yesterday' }, '2026-03-01')).toMatchObject({ days: 7 });
});

it('a day is that of UTC wherever the reader is', () => {
  expect(dayWords('2026-03-01', '2026-03-02')).toBe('Sun, Mar 1');
  expect(dayWords('2025-12-31', '2026-03-02')).toBe('Wed, Dec 31, 2025');
});
