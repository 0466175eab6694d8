import { expect, it } from 'vitest';
import type { Execution, ExecutionStatus } from '../../../src/contract/executions.ts';
import { apiQuery, mergeLive, readFilter } from './executions-filter.ts';

const KNOWN: ExecutionStatus[] = ['running', 'succeeded', 'failed'];
const NOW = Date.parse('2026-01-02T12:00:00.000Z');
const execution = (id: string, at: string, more: Partial<Execution> = {}): Execution => ({
  id,
  workflowId: 'w1',
  version: 1,
  name: 'Release check',
  status: 'running',
  inputs: {},
  usage: { inputTokens: 0, outputTokens: 0, cost: 0 },
  createdBy: 'ada',
  createdAt: at,
  startedAt: at,
  steps: [],
  ...more,
});
const ids = (list: Execution[]) => list.map(({ id }) => id);

it('is read from the address, and what is none of ours is left out', () => {
  const filter = readFilter({ status: 'failed,sleeping,running', since: '3y', search: '  ' }, KNOWN);
  expect(filter).toEqual({ statuses: ['running', 'failed'], workflow: undefined, search: undefined, since: undefined });
  expect(apiQuery(filter, NOW)).toEqual({ status: 'running,failed' });
  expect(apiQuery(readFilter({ since: '24h', search: 'rel' }, KNOWN), NOW)).toEqual({
    search: 'rel',
    startedAfter: '2026-01-01T12:00:00.000Z',
  });
});
it('holds for what comes live: new ones that fit are added, those that no longer fit go', () => {
  const read = [execution('b', '2026-01-02T11:00:00.000Z'), execution('a', '2026-01-02T10:00:00.000Z')];
  const live = [
    execution('c', '2026-01-02T11:30:00.000Z'),
    execution('b', '2026-01-02T11:00:00.000Z', { status: 'succeeded' }),
    execution('d', '2026-01-02T11:40:00.000Z', { name: 'Other' }),
    execution('e', '2026-01-02T11:50:00.000Z', { startedAt: null }),
  ];
  const filter = readFilter({ status: 'running', search: 'RELEASE', since: '24h' }, KNOWN);
  expect(ids(mergeLive(read, live, filter, { now: NOW, more: false }))).toEqual(['c', 'a']);
  expect(ids(mergeLive(read, live, readFilter({}, KNOWN), { now: NOW, more: false }))).toEqual([
    'e',
    'd',
    'c',
    'b',
    'a',
  ]);
});
it('adds nothing that belongs on a page that was not read yet', () => {
  const read = [execution('b', '2026-01-02T11:00:00.000Z')];
  const live = [execution('old', '2026-01-01T00:00:00.000Z')];
  expect(ids(mergeLive(read, live, readFilter({}, KNOWN), { now: NOW, more: true }))).toEqual(['b']);
  expect(ids(mergeLive(read, live, readFilter({}, KNOWN), { now: NOW, more: false }))).toEqual(['b', 'old']);
});
