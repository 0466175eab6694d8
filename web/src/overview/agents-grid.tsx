/** The agents table. Rows keep their identity, so live updates leave scroll, selection and focus alone. */
import {
  CellStyleModule,
  ClientSideRowModelApiModule,
  ClientSideRowModelModule,
  LocaleModule,
  ColumnApiModule,
  type FullWidthCellKeyDownEvent,
  type CellKeyDownEvent,
  type GetRowIdParams,
  type GridApi,
  ModuleRegistry,
  RenderApiModule,
  RowApiModule,
  type RowClickedEvent,
  RowSelectionModule,
  ScrollApiModule,
  themeQuartz,
} from 'ag-grid-community';
import { AgGridReact, type CustomCellRendererProps } from 'ag-grid-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useDensity } from '../ui/density.ts';
import { Icon } from '../ui/icon.tsx';
import { useKeys, useNamedKeys } from '../ui/keys.ts';
import type { CpuHistory } from './cpu-history.ts';
import { gridColumns } from './grid-columns.tsx';
import { agentsBetween, type Row, rowChanges } from './overview-rows.ts';
import type { Column, Sort, SortKey } from './overview-view.ts';
import { rich } from '../words/rich.ts';
import { t } from '../words/words.ts';
import { gridWords } from './grid-words.ts';
import styles from './agents-grid.module.css';

ModuleRegistry.registerModules([
  ClientSideRowModelModule,
  LocaleModule,
  ClientSideRowModelApiModule,
  ColumnApiModule,
  RowSelectionModule,
  RowApiModule,
  RenderApiModule,
  CellStyleModule,
  ScrollApiModule,
]);

const ROW_PX = { comfortable: 44, compact: 30 };
const GROUP_PX = 34;
const HEAD_PX = 34;
const BOX_PX = 40;
const SCROLLBAR_PX = 16; // below the rows, where there is no room for all columns
const MOST_PX = 650; // then the table scrolls by itself and the page stays put

const theme = themeQuartz.withParams({
  backgroundColor: 'var(--surface)',
  foregroundColor: 'var(--text)',
  headerTextColor: 'var(--muted)',
  headerBackgroundColor: 'var(--surface)',
  borderColor: 'var(--border)',
  accentColor: 'var(--accent)',
  rowHoverColor: 'var(--hover)',
  selectedRowBackgroundColor: 'var(--selected)',
  checkboxUncheckedBorderColor: 'var(--border-strong)',
  checkboxUncheckedBackgroundColor: 'var(--surface)',
  fontFamily: 'inherit',
  fontSize: 13.5,
  headerFontSize: 12.5,
  headerFontWeight: 560,
  headerHeight: HEAD_PX,
  wrapperBorder: false,
  wrapperBorderRadius: 0,
  columnBorder: false,
  headerColumnResizeHandleColor: 'transparent',
  cellHorizontalPadding: 12,
});

interface Props {
  rows: readonly Row[];
  columns: readonly Column[];
  sort: Sort;
  history: CpuHistory;
  /** What the history begins with, once it is there. */
  loads: unknown;
  selected: ReadonlySet<string>;
  /** Whether rows can be chosen, to do something with them. */
  selects: boolean;
  onSelect: (ids: ReadonlySet<string>) => void;
  onSort: (sort: Sort) => void;
  onOpen: (id: string) => void;
  onFold: (groupId: string) => void;
}

