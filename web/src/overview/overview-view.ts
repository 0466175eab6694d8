/** How the overview is looked at: which agents, in which order, in which groups and columns; and its address. Pure. */
import type { Agent } from '../../../src/contract/agents.ts';
import { agentReason } from '../../../src/contract/agent-reason.ts';
import { needsPerson } from '../agents/attention.ts';
import { t } from '../words/words.ts';

export const COLUMNS = {
  status: t('Status'),
  task: t('Task'),
  host: t('Host'),
  cpu: 'CPU',
  memory: t('Memory'),
  tokens: t('Tokens'),
  cost: t('Cost'),
  active: t('Last activity'),
} as const;
export type Column = keyof typeof COLUMNS;
export const ALL_COLUMNS = Object.keys(COLUMNS) as Column[];

export const GROUPINGS = {
  none: t('No groups'),
  status: t('Status'),
  role: t('Role'),
  host: t('Host'),
  kind: t('Kind'),
} as const;
export type Grouping = keyof typeof GROUPINGS;

/** `needs`: who needs me first; the others as the column is. */
export type SortKey = 'needs' | 'name' | Exclude<Column, 'status' | 'task'>;
const SORT_KEYS: readonly SortKey[] = ['needs', 'name', 'host', 'cpu', 'memory', 'tokens', 'cost', 'active'];

export interface Sort {
  by: SortKey;
  descending: boolean;
}

export const QUICK = {
  all: { word: t('All'), fits: () => true },
  needs: { word: t('Needs me'), fits: needsPerson },
  working: { word: t('Working'), fits: ({ status }: Agent) => status === 'working' || status === 'starting' },
  idle: { word: t('Idle'), fits: ({ status }: Agent) => status === 'idle' },
  held: { word: t('Held up'), fits: ({ status }: Agent) => status === 'rate_limited' || status === 'no_signal' },
  stopped: { word: t('Stopped'), fits: ({ status }: Agent) => status === 'stopped' },
} as const;
export type Quick = keyof typeof QUICK;
export const ALL_QUICK = Object.keys(QUICK) as Quick[];

export interface OverviewView {
  filter: string;
  quick: Quick;
  group: Grouping;
  sort: Sort;
  /** Null: those that fit this installation. */
  columns: readonly Column[] | null;
}

/** The same in an address; what is as usual is left out, so that a plain address stays plain. */
export interface OverviewSearch {
  q?: string;
  show?: string;
  group?: string;
  sort?: string;
  columns?: string;
}

export const USUAL: OverviewView = {
  filter: '',
  quick: 'all',
  group: 'none',
  sort: { by: 'needs', descending: false },
  columns: null,
};

export function viewOf({ q, show, group, sort, columns }: OverviewSearch): OverviewView {
  const descending = sort?.startsWith('-') ?? false;
  const by = SORT_KEYS.find((key) => key === sort?.replace(/^-/, '')) ?? 'needs';
  const chosen = columns?.split(',');
  return {
    filter: q ?? '',
    quick: ALL_QUICK.find((each) => each === show) ?? 'all',
    group: (Object.keys(GROUPINGS) as Grouping[]).find((each) => each === group) ?? 'none',
    sort: { by, descending },
    columns: chosen ? ALL_COLUMNS.filter((column) => chosen.includes(column)) : null,
  };
}

export function searchOf(view: OverviewView): OverviewSearch {
  const { by, descending } = view.sort;
  const plain = by === 'needs' && !descending;
  return {
    ...(view.filter === '' ? {} : { q: view.filter }),
    ...(view.quick === 'all' ? {} : { show: view.quick }),
    ...(view.group === 'none' ? {} : { group: view.group }),
    ...(plain ? {} : { sort: `${descending ? '-' : ''}${by}` }),
    ...(view.columns ? { columns: view.columns.join(',') } : {}),
  };
}

/** One machine needs no column that says so. */
export function shownColumns({ columns }: OverviewView, severalHosts: boolean): readonly Column[] {
  return columns ?? ALL_COLUMNS.filter((column) => severalHosts || column !== 'host');
}

export function matches(agent: Agent, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text =
    `${agent.name} ${agent.role} ${agent.kind} ${agent.status} ${agentReason(agent)} ${agent.host} ${agent.model ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
