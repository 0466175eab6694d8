/** The floor of the overview: the same grid with as many rows and columns of plain text, fed in the page itself. */
import {
  ClientSideRowModelApiModule,
  ClientSideRowModelModule,
  createGrid,
  ModuleRegistry,
  RowSelectionModule,
  themeQuartz,
} from 'ag-grid-community';

ModuleRegistry.registerModules([ClientSideRowModelModule, ClientSideRowModelApiModule, RowSelectionModule]);

interface Row {
  id: string;
  name: string;
  status: string;
  task: string;
  cpu: number;
  memory: number;
  tokens: number;
  cost: number;
  active: string;
}
const { rows: count, everyMs } = JSON.parse(document.getElementById('given')?.textContent ?? '{}') as {
  rows: number;
  everyMs: number;
};
const place = document.createElement('div');
place.style.cssText = 'width: 1006px; height: 650px';
document.body.append(place);

let rows = Array.from({ length: count }, (_, index): Row => ({
  id: String(index),
  name: `agent-${index}`,
  status: 'Idle',
  task: '–',
  cpu: 0,
  memory: 0,
  tokens: 0,
  cost: 0,
  active: 'now',
}));
const api = createGrid<Row>(place, {
  theme: themeQuartz,
  rowData: rows,
  getRowId: ({ data }) => data.id,
  columnDefs: (['name', 'status', 'task', 'cpu', 'memory', 'tokens', 'cost', 'active'] as const).map((field) => ({
    field,
    width: 118,
  })),
  rowSelection: { mode: 'multiRow', checkboxes: true, headerCheckbox: true },
  rowHeight: 44,
  headerHeight: 34,
  rowBuffer: 6,
  animateRows: false,
  suppressColumnVirtualisation: true,
});
setInterval(() => {
  rows = rows.map((row) => ({
    ...row,
    cpu: Math.round(Math.random() * 900) / 10,
    memory: Math.round(20 + Math.random() * 400),
  }));
  api.applyTransaction({ update: rows });
}, everyMs);
