/** What waits in the inbox of a Pointsman under test, and answers to exactly that. */
import type { InboxItem } from '../../src/contract/inbox.ts';
import { type Answer, type Pointsman, until } from './pointsman-process.ts';

/** The first open item that fits. */
export async function openItem(
  server: Pointsman,
  fits: (item: InboxItem) => boolean,
  withinMs?: number,
): Promise<InboxItem> {
  return until(
    'an item in the inbox',
    async () => (await server.request<InboxItem[]>('GET', '/api/inbox?state=open')).body.find(fits),
    withinMs,
  );
}

export async function resolveItem(server: Pointsman, item: InboxItem, answer: object): Promise<Answer> {
  return server.request('POST', `/api/inbox/${item.id}/resolve`, { hash: item.hash, ...answer });
}
