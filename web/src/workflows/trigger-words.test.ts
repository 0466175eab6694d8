import { expect, test } from 'vitest';
import { triggerWords } from './trigger-words.ts';

test('each kind of trigger says what it listens to', () => {
  expect(
    [
      { cron: '0 6 * * 1-5', timezone: 'Europe/Berlin' },
      { cron: '@daily' },
      { webhook: 'push' },
      { workflow: 'Build' },
      { workflow: 'Build', on: 'any' as const },
      { agent: 'reviewer', status: ['blocked' as const, 'crashed' as const] },
      { file: '/srv/in/*.md' },
      { git: '/srv/app', branch: 'main' },
    ].map(triggerWords),
  ).toEqual([
    'At 0 6 * * 1-5, Europe/Berlin',
    'At @daily, UTC',
    'Webhook push',
    'When Build succeeds',
    'When Build ends',
    'When reviewer is blocked or crashed',
    'When /srv/in/*.md changes',
    'New commits in /srv/app, branch main',
  ]);
});
