import { expect, test } from 'vitest';
import { ago, dollars, size, span } from './quantities.ts';
import { shortIds } from './short-ids.ts';

test('spans, times and sizes read as people say them', () => {
  expect([0, 999, 4200, 200_000, 7_500_000].map(span)).toEqual(['0 ms', '999 ms', '4.2 s', '3 min 20 s', '2 h 5 min']);
  const now = new Date('2026-11-22T12:00:00Z');
  expect(
    ['2026-11-22T11:59:48Z', '2026-11-22T10:00:00Z', '2026-11-22T12:05:00Z', '2026-11-20T12:00:00Z', null, 'x'].map(
      (time) => ago(time, now),
    ),
  ).toEqual(['12 s ago', '2 h ago', 'in 5 min', '2 d ago', '-', '-']);
  expect([0, 999, 1500, 12_345_678, 2_000_000_000].map(size)).toEqual(['0 B', '999 B', '1.5 kB', '12 MB', '2.0 GB']);
  expect([0, 0.000_123, 0.5, 12].map(dollars)).toEqual(['$0.00', '$0.00012', '$0.50', '$12.00']);
});

test('short ids are prefixes that name one thing among those listed', () => {
  const ids = [
    '0199a1b2-c3d4-7000-8000-000000000001',
    '0199a1b2-c3d4-7000-8000-000000000002',
    '0199a1b2-ffff-7000-8000-000000000001',
  ];
  const short = shortIds(ids);
  expect(ids.map(short)).toEqual([ids[0], ids[1], '0199a1b2-ffff']);
});
