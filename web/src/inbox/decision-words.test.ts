import { expect, it } from 'vitest';
import type { InboxItem } from '../../../src/contract/inbox.ts';
import { agoWords, closedWords, decisionsForAll, expiryWords, formOf, placeWords, timeLeft } from './decision-words.ts';

it('asks for the new limits when a budget is raised, and for nothing when it is stopped', () => {
  const form = { type: 'object', required: ['usd'], properties: { usd: { type: 'number' } } };
  const item: InboxItem = {
    id: '0199a1b2-c3d4-7000-8000-000000000000',
    type: 'budget',
    state: 'open',
    title: 'coder has used up the budget of 2026-03-01',
    payload: { form },
    hash: 'h',
    choices: ['raise', 'stop'],
    createdAt: '2026-03-01T10:00:00.000Z',
  };
  expect(formOf(item, 'raise')).toBe(form);
  expect(formOf(item, 'stop')).toBeUndefined();
});

const base: InboxItem = {
  id: '0199a1b2-c3d4-7000-8000-000000000001',
  type: 'approval',
  state: 'open',
  title: 'Ship?',
  payload: {},
  hash: 'h',
  choices: ['approve', 'reject'],
  createdAt: '2026-03-01T10:00:00.000Z',
};
const at = (time: string) => Date.parse(`2026-03-01T${time}Z`);

it('offers many items at once only what each of them offers without words', () => {
  const withForm = { ...base, payload: { form: { type: 'object', properties: {} } } };
  const permission: InboxItem = { ...base, type: 'permission', choices: ['allow', 'deny', 'allow_always'] };
  expect(decisionsForAll([base, base])).toEqual(['approve', 'reject']);
  expect(decisionsForAll([base, withForm])).toEqual(['reject']);
  expect(decisionsForAll([base, permission])).toEqual([]);
  expect(decisionsForAll([permission, permission])).toEqual(['allow', 'deny', 'allow_always']);
  expect(decisionsForAll([{ ...base, type: 'question', choices: ['answer', 'deny'] }])).toEqual(['deny']);
  expect(decisionsForAll([])).toEqual([]);
});
it('says who answered, and how long ago in words', () => {
  const resolution = { decision: 'approve' as const, by: 'ada', at: '2026-03-01T10:00:00.000Z' };
  expect(closedWords({ ...base, state: 'resolved', resolution })).toBe('Approved by ada');
  expect(closedWords({ ...base, state: 'expired' })).toContain('expired');
  expect([agoWords(resolution.at, at('10:00:59')), agoWords(resolution.at, at('10:07:00'))]).toEqual([
    'a moment ago',
    '7m ago',
  ]);
});
it('warns within the hour, but not of what has only just begun', () => {
  expect(timeLeft(base, at('10:00:00'))).toBeNull();
  const long = { ...base, expiresAt: '2026-03-02T10:00:00.000Z' };
  expect(timeLeft(long, at('10:00:00'))).toEqual({ words: 'expires in 1d', soon: false });
  expect(timeLeft(long, Date.parse('2026-03-02T09:30:00Z'))).toEqual({ words: 'expires in 30m', soon: true });
  const short = { ...base, expiresAt: '2026-03-01T10:10:00.000Z' };
  expect(timeLeft(short, at('10:01:00'))?.soon).toBe(false);
  expect(timeLeft(short, at('10:06:00'))?.soon).toBe(true);
  expect(timeLeft(short, at('10:10:00'))).toEqual({ words: 'expires now', soon: true });
});

it('says what an approval becomes when nobody answers, and where it comes from', () => {
  const expiresAt = '2026-03-01T10:10:00.000Z';
  expect(expiryWords({ expiresAt, payload: { onExpire: 'approve' } })).toBe('If nobody answers, it is approved.');
  expect(expiryWords({ expiresAt, payload: {} })).toBeNull();
  expect(expiryWords({ payload: { onExpire: 'approve' } })).toBeNull();
  expect(placeWords({ workflow: 'Release', nodeId: 'sign' })).toBe('Step sign of Release');
  expect(placeWords({ workflow: 'Release' })).toBe('Open the execution');
});
