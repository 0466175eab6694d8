import { describe, expect, it } from 'vitest';
import { ageWords, byteWords, countWords, durationWords, moneyWords, percentWords } from './time-words.ts';

describe('time words', () => {
  it('gives an age in its largest unit', () => {
    expect([0, 59_000, 60_000, 3_600_000, 5_400_000, 90_000_000].map(ageWords)).toEqual([
      '0s',
      '59s',
      '1m',
      '1h',
      '1h 30m',
      '1d',
    ]);
  });
  it('never shows a negative age when clocks differ', () => {
    expect(ageWords(-5_000)).toBe('0s');
  });
  it('gives durations with the precision that matters at their size', () => {
    expect([5, 1_500, 42_000, 125_000, 7_260_000].map(durationWords)).toEqual([
      '5 ms',
      '1.5 s',
      '42 s',
      '2 m 5 s',
      '2 h 1 m',
    ]);
  });
  it('gives bytes and percent in few digits', () => {
    expect([12, 2048, 15_728_640, 3_221_225_472].map(byteWords)).toEqual(['12 B', '2.0 kB', '15 MB', '3.0 GB']);
    expect([0, 3.21, 87.6].map(percentWords)).toEqual(['0 %', '3.2 %', '88 %']);
  });
  it('gives amounts in few digits, and the smallest cost not as nothing', () => {
    expect([0, 0.00001, 0.0042, 0.5, 1234.567].map(moneyWords)).toEqual([
      '$0.00',
      '< $0.0001',
      '$0.0042',
      '$0.50',
      '$1,234.57',
    ]);
    expect([0, 999, 9_999, 12_345, 999_400, 999_500, 2_500_000].map(countWords)).toEqual([
      '0',
      '999',
      '9,999',
      '12.3 k',
      '999 k',
      '1.0 M',
      '2.5 M',
    ]);
  });
});
