import { specTest } from '@langchain/langgraph-checkpoint-validation';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPostgresStore } from '../../adapters/postgres/postgres-store.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../../adapters/postgres/testing/migrated-database.ts';
import { StoreCheckpointSaver } from './checkpoint-saver.ts';

/** What of LangGraph's published suite does not hold for this saver, and why. */
const DEVIATIONS: Readonly<Record<string, string>> = {
  'should return undefined if the thread_id is undefined': 'a place without a thread is a mistake of ours and throws',
  'should migrate pending sends': 'there are no checkpoints of LangGraph before version 4 to migrate',
  'should only store channel_values that have changed (based on newVersions)':
    'like the savers for memory, SQLite and MongoDB it stores the values it is given; differences are found by comparing',
};

interface ListCase {
  description: string;
  thread_id?: string;
  limit?: number;
  filter?: object;
}

function listDeviation({ thread_id: threadId, limit, filter }: ListCase): string | undefined {
  if (threadId === undefined) return 'only the checkpoints of one thread are listed';
  if (limit !== undefined && Object.keys(filter ?? {}).length > 0) return 'the limit counts before the filter';
  return undefined;
}

type Body<Args extends unknown[]> = (...args: Args) => unknown;

/** A sentence of the suite, or the reason why it is left out. */
function declare(title: string, deviation: string | undefined, body: Body<[]>): void {
  const how = deviation ? it.skip : it;
  how(deviation ? `[because ${deviation}] ${title}` : title, body);
}

const published = Object.assign((title: string, body: Body<[]>) => declare(title, DEVIATIONS[title], body), {
  skip: it.skip,
  each: (cases: ListCase[]) => (_title: string, body: Body<[ListCase]>) => {
    for (const each of cases) declare(each.description, listDeviation(each), () => body(each));
  },
});

// The published suite takes its runner from the global scope.
Object.assign(globalThis, { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it: published });

let database: MigratedDatabase;

specTest({
  checkpointerName: 'the checkpoint saver on PostgreSQL',
  async beforeAll() {
    database = await createMigratedDatabase();
  },
  beforeAllTimeout: 60_000,
  afterAll: () => database.drop(),
  createCheckpointer: () => new StoreCheckpointSaver(createPostgresStore(database).checkpoints),
  async destroyCheckpointer() {
    await database.pool.query('TRUNCATE checkpoints, checkpoint_writes');
  },
});
