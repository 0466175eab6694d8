import { expect, test } from 'vitest';
import { MemoryDatabase } from '../../../test/simulator/store/memory-database.ts';
import { createMemoryStore } from '../../../test/simulator/store/memory-store.ts';
import { NO_USAGE } from '../../contract/tasks.ts';
import { initialState } from '../../domain/settle/settle.ts';
import { compilePlan } from '../../domain/workflow/compile-plan.ts';
import type { ExecutionRecord } from '../../ports/store/executions.ts';
import type { EngineContext } from '../engine-context.ts';
import { claimed } from '../held-execution.ts';
import type { Mailroom } from '../mailroom.ts';
import { commitSuperstep } from './commit-superstep.ts';

const AT = '2026-01-01T00:00:00.000Z';

test('of the moves of one timer in a visit the last one counts', async () => {
  const database = new MemoryDatabase();
  const store = createMemoryStore(database);
  const record: ExecutionRecord = {
    id: 'e', workflowId: null, version: 0, name: 'e', document: {}, status: 'queued', inputs: {}, origin: null, parent: null, depth: 0, trigger: null, chain: 0, inLine: false,
    outputs: null, error: null, usage: NO_USAGE, budget: null, pausedAt: null, pausedMs: 0, createdBy: 'test',
    createdAt: AT, startedAt: null, finishedAt: null,
  }; // prettier-ignore
  await store.executions.insert(record);
  const lease = (await store.executions.claim('e', 'a', 60_000)) ?? expect.fail('it is free');
  const plan = compilePlan({ nodes: [{ id: 'n', type: 'condition' }] });
  const state = initialState({ plan, execution: { id: 'e', workflowId: null, version: 0, name: 'e' }, inputs: {} });
  const mailroom = { hasRunner: true, intend: () => undefined, committed: () => undefined } as unknown as Mailroom;
  const context = { store, clock: { now: () => new Date(AT) } } as unknown as EngineContext; // all that it asks here
  await commitSuperstep(
    { ...context, mailroom },
    {
      record,
      held: claimed(record, lease),
      checkpoints: [],
      decided: {
        state,
        steps: [],
        takenMail: [],
        endedEffects: [],
        waitedBefore: false,
        effects: [
          { type: 'set_timer', timerId: 'wait:n:1:-:1', at: AT },
          { type: 'clear_timer', timerId: 'wait:n:1:-:1' },
          { type: 'clear_timer', timerId: 'retry:m:1:-:1' },
          { type: 'set_timer', timerId: 'retry:m:1:-:1', at: AT },
        ],
      },
    },
  );
  expect(database.rows('timers').map(({ timerId }) => timerId as string)).toEqual(['retry:m:1:-:1']);
});