export function AgentsGrid({
  rows,
  columns,
  sort,
  history,
  loads,
  selected,
  selects,
  onSelect,
  onSort,
  onOpen,
  onFold,
}: Props) {
  const density = useDensity();
  const [api, setApi] = useState<GridApi<Row> | null>(null);
  const [room, setRoom] = useState(Infinity);
  const [first] = useState(() => [...rows]);
  const shown = useRef<readonly Row[]>(first);
  const anchor = useRef<string | null>(null);
  const columnDefs = useMemo(
    () =>
      gridColumns(columns, history).map((column) => ({
        ...column,
        // The rows come in order; the header only says which one it is.
        comparator: () => 0,
        sort: sort.by === column.colId ? (sort.descending ? ('desc' as const) : ('asc' as const)) : null,
      })),
    [columns, history, sort],
  );

  useEffect(() => {
    if (!api) return;
    const changes = rowChanges(shown.current, rows);
    shown.current = rows;
    if (changes.how === 'rearranged') api.setGridOption('rowData', [...rows]);
    else if (changes.rows.length > 0) api.applyTransaction({ update: changes.rows });
  }, [api, rows]);

  // The lines are drawn with the samples; what was before the first of them is drawn at once.
  useEffect(() => {
    if (loads) api?.refreshCells({ columns: ['cpu'] });
  }, [api, loads]);

  // Who clears the selection elsewhere clears it here; one that is empty because nobody has heard yet clears nothing.
  const heard = useRef(selected);
  useEffect(() => {
    if (selected.size === 0 && heard.current.size > 0) api?.deselectAll();
    heard.current = selected;
  }, [api, selected]);

  /** Also from one row to another; the first of them is where the last choice was. */
  function choose(id: string, range: boolean): void {
    if (!api || !selects) return;
    const node = api.getRowNode(id);
    if (range) {
      for (const each of agentsBetween(shown.current, anchor.current ?? id, id))
        api.getRowNode(each)?.setSelected(true);
    } else node?.setSelected(!node.isSelected());
    anchor.current = id;
  }

  const focusedAt = (): number => api?.getFocusedCell()?.rowIndex ?? -1;
  const focused = (): Row | undefined => shown.current[focusedAt()];
  const focusFirst = (): void => {
    if (focused() && document.activeElement?.closest('.ag-root')) return;
    api?.ensureIndexVisible(0);
    api?.setFocusedCell(0, 'name');
  };
  /** Chooses the focused row and the one beside it. The grid knows where the focus is going before it is there. */
  function widen(by: 1 | -1): void {
    const from = focused();
    if (from?.kind !== 'agent') return;
    choose(from.id, true);
    const at = focusedAt() + by;
    const next = shown.current[at];
    if (next?.kind !== 'agent') return;
    choose(next.id, true);
    api?.setFocusedCell(at, 'name');
  }

  useKeys('Overview', {
    j: [t('To the agents'), focusFirst],
    ArrowDown: [t('To the agents'), focusFirst],
    ...(selects
      ? {
          x: [
            t('Select an agent'),
            (event) => {
              const row = focused();
              if (row?.kind === 'agent') choose(row.id, event.shiftKey);
            },
          ],
          'shift+ArrowUp': [t('Select from here to there'), () => widen(-1)],
          'shift+ArrowDown': [t('Select from here to there'), () => widen(1)],
          'mod+a': [t('Select all agents'), () => api?.selectAll()],
          Escape: [t('Select none'), selected.size > 0 ? () => api?.deselectAll() : null],
        }
      : {}),
  });
  useNamedKeys('Overview', { Enter: t('Open the agent, or close its group') });

  function onClick({ data, event }: RowClickedEvent<Row>): void {
    if (!data || !(event instanceof MouseEvent)) return;
    if (data.kind === 'group') onFold(data.id);
    else if (event.ctrlKey || event.metaKey || event.shiftKey) choose(data.id, event.shiftKey);
    // The box of the row chooses; everything else opens it.
    else if (!(event.target instanceof Element && event.target.closest('.ag-selection-checkbox'))) onOpen(data.id);
  }

  function onKey({ data, event }: CellKeyDownEvent<Row> | FullWidthCellKeyDownEvent<Row>): void {
    if (!data || !(event instanceof KeyboardEvent)) return;
    if (data.kind === 'group') {
      const folds = { Enter: true, ' ': true, ArrowLeft: !data.closed, ArrowRight: data.closed }[event.key];
      if (!folds) return;
      event.preventDefault();
      onFold(data.id);
    } else if (event.key === 'Enter') onOpen(data.id);
    else if (event.key === ' ') anchor.current = data.id;
  }

  const rowPx = ROW_PX[density];
  const least = columnDefs.reduce((sum, { minWidth, width }) => sum + (minWidth ?? width ?? 0), BOX_PX);
  const wanted =
    HEAD_PX +
    rows.reduce((sum, row) => sum + (row.kind === 'group' ? GROUP_PX : rowPx), 0) +
    2 +
    (room < least ? SCROLLBAR_PX : 0);
  return (
    <div style={{ height: Math.min(wanted, MOST_PX) }} className={styles['grid']}>
      <AgGridReact<Row>
        theme={theme}
        rowData={first}
        columnDefs={columnDefs}
        defaultColDef={DEFAULT_COLUMN}
        getRowId={({ data }: GetRowIdParams<Row>) => data.id}
        getRowHeight={({ data }) => (data?.kind === 'group' ? GROUP_PX : rowPx)}
        rowHeight={rowPx}
        key={density}
        getLocaleText={gridWords}
        isFullWidthRow={({ rowNode }) => rowNode.data?.kind === 'group'}
        fullWidthCellRenderer={GroupHead}
        {...(selects ? { rowSelection: SELECTION, selectionColumnDef: SELECTION_COLUMN } : {})}
        onGridReady={({ api: ready }) => {
          shown.current = first;
          setApi(ready);
        }}
        onGridSizeChanged={({ clientWidth }) => setRoom(clientWidth)}
        onSelectionChanged={({ api: now }) => onSelect(new Set(now.getSelectedNodes().flatMap(({ id }) => id ?? [])))}
        onSortChanged={({ api: now, source }) => {
          if (source === 'uiColumnSorted') onSort(sortOf(now));
        }}
        onRowClicked={onClick}
        onCellKeyDown={onKey}
        rowBuffer={6}
        animateRows={false}
        suppressColumnVirtualisation
        suppressScrollOnNewData
        suppressMultiSort
      />
    </div>
  );
}

const DEFAULT_COLUMN = {
  resizable: true,
  sortable: false,
  suppressMovable: true,
  sortingOrder: ['desc', 'asc', null] as ('desc' | 'asc' | null)[],
  suppressKeyboardEvent: ({ event }: { event: KeyboardEvent }) => widens(event),
};
const SELECTION = {
  mode: 'multiRow' as const,
  checkboxes: true,
  headerCheckbox: true,
  hideDisabledCheckboxes: true,
  isRowSelectable: ({ data }: { data?: Row | undefined }) => data?.kind === 'agent',
};
const SELECTION_COLUMN = { width: BOX_PX, maxWidth: BOX_PX, resizable: false, suppressMovable: true };

const widens = (event: KeyboardEvent): boolean =>
  event.shiftKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp');

function sortOf(api: GridApi<Row>): Sort {
  const sorted = api.getColumnState().find(({ sort }) => sort);
  // The ids of the sortable columns are the keys.
  return sorted
    ? { by: sorted.colId as SortKey, descending: sorted.sort === 'desc' }
    : { by: 'needs', descending: false };
}

function GroupHead({ data }: CustomCellRendererProps<Row>) {
  if (data?.kind !== 'group') return null;
  return (
    <div className={styles['group']} aria-expanded={!data.closed} role="gridcell">
      <Icon name={data.closed ? 'chevronRight' : 'chevronDown'} size={13} />
      <b>{data.label}</b>
      <span>{data.count}</span>
      {data.needs > 0 && <em>{rich('{needs} need you', { needs: data.needs })}</em>}
    </div>
  );
}
