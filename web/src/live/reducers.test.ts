import { describe, expect, it } from 'vitest';
import type { Agent } from '../../../src/contract/agents.ts';
import type { Execution, Step } from '../../../src/contract/executions.ts';
import type { InboxItem } from '../../../src/contract/inbox.ts';
import type { IncidentSummary } from '../../../src/contract/incidents.ts';
import {
  agentReducer,
  agentsReducer,
  type ExecutionView,
  executionReducer,
  executionsReducer,
  inboxReducer,
  systemReducer,
} from './reducers.ts';

const agent = (id: string, more: Partial<Agent> = {}) => ({ id, name: id, cpu: 1, memory: 1, ...more }) as Agent;
const item = (id: string, createdAt: string) => ({ id, createdAt, state: 'open' }) as InboxItem;

describe('agents', () => {
  const agents = [agent('a'), agent('b')];
  it('change in place, so that rows keep their order', () => {
    const next = agentsReducer.apply(agents, 'agent.changed', agent('a', { name: 'new' }));
    expect(next.map((each) => each.name)).toEqual(['new', 'b']);
    expect(next[1]).toBe(agents[1]);
  });
  it('keep their identity where a measurement brought nothing new', () => {
    const next = agentsReducer.apply(agents, 'agents.measured', [
      { id: 'a', cpu: 1, memory: 1 },
      { id: 'b', cpu: 9, memory: 1 },
    ]);
    expect(next[0]).toBe(agents[0]);
    expect(next[1]).toMatchObject({ name: 'b', cpu: 9 });
  });
  it('leave when deleted, and an unknown event changes nothing', () => {
    expect(agentsReducer.apply(agents, 'agent.deleted', { id: 'a' }).map((each) => each.id)).toEqual(['b']);
    expect(agentsReducer.apply(agents, 'agent.renamed', {})).toBe(agents);
  });
});

describe('one agent', () => {
  it('gets new tasks first and shows who took or gave up the seat', () => {
    const view = agentReducer.apply(
      { agent: agent('a'), tasks: [{ id: 't1' }] as never, progress: [] },
      'task.changed',
      {
        id: 't2',
      },
    );
    expect(view?.tasks.map((task) => task.id)).toEqual(['t2', 't1']);
    const taken = agentReducer.apply(view, 'seat.changed', { by: 'maria', since: '2026-01-01T00:00:00.000Z' });
    expect(taken?.agent.seat?.by).toBe('maria');
    expect(agentReducer.apply(taken, 'seat.changed', { by: null })?.agent.seat).toBeNull();
  });

  it('is gone when it is removed, and nothing brings back one that never was', () => {
    const view = { agent: agent('a'), tasks: [], progress: [] };
    expect(agentReducer.apply(view, 'agent.deleted', { id: 'a' })).toBeNull();
    expect(agentReducer.apply(agentReducer.fromSnapshot(null), 'agent.changed', agent('a'))).toBeNull();
  });
});

describe('an execution', () => {
  it('keeps its steps when its summary changes, and its summary when a step does', () => {
    const execution = { id: 'x', status: 'running', steps: [{ id: 's1', status: 'running' }] } as ExecutionView;
    const changed = executionReducer.apply(execution, 'execution.changed', { id: 'x', status: 'waiting', steps: [] });
    expect(changed).toMatchObject({ status: 'waiting', steps: [{ id: 's1' }] });
    const stepped = executionReducer.apply(changed, 'step.changed', { id: 's1', status: 'succeeded' } as Step);
    expect(stepped).toMatchObject({ status: 'waiting', steps: [{ id: 's1', status: 'succeeded' }] });
  });
});

describe('deleted executions', () => {
  const executions = [{ id: 'a' }, { id: 'b' }, { id: 'c' }] as Execution[];
  it('leave the list together, and others change nothing', () => {
    const next = executionsReducer.apply(executions, 'executions.deleted', { ids: ['a', 'c', 'x'] });
    expect(next.map(({ id }) => id)).toEqual(['b']);
    expect(executionsReducer.apply(next, 'executions.deleted', { ids: ['a'] })).toBe(next);
  });
  it('are nothing, whatever is still told of them', () => {
    expect(executionReducer.apply(executionReducer.fromSnapshot(null), 'step.changed', { id: 's' })).toBeNull();
  });
});

describe('what tasks say of how far they are', () => {
  const word = (taskId: string, message: string) => ({ taskId, at: '2026-01-01T00:00:00.000Z', message });
  it.each([
    ['an agent', agentReducer],
    ['an execution', executionReducer],
  ])('is the last word of each, on %s', (_what, reducer) => {
    let view: { progress: readonly { message: string }[] } = { progress: [word('t1', 'begun')] };
    for (const next of [word('t2', 'begun too'), word('t1', 'half way')])
      view = reducer.apply(view as never, 'task.progress', next) ?? expect.fail();
    expect(view.progress.map(({ message }) => message)).toEqual(['begun too', 'half way']);
  });
});

describe('the inbox', () => {
  it('is oldest first whatever order items come in, and remembers what was closed', () => {
    let view = inboxReducer.fromSnapshot([item('b', '2026-01-02'), item('a', '2026-01-01')]);
    view = inboxReducer.apply(view, 'inbox.opened', item('c', '2026-01-01T12'));
    expect(view.open.map((each) => each.id)).toEqual(['a', 'c', 'b']);
    view = inboxReducer.apply(view, 'inbox.closed', { ...item('c', '2026-01-01T12'), state: 'resolved' });
    expect(view.open.map((each) => each.id)).toEqual(['a', 'b']);
    expect(view.closed.map((each) => each.id)).toEqual(['c']);
  });
});

describe('the system', () => {
  const incident = (id: string, more: Partial<IncidentSummary> = {}) =>
    ({ id, state: 'alert', ...more }) as IncidentSummary;
  it('shows incidents until they are over', () => {
    const opened = systemReducer.apply({ version: '1', incidents: [incident('a')] }, 'incident.changed', incident('b'));
    expect(opened.incidents?.map(({ id }) => id)).toEqual(['b', 'a']);
    const taken = systemReducer.apply(opened, 'incident.changed', incident('a', { takenBy: 'ada' }));
    expect(taken.incidents?.map(({ takenBy }) => takenBy)).toEqual([undefined, 'ada']);
    const over = systemReducer.apply(
      taken,
      'incident.changed',
      incident('b', { closedAt: '2026-01-01T00:00:00.000Z' }),
    );
    expect(over).toMatchObject({ version: '1', incidents: [{ id: 'a' }] });
  });
});
