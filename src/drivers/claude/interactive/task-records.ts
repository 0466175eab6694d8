/** What became of each task that was brought to this agent, in one file per task that is written before the fact is told. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskOutcome } from '../../../ports/agent-driver.ts';
import { writeWhole } from './terminal-files.ts';

const TASKS_KEPT = 20; // results are stored elsewhere by then; the last ones help a person who looks

export interface TaskRecord {
  id: string;
  prompt: string;
  /** Which process it was brought to. */
  process: string;
  deliveredAt: string;
  /** Enter may have been pressed. */
  entered?: boolean;
  begun?: { at: string; promptId: string };
  /** Somebody asked for its end: it ends as cancelled, also when no server sees it. */
  interrupted?: boolean;
  ended?: { at: string; outcome: TaskOutcome };
}

export interface TaskRecords {
  get(id: string): TaskRecord | undefined;
  /** Every record, the oldest first. */
  all(): TaskRecord[];
  put(record: TaskRecord): void;
  remove(id: string): void;
}

export function openTaskRecords(directory: string): TaskRecords {
  const records = new Map<string, TaskRecord>();
  const fileOf = (id: string): string =>
    join(directory, `${createHash('sha256').update(id).digest('hex').slice(0, 32)}.json`);
  for (const name of readdirSync(directory).filter((one) => one.endsWith('.json'))) {
    // Our own files, written whole or not at all.
    const record = JSON.parse(readFileSync(join(directory, name), 'utf8')) as TaskRecord;
    records.set(record.id, record);
  }
  const all = (): TaskRecord[] =>
    [...records.values()].toSorted((a, b) => Date.parse(a.deliveredAt) - Date.parse(b.deliveredAt));
  const remove = (id: string): void => {
    rmSync(fileOf(id), { force: true });
    records.delete(id);
  };
  return {
    get: (id) => records.get(id),
    all,
    put(record) {
      writeWhole(fileOf(record.id), JSON.stringify(record));
      records.set(record.id, record);
      for (const old of all().slice(0, -TASKS_KEPT)) remove(old.id);
    },
    remove,
  };
}
