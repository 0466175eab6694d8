/** Turns what tmux says of a pane into bytes that repaint it on any terminal of the same size; pure. */
import type { TerminalSize } from '../../ports/agent-host.ts';
import type { ControlReply } from './control-protocol.ts';

/** tmux answers names it does not know with nothing, so newer ones may stand here too. None of them is text of the agent. */
const FACTS = [
  'pane_width',
  'pane_height',
  'cursor_x',
  'cursor_y',
  'cursor_flag',
  'alternate_on',
  'alternate_saved_x',
  'alternate_saved_y',
  'insert_flag',
  'keypad_cursor_flag',
  'keypad_flag',
  'origin_flag',
  'wrap_flag',
  'scroll_region_upper',
  'scroll_region_lower',
  'mouse_standard_flag',
  'mouse_button_flag',
  'mouse_all_flag',
  'mouse_sgr_flag',
  'mouse_utf8_flag',
  'bracket_paste_flag',
  'cursor_shape',
  'cursor_blinking',
  'history_size',
  'pane_tabs',
] as const;

type Facts = Record<(typeof FACTS)[number], string>;

/** One line of commands, hence one instant. Rows are taken unjoined: each is painted at its own place. */
export function screenCommands(paneId: string): string[] {
  return [
    `display-message -p -t ${paneId} '${FACTS.map((name) => `#{${name}}`).join(' ')}'`,
    `capture-pane -p -e -N -t ${paneId}`,
    `capture-pane -p -e -N -a -q -t ${paneId}`,
    `capture-pane -p -P -t ${paneId}`,
  ];
}

export interface Screen {
  size: TerminalSize;
  alternate: boolean;
  historySize: number;
  repaint: Buffer;
}

/** What formats cannot tell before tmux 3.7: whether the program asked for bracketed paste, if the caller has seen it. */
export interface SeenModes {
  bracketedPaste: boolean | null;
}

export function readScreen(replies: readonly ControlReply[], seen: SeenModes): Screen {
  const [facts, current, saved, pending] = replies;
  const values = (facts?.lines[0]?.toString('latin1') ?? '').split(' ');
  const fact = Object.fromEntries(FACTS.map((name, index) => [name, values[index] ?? ''])) as Facts;
  const size = { cols: Number(fact.pane_width), rows: Number(fact.pane_height) };
  const rows = lines(current);
  const alternate = fact.alternate_on === '1';
  const parts: (string | Buffer)[] = [RESET];
  if (alternate) {
    parts.push(
      ...painted(lines(saved).slice(0, size.rows)),
      at(fact.alternate_saved_x, fact.alternate_saved_y),
      '\x1b[m\x0f\x1b[?1049h\x1b[H\x1b[2J',
    );
  }
  parts.push(...painted(rows), ...modes(fact, seen), ...cursor(fact, rows, size));
  // The beginning of a sequence whose end is still to come.
  parts.push(Buffer.concat(lines(pending).flatMap((line, index) => (index === 0 ? [line] : [NEWLINE, line]))));
  return {
    size,
    alternate,
    historySize: Number(fact.history_size),
    repaint: Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part))),
  };
}

const NEWLINE = Buffer.from('\n');

/**
 * From any state to an empty main screen: soft reset, leave synchronized output and the alternate screen, wrap on,
 * default pen. tmux writes line drawing as G1 characters, so G1 holds them; programs under this TERM expect the same.
 */
const RESET = '\x1b[!p\x1b[?2026l\x1b[?1049l\x1b[?6l\x1b[4l\x1b[?7h\x1b[r\x1b(B\x1b)0\x0f\x1b[m\x1b[H\x1b[2J';

function* painted(rows: readonly Buffer[]): Generator<string | Buffer> {
  for (const [index, row] of rows.entries()) {
    if (row.length === 0) continue;
    yield `\x1b[${index + 1};1H`;
    yield row; // its colours go on from the row before, as tmux wrote them
  }
  yield '\x1b[m\x0f';
}

