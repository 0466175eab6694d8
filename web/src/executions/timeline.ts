/** Where each step lies on the common time of all, as shares of the whole; pure. */
import type { Step } from '../../../src/contract/executions.ts';

export interface Bar {
  start: number;
  end: number;
}

export function timeline(steps: readonly Step[], now: number): Map<string, Bar> {
  const spans = steps.flatMap((step) => {
    if (!step.startedAt) return [];
    const from = Date.parse(step.startedAt);
    return [{ id: step.id, from, to: Math.max(from, step.finishedAt ? Date.parse(step.finishedAt) : now) }];
  });
  const from = Math.min(...spans.map((span) => span.from));
  const to = Math.max(...spans.map((span) => span.to));
  const whole = Math.max(1, to - from);
  return new Map(spans.map((span) => [span.id, { start: (span.from - from) / whole, end: (span.to - from) / whole }]));
}
