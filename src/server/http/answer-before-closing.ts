/** At the end of a server what was asked of it is answered before the connections are cut; who only waits is told at once. */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { noLongerThan } from '../../ports/no-longer-than.ts';

/** Longer than any answer takes; a stop is not held up for longer. */
const ANSWERED_WITHIN_MS = 5_000;

/** `closing` is aborted first, for requests that wait for something to happen. Streams, whose answer has begun, are cut. */
export function answerBeforeClosing(app: FastifyInstance, closing: AbortController): void {
  const underWay = new Set<ServerResponse>();
  app.addHook('onRequest', async (_request, { raw }) => {
    underWay.add(raw);
    raw.once('close', () => underWay.delete(raw));
  });
  // New requests are refused by now.
  app.addHook('preClose', async () => {
    closing.abort();
    const answered = [...underWay]
      .filter((raw) => !raw.headersSent)
      .map((raw) => new Promise((resolve) => void raw.once('close', resolve)));
    await noLongerThan(ANSWERED_WITHIN_MS, Promise.all(answered));
  });
}
