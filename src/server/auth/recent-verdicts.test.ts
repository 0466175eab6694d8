import { describe, expect, test } from 'vitest';
import { RecentVerdicts, VERDICT_MS } from './recent-verdicts.ts';

function subject() {
  let at = Date.parse('2026-01-01T00:00:00Z');
  let looks = 0;
  const verdicts = new RecentVerdicts({ now: () => new Date(at) });
  return {
    verdicts,
    pass: (ms: number) => void (at += ms),
    looks: () => looks,
    look: (answer: boolean) => () => {
      looks += 1;
      return Promise.resolve(answer);
    },
  };
}

describe('the rights of a credential', () => {
  test('are looked up once for frames that come close together', async () => {
    const { verdicts, look, looks } = subject();
    expect(await verdicts.holds('one', look(true))).toBe(true);
    expect(await verdicts.holds('one', look(false))).toBe(true);
    expect(looks()).toBe(1);
  });

  test('are looked up again after a moment', async () => {
    const { verdicts, look, pass } = subject();
    await verdicts.holds('one', look(true));
    pass(VERDICT_MS);
    expect(await verdicts.holds('one', look(false))).toBe(false);
  });

  test('are looked up again at once when somebody changed rights', async () => {
    const { verdicts, look } = subject();
    await verdicts.holds('one', look(true));
    verdicts.forget();
    expect(await verdicts.holds('one', look(false))).toBe(false);
  });

  test('read before a change are not remembered after it', async () => {
    const { verdicts, look } = subject();
    const slow = Promise.withResolvers<boolean>();
    const first = verdicts.holds('one', () => slow.promise);
    verdicts.forget();
    slow.resolve(true);
    await first;
    expect(await verdicts.holds('one', look(false))).toBe(false);
  });

  test('once lost are never given back by memory', async () => {
    const { verdicts, look, looks } = subject();
    await verdicts.holds('one', look(false));
    await verdicts.holds('one', look(false));
    expect(looks()).toBe(2);
  });

  test('of one credential say nothing about another', async () => {
    const { verdicts, look } = subject();
    await verdicts.holds('one', look(true));
    expect(await verdicts.holds('two', look(false))).toBe(false);
  });
});
