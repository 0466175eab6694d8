/** The inbox in memory. */
import type { InboxRecord, InboxStore } from '../../../src/ports/store/inbox.ts';
import { type Row, stored } from './memory-database.ts';
import type { Run } from './memory-store.ts';

export function inboxRoom(run: Run): InboxStore {
  const change = (what: string, id: string, from: string, changes: Row) =>
    run(what, (open) => {
      const row = open.get('inbox_items', id);
      if (row?.['state'] !== from) return null;
      open.put('inbox_items', id, stored({ ...row, ...changes }));
      return recordOf(open.get('inbox_items', id));
    });
  return {
    open: (item) =>
      run('inbox.open', (open) => {
        // One open item of an attempt; who comes second waits for whoever was first.
        if (item.executionId && item.effectKey)
          open.lock(`inbox_attempt ${item.executionId} ${item.effectKey} ${item.type}`);
        const exists = open
          .all('inbox_items')
          .some(
            (row) =>
              row['state'] === 'open' &&
              row['executionId'] === item.executionId &&
              row['effectKey'] === item.effectKey &&
              row['type'] === item.type &&
              item.executionId !== undefined &&
              item.effectKey !== null,
          );
        if (exists) return 'exists' as const;
        open.put('inbox_items', item.id, stored(item) as unknown as Row);
        return 'opened' as const;
      }),
    get: (id) => run('inbox.get', (open) => recordOf(open.get('inbox_items', id))),
    list: (filter, page) =>
      run('inbox.list', (open) =>
        open
          .all('inbox_items')
          .filter((row) => !filter.state || row['state'] === filter.state)
          .filter((row) => !filter.type || row['type'] === filter.type)
          .filter((row) => !filter.executionId || row['executionId'] === filter.executionId)
          .filter((row) => !page.after || row['id'] > page.after)
          .toSorted((a, b) => (a['id'] < b['id'] ? -1 : 1))
          .slice(0, page.limit)
          .map((row) => recordOf(row) as InboxRecord),
      ),
    close: (id, outcome) =>
      change('inbox.close', id, 'open', {
        state: outcome.state,
        resolution: outcome.resolution,
        form: outcome.form ?? null,
      }),
    overtaken: (id) =>
      change('inbox.overtaken', id, 'resolved', { state: 'withdrawn', resolution: undefined, form: null }),
    wasAllowed: async () => false,
    forgetRequest: async () => undefined,
    byRequest: async () => null,
    openOf: (filter) =>
      run('inbox.openOf', (open) =>
        open
          .all('inbox_items')
          .filter(
            (row) =>
              row['state'] === 'open' &&
              (!filter.executionId || row['executionId'] === filter.executionId) &&
              (!filter.effectKey || row['effectKey'] === filter.effectKey) &&
              (!filter.agentId || row['agentId'] === filter.agentId) &&
              (!filter.type || row['type'] === filter.type),
          )
          .map((row) => recordOf(row) as InboxRecord),
      ),
  };
}

function recordOf(row: Row | undefined): InboxRecord | null {
  return row ? (row as unknown as InboxRecord) : null;
}