function* modes(fact: Facts, seen: SeenModes): Generator<string> {
  const set = (mode: string, value: string) => `\x1b[?${mode}${value === '1' ? 'h' : 'l'}`;
  if (fact.pane_tabs !== '' && fact.pane_tabs !== everyEight(Number(fact.pane_width))) {
    yield '\x1b[3g';
    for (const column of fact.pane_tabs.split(',')) yield `${at(column, '0')}\x1bH`;
  }
  yield `\x1b[${Number(fact.scroll_region_upper) + 1};${Number(fact.scroll_region_lower) + 1}r`;
  yield set('1', fact.keypad_cursor_flag);
  yield fact.keypad_flag === '1' ? '\x1b=' : '\x1b>';
  yield '\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l';
  if (fact.mouse_all_flag === '1') yield '\x1b[?1003h';
  else if (fact.mouse_button_flag === '1') yield '\x1b[?1002h';
  else if (fact.mouse_standard_flag === '1') yield '\x1b[?1000h';
  if (fact.mouse_utf8_flag === '1') yield '\x1b[?1005h';
  if (fact.mouse_sgr_flag === '1') yield '\x1b[?1006h';
  const bracketed = fact.bracket_paste_flag === '' ? seen.bracketedPaste : fact.bracket_paste_flag === '1';
  if (bracketed !== null) yield set('2004', bracketed ? '1' : '0');
  const shape = ['block', 'underline', 'bar'].indexOf(fact.cursor_shape);
  if (shape >= 0) yield `\x1b[${shape * 2 + (fact.cursor_blinking === '1' ? 1 : 2)} q`;
  yield set('25', fact.cursor_flag);
}

function* cursor(fact: Facts, rows: readonly Buffer[], size: TerminalSize): Generator<string | Buffer> {
  const x = Number(fact.cursor_x);
  const y = Number(fact.cursor_y);
  if (x >= size.cols) {
    // The last column is written and the next character wraps: only writing the row again brings that about.
    for (const row of rows.slice(0, y)) yield penOf(row);
    yield at('0', fact.cursor_y);
    yield rows[y] ?? '';
    yield '\x1b[m\x0f';
  }
  if (fact.wrap_flag === '0') yield '\x1b[?7l';
  if (fact.insert_flag === '1') yield '\x1b[4h';
  if (fact.origin_flag === '1') {
    yield '\x1b[?6h';
    yield at(fact.cursor_x, String(y - Number(fact.scroll_region_upper)));
  } else if (x < size.cols) {
    yield at(fact.cursor_x, fact.cursor_y);
  }
}

/** The colours a row leaves behind, without its text. */
function penOf(row: Buffer): string {
  return (row.toString('latin1').match(/\x1b\[[0-9;:]*m|[\x0e\x0f]|\x1b\]8;[^\x1b]*\x1b\\/g) ?? []).join('');
}

function at(x: string, y: string): string {
  return `\x1b[${Number(y) + 1};${Number(x) + 1}H`;
}

function everyEight(cols: number): string {
  const columns: number[] = [];
  for (let column = 8; column < cols; column += 8) columns.push(column);
  return columns.join(',');
}

function lines(reply: ControlReply | undefined): Buffer[] {
  return reply?.lines ?? [];
}

/** Bytes that put lines into the scrollback of a terminal and leave its screen for the repaint that follows. */
export function scrolledBack(history: readonly Buffer[], rows: number): Buffer {
  const parts: Buffer[] = [Buffer.from(RESET, 'latin1')];
  for (const line of history) parts.push(line, Buffer.from('\x1b[K\r\n', 'latin1'));
  parts.push(Buffer.from('\x1b[m\x0f' + '\r\n'.repeat(Math.max(0, rows - 1)), 'latin1'));
  return Buffer.concat(parts);
}
