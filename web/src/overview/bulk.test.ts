import { describe, expect, it } from 'vitest';
import type { Agent } from '../../../src/contract/agents.ts';
import { BULK, forEachAgent, type Outcome } from './bulk.ts';

const agent = (id: string, fields: Partial<Agent> = {}) => ({ id, name: id, status: 'idle', ...fields }) as Agent;

describe('an action on many agents', () => {
  it('applies only to those it can do something to', () => {
    const fitting = (name: keyof typeof BULK) =>
      [
        agent('idle'),
        agent('stopped', { status: 'stopped' }),
        agent('crashed', { status: 'crashed' }),
        agent('working', { status: 'working' }),
        agent('adopted', { status: 'working', adopted: { terminal: null } }),
      ]
        .filter(BULK[name].fits)
        .map(({ id }) => id);
    expect(fitting('start')).toEqual(['stopped', 'crashed']);
    expect(fitting('stop')).toEqual(['idle', 'crashed', 'working', 'adopted']);
    expect(fitting('restart')).toEqual(['idle', 'working', 'adopted']);
    expect(fitting('interrupt')).toEqual(['working']);
    expect(fitting('send')).toEqual(['idle', 'stopped', 'crashed', 'working']);
  });

  it('tells each one’s outcome, and a failure keeps nobody from its turn', async () => {
    const outcomes = new Map<string, Outcome<string>>();
    let busy = 0;
    let most = 0;
    await forEachAgent(
      Array.from({ length: 9 }, (_, index) => agent(`a${index}`)),
      async ({ id }) => {
        most = Math.max(most, (busy += 1));
        await Promise.resolve();
        busy -= 1;
        if (id === 'a1') throw new Error('it is gone');
        return `did ${id}`;
      },
      (id, outcome) => outcomes.set(id, outcome),
    );
    expect(outcomes.size).toBe(9);
    expect(outcomes.get('a1')).toEqual({ status: 'failed', reason: 'it is gone' });
    expect(outcomes.get('a8')).toEqual({ status: 'done', value: 'did a8' });
    expect(most).toBe(4);
  });
});
