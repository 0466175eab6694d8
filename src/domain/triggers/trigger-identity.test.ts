import { expect, test } from 'vitest';
import { identifyTriggers } from './trigger-identity.ts';

const keys = (...triggers: Parameters<typeof identifyTriggers>[0]) => identifyTriggers(triggers).map(({ key }) => key);

test('a trigger stays the same one at another place and with other inputs', () => {
  const [cron, hook] = keys({ cron: '0 6 * * *' }, { webhook: 'push' });
  expect(
    keys({ webhook: 'push', inputs: { ref: '{{ event.body.ref }}' } }, { cron: ' 0 6 * * *', timezone: 'UTC' }),
  ).toEqual([hook, cron]);
  expect(keys({ cron: '0 6 * * *', catchUp: 'skip' })).toEqual([cron]);
});

test('what listens to something else is another one', () => {
  const all = keys(
    { cron: '0 6 * * *' },
    { cron: '0 6 * * *', timezone: 'Europe/Berlin' },
    { webhook: 'a' },
    { webhook: 'b' },
    { workflow: 'a' },
    { workflow: 'a', on: 'any' },
    { agent: 'a', status: 'idle' },
    { agent: 'a', status: ['idle', 'crashed'] },
    { file: '/a' },
    { git: '/a' },
    { git: '/a', branch: 'main' },
  );
  expect(new Set(all).size).toBe(all.length);
});

test('equal ones are told apart by their order', () => {
  const [first, second] = keys({ webhook: 'a' }, { webhook: 'a' });
  expect(first).not.toBe(second);
  expect(keys({ webhook: 'a' })).toEqual([first]);
});
