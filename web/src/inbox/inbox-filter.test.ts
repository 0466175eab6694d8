import { expect, it } from 'vitest';
import type { InboxItem } from '../../../src/contract/inbox.ts';
import { endIn, filtered, kindCounts, stepFrom } from './inbox-filter.ts';

const item = (id: string, type: InboxItem['type'], agentId?: string) => ({ id, type, agentId }) as InboxItem;
const items = [item('1', 'approval'), item('2', 'permission', 'ada'), item('3', 'permission', 'bob')];

it('filters by kind and agent, and takes a kind that there is not as none', () => {
  const ids = (search: object) => filtered(items, search).map(({ id }) => id);
  expect(ids({})).toEqual(['1', '2', '3']);
  expect(ids({ type: 'permission' })).toEqual(['2', '3']);
  expect(ids({ type: 'permission', agent: 'bob' })).toEqual(['3']);
  expect(ids({ type: 'nonsense' })).toEqual(['1', '2', '3']);
  expect([endIn({ end: 'expired' }), endIn({ end: 'x' })]).toEqual(['expired', 'resolved']);
});
it('counts the kinds that there are', () => {
  expect(kindCounts(items)).toEqual([
    { kind: 'permission', count: 2 },
    { kind: 'approval', count: 1 },
  ]);
});
it('steps to the neighbours, and from what was just answered to what took its place', () => {
  const step = (id: string | undefined, by: number, lastPlace = 0) => stepFrom(items, { id, by, lastPlace })?.id;
  expect([step('1', 1), step('1', -1), step('3', 1)]).toEqual(['2', '1', '3']);
  expect([step('gone', 1, 1), step('gone', -1, 1), step(undefined, 1)]).toEqual(['2', '1', '1']);
  expect(stepFrom([], { id: undefined, by: 1, lastPlace: 3 })).toBeUndefined();
});
