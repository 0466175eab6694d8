import { expect, test } from 'vitest';
import { NO_USAGE, type Usage } from '../contract/tasks.ts';
import { usageGrowth } from './usage-growth.ts';

const total = (inputTokens: number, outputTokens: number, cost: number): Usage => ({ inputTokens, outputTokens, cost });

/** What is booked when these totals are told one after the other. */
function booked(...totals: Usage[]): Usage {
  let mark = NO_USAGE;
  let sum = NO_USAGE;
  for (const told of totals) {
    const next = usageGrowth(mark, told);
    mark = next.mark;
    const { inputTokens, outputTokens, cost } = next.grown;
    sum = total(sum.inputTokens + inputTokens, sum.outputTokens + outputTokens, sum.cost + cost);
  }
  return sum;
}

test('a total told again, as after a restart that resumes a conversation, adds nothing', () => {
  expect(booked(total(100, 10, 1), total(100, 10, 1), total(150, 15, 1.5))).toEqual(total(150, 15, 1.5));
});

test('a count that began anew is counted from its beginning', () => {
  expect(booked(total(100, 10, 1), total(20, 2, 0.25), total(30, 4, 0.5))).toEqual(total(130, 14, 1.5));
});

test('a cost that is not told for a moment is not booked again when it is', () => {
  expect(booked(total(100, 10, 0.5), total(120, 12, 0), total(140, 14, 0.75))).toEqual(total(140, 14, 0.75));
});

test('a cost that began anew while the tokens went on is counted from its beginning', () => {
  expect(booked(total(100, 10, 0.5), total(120, 12, 0.125), total(140, 14, 0.25))).toEqual(total(140, 14, 0.75));
});

test('a cost that is told after its tokens is booked once', () => {
  expect(booked(total(100, 10, 0), total(100, 10, 0.5), total(100, 10, 0.5))).toEqual(total(100, 10, 0.5));
});
