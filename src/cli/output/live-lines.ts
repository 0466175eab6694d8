/** Lines that stay, above a few that are drawn anew in place: for a terminal that somebody looks at. */
import type { CommandOutput } from '../command-io.ts';
import { fitWidth } from './display-width.ts';

/** More would push what stays out of sight. */
const MOST_DRAWN = 8;

export interface LiveLines {
  /** Writes something that stays. */
  say(text: string): void;
  /** Draws these lines in place of those drawn before; they are cut to the width of the terminal. */
  draw(lines: readonly string[]): void;
}

export function createLiveLines(stream: CommandOutput): LiveLines {
  let drawn: string[] = [];

  /** Back to where the drawing begins, and everything from there on is gone. */
  function erase(): string {
    return drawn.length === 0 ? '' : `\u001b[${drawn.length}A\u001b[J`;
  }

  function shown(lines: readonly string[]): string[] {
    const width = (stream.columns ?? 80) - 1; // a full line would wrap, and then there is one more to erase
    const rest = lines.length - MOST_DRAWN;
    const fitting = rest > 0 ? [...lines.slice(0, MOST_DRAWN), `… and ${rest} more`] : lines;
    return fitting.map((line) => fitWidth(line, width));
  }

  return {
    say(text) {
      stream.write(`${erase()}${text}\n${drawn.map((line) => `${line}\n`).join('')}`);
    },
    draw(lines) {
      const next = shown(lines);
      if (next.join('\n') === drawn.join('\n')) return;
      const before = erase();
      drawn = next;
      stream.write(`${before}${next.map((line) => `${line}\n`).join('')}`);
    },
  };
}
