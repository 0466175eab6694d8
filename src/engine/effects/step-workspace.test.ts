import { expect, test } from 'vitest';
import { PointsmanError } from '../../contract/errors.ts';
import type { Workspaces } from '../../ports/workspaces.ts';
import type { Store } from '../../ports/store/store.ts';
import { workspaceOf } from './step-workspace.ts';

const noDisk = { scratch: () => Promise.reject(new Error('the disk is full')) } as unknown as Workspaces;
const storeThat = (get: () => Promise<null>) => ({ executions: { get } }) as unknown as Store;

test('a workspace that cannot be made is an outcome; a database that is away is not, so that the step is tried again', async () => {
  const present = workspaceOf({ store: storeThat(async () => null), workspaces: noDisk });
  expect(await present('e')).toEqual({ outcome: 'failed', reason: 'the disk is full' });
  const away = () => Promise.reject(new PointsmanError('DATABASE_UNAVAILABLE'));
  const absent = workspaceOf({ store: storeThat(away), workspaces: noDisk });
  await expect(absent('e')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
});

test('what went on from an execution that is deleted still works in its scratch directory, where the kept steps left their files', async () => {
  const origin = { kind: 'retry', executionId: 'deleted' };
  const rows: Record<string, object> = { e: { document: {}, origin }, alone: { document: {}, origin: null } };
  const store = { executions: { get: async (id: string) => rows[id] ?? null } } as unknown as Store;
  const workspaces = { scratch: async (id: string) => `/scratch/${id}` } as unknown as Workspaces;
  const where = workspaceOf({ store, workspaces });
  expect(await where('e')).toEqual({ outcome: 'ready', path: '/scratch/deleted' });
  expect(await where('alone')).toEqual({ outcome: 'ready', path: '/scratch/alone' });
});
