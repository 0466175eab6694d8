/** The first commit of an execution holds what its first visit decided: what becomes of both when the store refuses it. */
import { expect, test } from 'vitest';
import { PointsmanError } from '../contract/errors.ts';
import type { WorkflowDocument } from '../contract/workflow-document.ts';
import type { EngineContext } from './engine-context.ts';
import { startExecutionWorker } from './execution-worker.ts';
import { Mailroom } from './mailroom.ts';
import { startExecution } from './start-execution.ts';

const document = {
  name: 'One step',
  nodes: [{ id: 'one', type: 'transform', config: { value: '1 + 1' } }],
} as WorkflowDocument;

const untilAborted = (_: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));

function engineWith(begin: () => Promise<never>) {
  const written: string[] = [];
  const logged: unknown[] = [];
  const write = (name: string) => async () => void written.push(name);
  let count = 0;
  const context = {
    owner: 'here',
    clock: { now: () => new Date('2026-01-02T03:04:05.000Z'), sleep: untilAborted },
    ids: { next: () => `00000000-0000-7000-8000-${String(count++).padStart(12, '0')}` },
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: (e: unknown) => logged.push(e),
      error: (e: unknown) => logged.push(e),
    },
    bus: { subscribe: () => () => undefined },
    queue: { work: async () => ({ stop: async () => undefined }), enqueue: write('enqueue') },
    store: {
      executions: {
        begin,
        commit: write('commit'),
        release: write('release'),
        stranded: async () => [],
        mail: async () => [],
      },
    },
  } as unknown as EngineContext;
  const mailroom = new Mailroom(context);
  return { context: { ...context, mailroom }, mailroom, written, logged };
}

test('a row that could not be stored is told to whoever starts it, and its visit leaves no trace', async () => {
  for (const refuse of [
    () => Promise.reject(new PointsmanError('DATABASE_UNAVAILABLE')),
    () => new Promise<never>((_, reject) => setTimeout(() => reject(new PointsmanError('DATABASE_UNAVAILABLE')), 60)),
  ]) {
    const { context, mailroom, written, logged } = engineWith(refuse);
    const worker = await startExecutionWorker(context, { sweepEffects: () => undefined });
    const begun: string[] = [];
    const placeFor = mailroom.placeFor.bind(mailroom);
    mailroom.placeFor = (id) => {
      begun.push(id);
      return placeFor(id);
    };
    const starting = startExecution(context, {
      workflowId: null,
      version: 0,
      document,
      inputs: {},
      by: { id: 'u', name: 'ada' } as never,
    });
    await expect(starting).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await worker.close();
    expect(written).toEqual([]);
    expect(logged).toEqual([]);
    expect(begun.map((id) => mailroom.advances(id))).toEqual([false]);
  }
});
