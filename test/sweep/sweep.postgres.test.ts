/** A few points of every graph; `npm run sweep` takes them all. */
import { describe, expect, test } from 'vitest';
import { testPostgres } from '../support/postgres.ts';
import { GRAPHS } from './graphs.ts';
import { sweepGraph } from './sweep.ts';

/**
 * Each graph begins with another point, so that together they see most of the moments there are. What comes together is
 * written together, so the same graph writes now and then once or twice less; the shortest writes about twelve times, and
 * has two points well before that.
 */
const EVERY = 5;
const SECOND_EVERY = 4;

describe.concurrent('a server that dies right after a write', { timeout: 300_000 }, () => {
  for (const [index, graph] of GRAPHS.entries()) {
    const first = 1 + (index % EVERY);

    test(`of the graph “${graph.name}”: the next one brings it to its end`, async () => {
      const points = { first, step: EVERY, second: 0 };
      const swept = await sweepGraph(graph, { server: await testPostgres(), points });
      console.log(
        `${graph.name}: ${swept.points} points from ${first} on, every ${EVERY}th, failed ${swept.failures.length}`,
      );
      expect(swept.failures).toEqual([]);
      expect(swept.points).toBeGreaterThan(1);
    });

    test(`of the graph “${graph.name}”, and again while it recovers: the third one brings it to its end`, async () => {
      const point = 2 + first;
      const points = { first: point, step: EVERY, most: 1, second: SECOND_EVERY };
      const swept = await sweepGraph(graph, { server: await testPostgres(), points });
      console.log(
        `${graph.name}: ${swept.seconds} second kills after point ${point}, every ${SECOND_EVERY}th, failed ${swept.failures.length}`,
      );
      expect(swept.failures).toEqual([]);
      expect(swept.seconds).toBeGreaterThan(0);
    });
  }
});
