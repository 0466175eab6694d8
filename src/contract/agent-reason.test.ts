import { expect, test } from 'vitest';
import { agentReason } from './agent-reason.ts';

const heldBy = { code: 'BUDGET_EXCEEDED' as const, reason: 'its budget is used up', since: '2026-03-01T10:00:00.000Z' };

test.each([
  ['an idle agent that a budget holds says so', 'idle', 'its budget is used up'],
  ['one that waits for a person’s answer does not hide it', 'blocked', 'it asks'],
  ['one that still works says what it does', 'working', 'it asks'],
] as const)('%s', (_title, status, reason) => {
  expect(agentReason({ status, statusReason: 'it asks', heldBy })).toBe(reason);
});
