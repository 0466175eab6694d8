import { describe, expect, it } from 'vitest';
import type { Message } from './opencode-event.ts';
import { newTurn, type Turn } from './turn.ts';
import { endAfterExit, endAtExit, verdictOf } from './verdict.ts';

const message = (change: Partial<Message> = {}): Message => ({
  id: 'msg_1',
  parentId: 'msg_0',
  role: 'assistant',
  completed: true,
  error: null,
  finish: 'stop',
  summary: false,
  text: 'so far',
  calls: [],
  ...change,
});
const turn = (change: Partial<Turn> = {}): Turn => ({ ...newTurn('a'), state: 'started', ...change });
const error = (name: string, text = 'it broke') => ({ name, message: text, httpStatus: null });
const now = { waited: false };
const later = { waited: true };
const at = '2026-01-01T00:00:00.000Z';

describe('the verdict on a turn that opencode works on no more', () => {
  it('is success with the last words of a message that is complete', () => {
    expect(verdictOf(turn({ interrupted: true }), message(), now)).toMatchObject({
      outcome: { status: 'succeeded', result: { text: 'so far' } },
      status: 'idle',
    });
    expect(verdictOf(turn(), message({ text: 'Shall I?' }), now)?.status).toBe('waiting_input');
  });

  it('waits for the last message to be completed', () => {
    const open = message({ completed: false, finish: '' });
    expect(verdictOf(turn({ interrupted: true }), open, now)).toBeNull();
    expect(verdictOf(turn({ interrupted: true }), open, later)?.outcome).toEqual({
      status: 'cancelled',
      result: { text: 'so far' },
    });
    expect(verdictOf(turn(), open, later)?.outcome).toMatchObject({ status: 'failed' });
  });

  it('is cancelled when it was interrupted before the model was asked, which leaves no message', () => {
    expect(verdictOf(turn({ interrupted: true }), null, now)?.outcome).toEqual({ status: 'cancelled' });
  });

  it('is cancelled when somebody else stopped it, at any moment', () => {
    const aborted = message({ error: error('MessageAbortedError') });
    expect(verdictOf(turn(), aborted, now)?.outcome.status).toBe('cancelled');
    expect(verdictOf(turn({ error: error('MessageAbortedError') }), null, now)?.outcome.status).toBe('cancelled');
    for (const last of [null, message({ finish: 'tool-calls' })]) {
      expect(verdictOf(turn(), last, now)).toBeNull();
      expect(verdictOf(turn(), last, later)?.outcome.status).toBe('cancelled');
    }
  });

  it('is failure with what was said of it, in its message or beside it', () => {
    expect(verdictOf(turn(), message({ error: error('APIError') }), now)?.outcome).toMatchObject({
      status: 'failed',
      error: { message: 'it broke' },
    });
    expect(verdictOf(turn({ error: error('Unknown', 'no such model') }), null, now)?.outcome).toMatchObject({
      status: 'failed',
      error: { message: 'no such model' },
    });
  });

  it('is failure with our reason when we stopped it', () => {
    const mine = turn({ givenUp: error('silence', 'said nothing') });
    for (const last of [null, message({ error: error('MessageAbortedError') })])
      expect(verdictOf(mine, last, now)?.outcome).toMatchObject({
        status: 'failed',
        error: { message: 'said nothing' },
      });
  });

  it('is failure when nothing was ever done with the prompt', () => {
    const untouched = turn({ state: 'accepted' });
    expect(verdictOf(untouched, null, now)).toBeNull();
    expect(verdictOf(untouched, null, later)?.outcome).toMatchObject({
      status: 'failed',
      error: { message: 'opencode gave the prompt up before it asked the model' },
    });
  });
});

describe('the end of a turn whose program ended', () => {
  it('is AGENT_EXITED wherever in the turn it was, unless the turn was over', () => {
    const exited = { status: 'failed', error: { code: 'AGENT_EXITED' } };
    for (const last of [null, message({ finish: 'tool-calls' }), message({ completed: false, finish: '' })])
      expect(endAfterExit(last)).toMatchObject(exited);
    expect(endAfterExit(message()).status).toBe('succeeded');
    expect(endAfterExit(message({ error: error('MessageAbortedError') })).status).toBe('cancelled');
  });

  it('is cancelled only when it ended because it was interrupted', () => {
    const interrupted = turn({ interrupted: true });
    const killed = { how: 'signalled', signal: 9, at } as const;
    expect(endAtExit(turn(), { how: 'exited', status: 0, at }).status).toBe('failed');
    expect(endAtExit(interrupted, killed)).toMatchObject({ status: 'failed', error: { code: 'AGENT_EXITED' } });
    expect(endAtExit(interrupted, { how: 'exited', status: 130, at }).status).toBe('cancelled');
    expect(endAtExit(turn({ interrupted: true, endedByUs: true }), killed).status).toBe('cancelled');
  });
});
