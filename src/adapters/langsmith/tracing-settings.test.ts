import { expect, test } from 'vitest';
import { switchOff, wantsTraces, withTraces } from './tracing-settings.ts';

test('traces are wanted with the switch and the key, by either of their names', () => {
  expect(wantsTraces({ LANGSMITH_TRACING: 'true', LANGSMITH_API_KEY: 'k' })).toBe(true);
  expect(wantsTraces({ LANGCHAIN_TRACING_V2: 'true', LANGCHAIN_API_KEY: 'k' })).toBe(true);
  for (const env of [
    {},
    { LANGSMITH_TRACING: 'true' },
    { LANGSMITH_API_KEY: 'k' },
    { LANGSMITH_TRACING: 'false', LANGSMITH_API_KEY: 'k' },
    { LANGSMITH_TRACING: 'true', LANGSMITH_API_KEY: '' },
  ])
    expect(wantsTraces(env), JSON.stringify(env)).toBe(false);
});

test('what LangChain reads says the same to modules, and no to this process', () => {
  const env = { LANGCHAIN_TRACING_V2: 'true', LANGSMITH_TRACING: 'true', LANGSMITH_API_KEY: 'k', PATH: '/bin' };
  expect(withTraces(env, true)).toEqual({ LANGSMITH_TRACING: 'true', LANGSMITH_API_KEY: 'k', PATH: '/bin' });
  expect(withTraces(env, false)).toEqual({ LANGSMITH_API_KEY: 'k', PATH: '/bin' });
  switchOff(env);
  expect(env).toEqual({ LANGSMITH_API_KEY: 'k', PATH: '/bin' });
});
