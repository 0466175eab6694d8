/** The columns of the agents table, by what somebody wants to see. */
import type { ColDef, ValueFormatterParams, ValueGetterParams } from 'ag-grid-community';
import type { CustomCellRendererProps } from 'ag-grid-react';
import { agentReason } from '../../../src/contract/agent-reason.ts';
import { traitWords } from '../agents/agent-facts.ts';
import { Age } from '../ui/age.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { byteWords, countWords, moneyWords } from '../ui/time-words.ts';
import { AGENT_LOOK } from '../ui/tone.ts';
import { CpuCell } from './cpu-cell.ts';
import type { CpuHistory } from './cpu-history.ts';
import { CurrentWork } from './current-work.tsx';
import type { Row } from './overview-rows.ts';
import { type Column, COLUMNS } from './overview-view.ts';
import { t } from '../words/words.ts';
import styles from './agents-grid.module.css';

type Cell = CustomCellRendererProps<Row>;
/** What a cell of an agent's row shows; a group has no cells. */
const of =
  <T,>(read: (agent: Extract<Row, { kind: 'agent' }>['agent']) => T) =>
  ({ data }: ValueGetterParams<Row>): T | null =>
    data?.kind === 'agent' ? read(data.agent) : null;
const numbers = { cellClass: styles['number'] ?? '', headerClass: styles['numberHead'] ?? '' };
const words = (say: (value: number) => string) => ({
  valueFormatter: ({ value }: ValueFormatterParams<Row>) => (typeof value === 'number' && value > 0 ? say(value) : '–'),
});

const NAME: ColDef<Row> = {
  colId: 'name',
  headerName: t('Agent'),
  flex: 12,
  minWidth: 130,
  sortable: true,
  valueGetter: of(({ name, role, kind }) => `${name}|${role}|${kind}`),
  cellRenderer: ({ data }: Cell) =>
    data?.kind === 'agent' && (
      <span className={styles['name']}>
        <b>{data.agent.name}</b>
        <span>{traitWords(data.agent.role, data.agent.kind)}</span>
      </span>
    ),
};

const BY_COLUMN: Record<Column, (history: CpuHistory) => ColDef<Row>> = {
  status: () => ({
    flex: 26,
    minWidth: 220,
    // Only these redraw the cell; a measurement does not.
    valueGetter: of((agent) => `${agent.status}|${agent.statusSince}|${agentReason(agent)}`),
    cellRenderer: ({ data }: Cell) =>
      data?.kind === 'agent' && (
        <span className={styles['status']}>
          <span className={styles['line']}>
            <StatusBadge look={AGENT_LOOK[data.agent.status]} plain still />
            <span className={styles['age']}>
              <Age since={data.agent.statusSince} />
            </span>
          </span>
          <span className={styles['reason']} title={agentReason(data.agent)}>
            {agentReason(data.agent)}
          </span>
        </span>
      ),
  }),
  task: () => ({
    flex: 16,
    minWidth: 96,
    valueGetter: of(({ currentTask }) => currentTask ?? ''),
    cellClass: styles['task'] ?? '',
    cellRenderer: ({ value }: CustomCellRendererProps<Row, string>) => <CurrentWork taskId={value || undefined} />,
  }),
  host: () => ({ width: 104, sortable: true, cellClass: styles['quiet'] ?? '', valueGetter: of(({ host }) => host) }),
  cpu: (history) => ({
    width: 126,
    sortable: true,
    valueGetter: of(({ cpu }) => `${cpu}|${history.slot}`),
    cellRenderer: CpuCell,
    cellRendererParams: { history },
    headerClass: styles['numberHead'] ?? '',
  }),
  memory: () => ({
    width: 82,
    sortable: true,
    ...numbers,
    ...words(byteWords),
    valueGetter: of(({ memory }) => memory),
  }),
  tokens: () => ({
    width: 78,
    sortable: true,
    ...numbers,
    ...words(countWords),
    valueGetter: of(({ tokens }) => tokens),
  }),
  cost: () => ({ width: 72, sortable: true, ...numbers, ...words(moneyWords), valueGetter: of(({ cost }) => cost) }),
  active: () => ({
    width: 118,
    sortable: true,
    ...numbers,
    valueGetter: of(({ lastActivity }) => lastActivity ?? ''),
    cellRenderer: ({ value }: CustomCellRendererProps<Row, string>) => (value ? <Age since={value} ago /> : '–'),
  }),
};

export function gridColumns(shown: readonly Column[], history: CpuHistory): ColDef<Row>[] {
  return [
    NAME,
    ...shown.map((column): ColDef<Row> => ({
      colId: column,
      headerName: COLUMNS[column],
      ...BY_COLUMN[column](history),
    })),
  ];
}
