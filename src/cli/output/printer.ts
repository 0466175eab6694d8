/** Where a command's words go: results to stdout, remarks to stderr, remarks for people only when people look. */
import type { CommandIo } from '../command-io.ts';
import { type Paint, paintFor } from './paint.ts';
import { printable, printableJson } from './printable-text.ts';
import { type Column, tableLines } from './table.ts';

export interface Printer {
  /** A result, on stdout. The caller has made text from elsewhere `printable`. */
  line(text?: string): void;
  json(value: unknown): void;
  /** One JSON text on one line: for output that has no end. */
  jsonLine(value: unknown): void;
  /** A table on stdout; with no rows the remark `empty`. */
  table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], empty: string): void;
  /** Names and values, one per line; what is undefined or empty is left out. */
  fields(fields: readonly (readonly [name: string, value: string | undefined])[]): void;
  /** A remark for whoever looks: on stderr, silent when that is piped. */
  note(text: string): void;
  /** A remark that must be seen: always on stderr. */
  warn(text: string): void;
  /** Colours for stdout, and for stderr. */
  paint: Paint;
  paintError: Paint;
}

export function createPrinter(io: Pick<CommandIo, 'stdout' | 'stderr' | 'env'>): Printer {
  const { stdout, stderr, env } = io;
  const paint = paintFor(stdout, env);
  const line = (text = '') => void stdout.write(`${text}\n`);
  const note = (text: string) => void (stderr.isTTY && stderr.write(`${text}\n`));
  return {
    line,
    json: (value) => line(printableJson(value)),
    jsonLine: (value) => line(printableJson(value, 0)),
    table(columns, rows, empty) {
      if (rows.length === 0) return note(empty);
      const width = stdout.isTTY ? stdout.columns : undefined;
      tableLines(columns, rows, { width, paintTitle: (title) => paint('dim', title) }).forEach((text) => line(text));
    },
    fields(fields) {
      const shown = fields.filter(([, value]) => value !== undefined && value !== '');
      const width = Math.max(0, ...shown.map(([name]) => name.length));
      for (const [name, value = ''] of shown) {
        const lines = printable(value).split('\n');
        line(`${paint('dim', name.padEnd(width))}  ${lines.join(`\n${' '.repeat(width + 2)}`)}`);
      }
    },
    note,
    warn: (text) => void stderr.write(`${text}\n`),
    paint,
    paintError: paintFor(stderr, env),
  };
}
