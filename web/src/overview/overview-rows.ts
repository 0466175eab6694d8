/** The rows of the overview from the agents and the view; and what changed between two of them. Pure. */
import type { Agent } from '../../../src/contract/agents.ts';
import { byAttention, byName, compareText, needsPerson } from '../agents/attention.ts';
import { AGENT_LOOK } from '../ui/tone.ts';
import { type Grouping, matches, type OverviewView, QUICK, type Sort } from './overview-view.ts';

export interface GroupRow {
  id: string;
  kind: 'group';
  label: string;
  count: number;
  /** How many of them need a person. */
  needs: number;
  closed: boolean;
}
export interface AgentRow {
  id: string;
  kind: 'agent';
  agent: Agent;
}
export type Row = GroupRow | AgentRow;

/** Groups come in the order of their first agents, so that whoever needs a person stays on top. */
export function overviewRows(agents: readonly Agent[], view: OverviewView, closed: ReadonlySet<string>): Row[] {
  const { fits } = QUICK[view.quick];
  const shown = agents
    .filter((agent) => fits(agent) && matches(agent, view.filter))
    .toSorted(comparison(view.sort))
    .map((agent): AgentRow => ({ id: agent.id, kind: 'agent', agent }));
  if (view.group === 'none') return shown;
  const { group } = view;
  return [...Map.groupBy(shown, ({ agent }) => groupOf(agent, group))].flatMap(([label, members]): Row[] => {
    const id = `group:${view.group}:${label}`;
    const isClosed = closed.has(id);
    const needs = members.filter(({ agent }) => needsPerson(agent)).length;
    const head: GroupRow = { id, kind: 'group', label, count: members.length, needs, closed: isClosed };
    return isClosed ? [head] : [head, ...members];
  });
}

export type RowChanges =
  /** The same rows in the same order; only these differ. */
  { how: 'updated'; rows: Row[] } | { how: 'rearranged' };

export function rowChanges(before: readonly Row[], after: readonly Row[]): RowChanges {
  if (before.length !== after.length || after.some((row, index) => row.id !== before[index]?.id))
    return { how: 'rearranged' };
  return { how: 'updated', rows: after.filter((row, index) => !sameRow(row, before[index])) };
}

/** From one row to another, both included, whichever comes first; groups are no part of it. */
export function agentsBetween(rows: readonly Row[], from: string | null, to: string): string[] {
  const end = rows.findIndex(({ id }) => id === to);
  const begin = rows.findIndex(({ id }) => id === from);
  if (end < 0) return [];
  if (begin < 0) return [to];
  return rows
    .slice(Math.min(begin, end), Math.max(begin, end) + 1)
    .filter(({ kind }) => kind === 'agent')
    .map(({ id }) => id);
}

function sameRow(a: Row, b: Row | undefined): boolean {
  if (a.kind === 'agent') return b?.kind === 'agent' && a.agent === b.agent;
  return b?.kind === 'group' && a.count === b.count && a.needs === b.needs && a.closed === b.closed;
}

function groupOf(agent: Agent, group: Exclude<Grouping, 'none'>): string {
  return group === 'status' ? AGENT_LOOK[agent.status].word : agent[group] || 'none';
}

function comparison({ by, descending }: Sort): (a: Agent, b: Agent) => number {
  const order = (a: Agent, b: Agent): number => {
    if (by === 'needs') return byAttention(a, b);
    if (by === 'name' || by === 'host') return compareText(a[by], b[by]);
    if (by === 'active') return compareText(a.lastActivity ?? '', b.lastActivity ?? '');
    return a[by] - b[by];
  };
  return (a, b) => (descending ? -1 : 1) * order(a, b) || byName(a, b);
}
