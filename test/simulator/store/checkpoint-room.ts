/** Checkpoints in memory, as differences like the stored ones. */
import type { Change, Checkpoints, NewCheckpoint, StoredCheckpoint } from '../../../src/ports/checkpoints.ts';
import { type Row, stored, type Transaction } from './memory-database.ts';
import type { Run } from './memory-store.ts';

export function checkpointRoom(run: Run): Checkpoints {
  return {
    put: (checkpoint) => run('checkpoints.put', (open, createdAt) => putCheckpoint(open, checkpoint, createdAt)),
    putWrites: () => Promise.reject(new Error('the engine stores no pending writes')),
    get: (threadId, namespace, checkpointId) =>
      run('checkpoints.get', (open) => {
        const [row] = rowsOf(open, threadId)
          .filter((each) => each['namespace'] === namespace)
          .filter((each) => !checkpointId || each['checkpointId'] === checkpointId);
        return row ? fold(open, row) : null;
      }),
    list: (threadId, options) =>
      run('checkpoints.list', (open) =>
        rowsOf(open, threadId)
          .filter((row) => options.namespace === undefined || row['namespace'] === options.namespace)
          .filter((row) => !options.before || row['checkpointId'] < options.before)
          .slice(0, options.limit ?? 1000)
          .map((row) => fold(open, row)),
      ),
    deleteThread: (threadId) =>
      run('checkpoints.deleteThread', (open) => {
        for (const row of rowsOf(open, threadId))
          open.delete('checkpoints', `${threadId} ${row['namespace']} ${row['checkpointId']}`);
      }),
  };
}

export function putCheckpoint(open: Transaction, checkpoint: NewCheckpoint, createdAt: string): void {
  const { threadId, namespace, checkpointId } = checkpoint;
  const key = `${threadId} ${namespace} ${checkpointId}`;
  const before = open.get('checkpoints', key);
  const seq = before?.['seq'] ?? open.database.draw();
  open.put('checkpoints', key, { ...stored(checkpoint), seq, createdAt: before?.['createdAt'] ?? createdAt });
}

/** The newest first. */
function rowsOf(open: Transaction, threadId: string): Row[] {
  return open
    .all('checkpoints')
    .filter((row) => row['threadId'] === threadId)
    .toSorted((a, b) => b['seq'] - a['seq']);
}

function fold(open: Transaction, row: Row): StoredCheckpoint {
  const line: Row[] = [row];
  for (let last = row; !last['complete'] && last['parentId'];) {
    const parent = open.get('checkpoints', `${row['threadId']} ${row['namespace']} ${last['parentId']}`);
    if (!parent) break;
    line.unshift(parent);
    last = parent;
  }
  const values = line.reduce<unknown>((value, { changes }) => applyChange(value, changes as Change), {});
  return {
    threadId: row['threadId'],
    namespace: row['namespace'],
    checkpointId: row['checkpointId'],
    parentId: row['parentId'],
    // LangGraph writes into what it is given.
    checkpoint: structuredClone(row['checkpoint']),
    values: values as Record<string, unknown>,
    metadata: structuredClone(row['metadata']),
    folded: line.length - 1,
    writes: [],
  };
}

export function applyChange(value: unknown, change: Change): unknown {
  if ('value' in change) return change.value;
  const next: Record<string, unknown> = { ...(value as Record<string, unknown>) };
  for (const key of change.removed ?? []) delete next[key];
  for (const [key, inner] of Object.entries(change.map)) next[key] = applyChange(next[key], inner);
  return next;
}
