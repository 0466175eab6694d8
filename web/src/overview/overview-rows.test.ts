import { describe, expect, it } from 'vitest';
import type { Agent } from '../../../src/contract/agents.ts';
import { agentsBetween, overviewRows, type Row, rowChanges } from './overview-rows.ts';
import { type OverviewView, USUAL } from './overview-view.ts';

const agent = (name: string, fields: Partial<Agent> = {}) =>
  ({
    id: name,
    name,
    role: 'coder',
    kind: 'shell',
    host: 'here',
    status: 'idle',
    statusReason: '',
    statusSince: '2026-01-01T00:00:00Z',
    cpu: 0,
    memory: 0,
    lastActivity: null,
    ...fields,
  }) as Agent;
const TEAM = [
  agent('anna', { cpu: 5, role: 'tester' }),
  agent('bert', { status: 'blocked', cpu: 1 }),
  agent('carl', { status: 'working', cpu: 90 }),
  agent('dora', { cpu: 40, host: 'there' }),
];
const rows = (view: Partial<OverviewView>, closed: string[] = [], team: readonly Agent[] = TEAM) =>
  overviewRows(team, { ...USUAL, ...view }, new Set(closed));
const named = (list: readonly Row[]) =>
  list.map((row) => (row.kind === 'agent' ? row.agent.name : `# ${row.label} ${row.count} ${row.needs}`));

describe('the rows of the overview', () => {
  it('begin with who needs a person', () => {
    expect(named(rows({}))).toEqual(['bert', 'carl', 'anna', 'dora']);
  });
  it('are sorted by a column, both ways', () => {
    expect(named(rows({ sort: { by: 'cpu', descending: true } }))).toEqual(['carl', 'dora', 'anna', 'bert']);
    expect(named(rows({ sort: { by: 'name', descending: true } }))[0]).toBe('dora');
  });
  it('are filtered by words and by a quick filter', () => {
    expect(named(rows({ filter: 'SHELL tester' }))).toEqual(['anna']);
    expect(named(rows({ quick: 'working' }))).toEqual(['carl']);
    expect(named(rows({ quick: 'needs', filter: 'anna' }))).toEqual([]);
  });
  it('are grouped in the order of their first agents, and a closed group keeps its head', () => {
    expect(named(rows({ group: 'role' }))).toEqual(['# coder 3 1', 'bert', 'carl', 'dora', '# tester 1 0', 'anna']);
    expect(named(rows({ group: 'host' }, ['group:host:here']))).toEqual(['# here 3 1', '# there 1 0', 'dora']);
    expect(named(rows({ group: 'status' }))[0]).toBe('# Blocked 1 1');
  });
});

describe('what changed between two looks', () => {
  it('is only the rows whose agents are others, while the order stays', () => {
    const next = TEAM.map((each) => (each.name === 'dora' ? { ...each, cpu: 41 } : each));
    expect(rowChanges(rows({}), rows({}, [], next))).toEqual({
      how: 'updated',
      rows: [{ id: 'dora', kind: 'agent', agent: next[3] }],
    });
    expect(rowChanges(rows({}), rows({}))).toEqual({ how: 'updated', rows: [] });
  });
  it('is everything when rows come, go or move', () => {
    expect(rowChanges(rows({}), rows({ filter: 'anna' })).how).toBe('rearranged');
    expect(rowChanges(rows({}), rows({ sort: { by: 'name', descending: false } })).how).toBe('rearranged');
  });
  it('notices that a group counts others', () => {
    const next = TEAM.map((each) => (each.name === 'dora' ? { ...each, status: 'crashed' as const } : each));
    const change = rowChanges(
      rows({ group: 'kind' }, ['group:kind:shell']),
      rows({ group: 'kind' }, ['group:kind:shell'], next),
    );
    expect(change.how === 'updated' && change.rows.map(({ id }) => id)).toEqual(['group:kind:shell']);
  });
});

it('a range goes both ways, and over a group without its head', () => {
  const list = rows({ group: 'role' });
  expect(agentsBetween(list, 'anna', 'carl')).toEqual(['carl', 'dora', 'anna']);
  expect(agentsBetween(list, 'bert', 'carl')).toEqual(['bert', 'carl']);
  expect(agentsBetween(list, 'gone', 'carl')).toEqual(['carl']);
  expect(agentsBetween(list, 'bert', 'gone')).toEqual([]);
});
