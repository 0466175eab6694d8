import { randomUUID } from 'node:crypto';
import { executionStoreConformance } from '../../../src/ports/store/execution-store.conformance.ts';
import { MemoryDatabase } from './memory-database.ts';
import { createMemoryStore } from './memory-store.ts';

const store = createMemoryStore(new MemoryDatabase());
executionStoreConformance(
  'the memory store',
  () => store,
  async () => randomUUID(),
);
