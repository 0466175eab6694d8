import { expect, it } from 'vitest';
import { whenHeard } from './when-heard.ts';

it('a running agent goes on with the words it was started with, and Codex keeps to them over a restart', () => {
  expect(whenHeard({ kind: 'claude', status: 'idle' })).toEqual({
    words:
      'It is running with the words it was started with. After a restart it hears the new ones, in the same conversation.',
    fresh: false,
  });
  expect(whenHeard({ kind: 'codex', status: 'working' })).toMatchObject({ fresh: true });
  expect(whenHeard({ kind: 'claude', status: 'stopped' }).words).toMatch(/when it starts, in the conversation/);
});
