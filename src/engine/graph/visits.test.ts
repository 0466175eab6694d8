import { expect, test } from 'vitest';
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import { initialState } from '../../domain/settle/settle.ts';
import { compilePlan } from '../../domain/workflow/compile-plan.ts';
import type { ExecutionRecord, Letter } from '../../ports/store/executions.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Held } from '../held-execution.ts';
import { Mailroom } from '../mailroom.ts';
import { VisitCheckpoints } from './visit-checkpoints.ts';
import { visitsOf } from './visits.ts';

const AT = '2026-01-01T00:00:00.000Z';

test('mail that is read while it is told to stop is left to whoever comes next', async () => {
  const looked = Promise.withResolvers<void>();
  const read = Promise.withResolvers<Letter[]>();
  const written: string[] = [];
  const context = {
    clock: { now: () => new Date(AT) },
    bus: { subscribe: () => () => undefined },
    store: {
      checkpoints: {},
      executions: {
        mail: () => {
          looked.resolve();
          return read.promise;
        },
        commit: async () => void written.push('commit'),
      },
    },
  } as unknown as EngineContext; // all that it asks here
  const mailroom = new Mailroom(context);
  const plan = compilePlan({ nodes: [{ id: 'n', type: 'condition' }] } as WorkflowDocument);
  const state = initialState({ plan, execution: { id: 'e', workflowId: null, version: 0, name: 'e' }, inputs: {} });
  const stored = async () => {
    written.push('lease');
    return { lease: { executionId: 'e', owner: 'a', epoch: 1 }, mail: [] };
  };
  const held: Held = { record: { id: 'e', startedAt: null } as ExecutionRecord, events: [], stored, begin: null };
  const stop = new AbortController();
  const visits = visitsOf(
    { ...context, mailroom },
    { held, plan, signal: stop.signal, checkpoints: new VisitCheckpoints(context.store.checkpoints, 'e') },
  );
  mailroom.begin('e');
  const visit = visits.next(state);
  await looked.promise;
  stop.abort();
  await visits.close();
  read.resolve([{ id: 1, event: { type: 'execution_started', at: AT }, at: AT }]);
  expect(await visit).toBeNull();
  await new Promise((done) => setImmediate(done));
  expect(written).toEqual([]);
});
