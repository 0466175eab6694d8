import { expect, it } from 'vitest';
import type { Step } from '../../../src/contract/executions.ts';
import { timeline } from './timeline.ts';

const step = (id: string, startedAt?: string, finishedAt?: string) => ({ id, startedAt, finishedAt }) as Step;

it('lays steps on one time from the first start to the last end, a running one up to now', () => {
  const bars = timeline(
    [step('a', '2026-01-01T00:00:00Z', '2026-01-01T00:00:05Z'), step('b', '2026-01-01T00:00:05Z'), step('c')],
    Date.parse('2026-01-01T00:00:10Z'),
  );
  expect(Object.fromEntries(bars)).toEqual({ a: { start: 0, end: 0.5 }, b: { start: 0.5, end: 1 } });
});
it('survives a finish before its start and steps without any time', () => {
  expect(timeline([step('a')], 0).size).toBe(0);
  expect(timeline([step('a', '2026-01-01T00:00:05Z', '2026-01-01T00:00:00Z')], 0).get('a')).toEqual({
    start: 0,
    end: 0,
  });
});
