import { expect, it } from 'vitest';
import type { Agent } from '../../../src/contract/agents.ts';
import { byAttention } from './attention.ts';

const agent = (name: string, status: Agent['status'], statusSince: string) => ({ name, status, statusSince }) as Agent;

it('puts blocked agents first, the longest waiting among them on top, and the rest by name', () => {
  const agents = [
    agent('zoe', 'idle', '2026-01-01T00:00:00Z'),
    agent('adam', 'working', '2026-01-01T00:00:05Z'),
    agent('late', 'blocked', '2026-01-01T00:00:09Z'),
    agent('anna', 'idle', '2026-01-01T00:00:09Z'),
    agent('early', 'blocked', '2026-01-01T00:00:01Z'),
    agent('dead', 'crashed', '2026-01-01T00:00:00Z'),
  ];
  expect(agents.toSorted(byAttention).map((each) => each.name)).toEqual([
    'early',
    'late',
    'dead',
    'adam',
    'anna',
    'zoe',
  ]);
});
