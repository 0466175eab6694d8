import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';

/** `npm run check` looks at fewer; `npm run sim` at any number. */
const SEEDS = Number(process.env['POINTSMAN_TEST_SEEDS'] ?? 300);

test(
  `${SEEDS} simulated executions keep every invariant, whatever fails around them`,
  { timeout: 1_800_000 },
  async () => {
    const failed: string[] = [];
    let events = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const outcome = await simulate(seed);
      events += outcome.events;
      if (outcome.breaches.length > 0)
        failed.push(`npm run sim -- --seed ${seed} --verbose\n    ${outcome.breaches.join('\n    ')}`);
    }
    console.log(`simulator: ${SEEDS} seeds, ${failed.length} failed, ${events} events`);
    expect(failed).toEqual([]);
  },
);

test('a seed always takes the same way, and two do not', { timeout: 120_000 }, async () => {
  const [first, again, other] = [await simulate(5), await simulate(5), await simulate(6)];
  expect(again).toEqual(first);
  expect(other.trace).not.toBe(first.trace);
});
