/** The agents table. Rows keep their identity, so live updates leave scroll, selection and focus alone. */
import {
  CellStyleModule,
  ClientSideRowModelApiModule,
  ClientSideRowModelModule,
  type ColDef,
  ColumnAutoSizeModule,
  type GetRowIdParams,
  ModuleRegistry,
  RenderApiModule,
  RowApiModule,
  RowSelectionModule,
  ScrollApiModule,
  themeQuartz,
} from 'ag-grid-community';
import { AgGridReact, type CustomCellRendererProps } from 'ag-grid-react';
import { useMemo } from 'react';
import type { Agent } from '../../../src/contract/agents.ts';
import { agentReason } from '../../../src/contract/agent-reason.ts';
import { Age } from '../ui/age.tsx';
import { Icon } from '../ui/icon.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { byteWords, percentWords } from '../ui/time-words.ts';
import { AGENT_LOOK } from '../ui/tone.ts';
import { currentWork } from './current-work.ts';
import { Meter } from './meter.tsx';
import styles from './agents-grid.module.css';

ModuleRegistry.registerModules([
  ClientSideRowModelModule,
  ClientSideRowModelApiModule,
  RowSelectionModule,
  RowApiModule,
  RenderApiModule,
  CellStyleModule,
  ColumnAutoSizeModule,
  ScrollApiModule,
]);

const ROW_PX = 44;
const HEAD_PX = 34;
const MOST_ROWS = 14; // then the table scrolls by itself and the page stays put

const theme = themeQuartz.withParams({
  backgroundColor: 'var(--surface)',
  foregroundColor: 'var(--text)',
  headerTextColor: 'var(--muted)',
  headerBackgroundColor: 'var(--surface)',
  borderColor: 'var(--border)',
  accentColor: 'var(--accent)',
  rowHoverColor: 'var(--hover)',
  selectedRowBackgroundColor: 'var(--selected)',
  fontFamily: 'inherit',
  fontSize: 13.5,
  headerFontSize: 12.5,
  headerFontWeight: 560,
  rowHeight: ROW_PX,
  headerHeight: HEAD_PX,
  wrapperBorder: false,
  wrapperBorderRadius: 0,
  columnBorder: false,
  headerColumnResizeHandleColor: 'transparent',
  cellHorizontalPadding: 14,
});

type Cell = CustomCellRendererProps<Agent>;

const columns: ColDef<Agent>[] = [
  {
    headerName: 'Agent',
    field: 'name',
    flex: 12,
    minWidth: 140,
    cellRenderer: ({ data }: Cell) =>
      data && (
        <span className={styles['name']}>
          <b>{data.name}</b>
          <span>{[data.role, data.kind].filter(Boolean).join(' · ')}</span>
        </span>
      ),
  },
  {
    headerName: 'Status',
    flex: 34,
    minWidth: 260,
    // Only these redraw the cell; a measurement does not.
    valueGetter: ({ data }) => data && `${data.status}|${data.statusSince}|${agentReason(data)}`,
    cellRenderer: ({ data }: Cell) =>
      data && (
        <span className={styles['status']}>
          <span className={styles['badge']}>
            <StatusBadge look={AGENT_LOOK[data.status]} />
          </span>
          <span className={styles['age']}>
            <Age since={data.statusSince} />
          </span>
          <span className={styles['reason']} title={agentReason(data)}>
            {agentReason(data)}
          </span>
        </span>
      ),
  },
  {
    headerName: 'Task',
    width: 118,
    valueGetter: ({ data }) => data && currentWork(data),
    cellRenderer: ({ value }: CustomCellRendererProps<Agent, string>) => (
      <span className={styles['task']}>{value || '–'}</span>
    ),
  },
  {
    headerName: 'CPU',
    field: 'cpu',
    width: 104,
    cellRenderer: ({ value }: CustomCellRendererProps<Agent, number>) => (
      <Meter share={(value ?? 0) / 100} text={percentWords(value ?? 0)} />
    ),
  },
  {
    headerName: 'Memory',
    field: 'memory',
    width: 96,
    cellClass: styles['number'] ?? '',
    headerClass: styles['numberHead'] ?? '',
    valueFormatter: ({ value }) => byteWords((value as number | null) ?? 0),
  },
  {
    headerName: 'Active',
    field: 'lastActivity',
    width: 96,
    cellClass: styles['number'] ?? '',
    headerClass: styles['numberHead'] ?? '',
    cellRenderer: ({ value }: CustomCellRendererProps<Agent, string | null>) =>
      value ? <Age since={value} ago /> : '–',
  },
  { width: 40, sortable: false, cellRenderer: () => <Icon name="chevronRight" size={14} className={styles['go']} /> },
];

interface Props {
  agents: readonly Agent[];
  onOpen: (id: string) => void;
}

export function AgentsGrid({ agents, onOpen }: Props) {
  const rows = useMemo(() => [...agents], [agents]);
  const height = HEAD_PX + Math.min(agents.length, MOST_ROWS) * ROW_PX + 2;
  return (
    <div style={{ height }}>
      <AgGridReact<Agent>
        theme={theme}
        rowData={rows}
        columnDefs={columns}
        defaultColDef={{ resizable: true, sortable: false, suppressMovable: true }}
        getRowId={({ data }: GetRowIdParams<Agent>) => data.id}
        rowSelection={{ mode: 'singleRow', checkboxes: false, enableClickSelection: true }}
        onRowClicked={({ data, event }) => {
          if (data && !(event instanceof MouseEvent && (event.ctrlKey || event.metaKey))) onOpen(data.id);
        }}
        onCellKeyDown={({ data, event }) => {
          if (data && event instanceof KeyboardEvent && event.key === 'Enter') onOpen(data.id);
        }}
        rowBuffer={6}
        animateRows={false}
        suppressColumnVirtualisation
        suppressCellFocus={false}
      />
    </div>
  );
}
