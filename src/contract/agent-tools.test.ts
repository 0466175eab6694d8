import { expect, test } from 'vitest';
import { AGENT_TOOLS } from './agent-tools.ts';

test('a value to store must be there, null is one too', () => {
  const of = { namespace: 'n', key: 'k' };
  expect(AGENT_TOOLS.set_state.input.safeParse(of).success).toBe(false);
  expect(AGENT_TOOLS.set_state.input.safeParse({ ...of, value: null }).success).toBe(true);
});
