/** Lays out rows as aligned columns without box art; knows widths, not streams. */
import { displayWidth, fitWidth } from './display-width.ts';
import { printableLine } from './printable-text.ts';

export interface Column<Row> {
  title: string;
  value: (row: Row) => string;
  align?: 'right';
  /** May be cut with `…` when the terminal is narrow. */
  shrinks?: true;
  /** Colours the finished cell. */
  paint?: (cell: string, row: Row) => string;
}

export interface TableOptions {
  /** Columns of the terminal; without it nothing is ever cut. */
  width?: number | undefined;
  paintTitle?: (title: string) => string;
}

const GAP = '  ';
/** A column is not made narrower than this: less tells nothing. */
const NARROWEST = 8;

/** One string per line, the titles first. Cells are one line each and safe to print. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: TableOptions = {},
): string[] {
  const cells = rows.map((row) => columns.map((column) => printableLine(column.value(row))));
  const widths = columnWidths(columns, cells, options.width);
  const layOut = (values: readonly string[], finish: (cell: string, index: number) => string) =>
    values
      .map((value, index) => {
        const width = widths[index] ?? 0;
        const cut = fitWidth(value, width);
        const padding = ' '.repeat(width - displayWidth(cut));
        const shown = finish(cut, index);
        if (columns[index]?.align === 'right') return padding + shown;
        return index === columns.length - 1 ? shown : shown + padding;
      })
      .join(GAP)
      .trimEnd();
  const titles = layOut(
    columns.map((column) => column.title),
    (title) => options.paintTitle?.(title) ?? title,
  );
  return [
    titles,
    ...cells.map((values, line) =>
      layOut(values, (cell, index) => {
        const row = rows[line];
        return row === undefined ? cell : (columns[index]?.paint?.(cell, row) ?? cell);
      }),
    ),
  ];
}

function columnWidths<Row>(
  columns: readonly Column<Row>[],
  cells: readonly string[][],
  width: number | undefined,
): number[] {
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...cells.map((values) => displayWidth(values[index] ?? ''))),
  );
  if (width === undefined) return widths;
  const gaps = GAP.length * (columns.length - 1);
  for (let over = sum(widths) + gaps - width; over > 0; over--) {
    const widest = widths.reduce<number>(
      (best, size, index) =>
        columns[index]?.shrinks && size > NARROWEST && size > (widths[best] ?? -1) ? index : best,
      -1,
    );
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
