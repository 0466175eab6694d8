import { expect, it } from 'vitest';
import type { Agent } from '../../../src/contract/agents.ts';
import { panelsOf } from './desk-layout.ts';
import { firstDesk } from './first-desk.ts';
import { addressOf, panelsIn } from './panel-kinds.ts';

const agent = (name: string, status: Agent['status'], mode: Agent['mode'] = 'tmux'): Agent =>
  ({ id: name, name, status, mode, statusSince: '2026-01-01T00:00:00.000Z' }) as Agent; // all that is looked at
const proposed = (...agents: Agent[]) =>
  panelsOf(firstDesk(agents)).map(({ kind, of }) => (of ? `${kind} ${of}` : kind));

it('whoever needs a person is proposed first, with the inbox and what runs', () => {
  const agents = [
    agent('rests', 'stopped'),
    agent('works', 'working'),
    agent('asks', 'waiting_input', 'headless'),
    agent('blocked', 'blocked'),
    agent('idle', 'idle'),
    agent('idle too', 'idle'),
  ];
  expect(proposed(...agents)).toEqual([
    'terminal blocked',
    'conversation asks',
    'terminal works',
    'terminal idle',
    'inbox',
    'executions',
  ]);
});

it('where all rest they are proposed as well, and without agents what waits', () => {
  expect(proposed(agent('a', 'stopped'))).toEqual(['terminal a', 'inbox', 'executions']);
  expect(proposed()).toEqual(['inbox', 'executions']);
});

it('panels are named in an address; what is no panel is left out', () => {
  const panels = [{ kind: 'terminal', of: '01' }, { kind: 'inbox' }];
  expect(panelsIn(addressOf(panels))).toEqual(panels);
  expect(panelsIn('terminal,inbox.7,constructor,nothing.1,,log.2')).toEqual([{ kind: 'log', of: '2' }]);
});
