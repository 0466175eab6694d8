import { expect, it } from 'vitest';
import type { InboxItem } from '../../../src/contract/inbox.ts';
import { formOf } from './decision-words.ts';

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
