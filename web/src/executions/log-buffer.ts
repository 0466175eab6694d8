/** An execution's log lines in order and without doubles, whatever order pages and live lines come in; pure but for its own list. */
import type { ExecutionLogLine } from '../../../src/contract/executions.ts';

export class LogBuffer {
  readonly lines: ExecutionLogLine[] = [];

  get last(): number {
    return this.lines.at(-1)?.seq ?? 0;
  }

  /** True when a line was new. */
  add(incoming: readonly ExecutionLogLine[]): boolean {
    let added = false;
    for (const line of incoming) {
      if (line.seq > this.last || this.lines.length === 0) {
        this.lines.push(line);
        added = true;
        continue;
      }
      const at = this.#placeOf(line.seq);
      if (this.lines[at]?.seq === line.seq) continue;
      this.lines.splice(at, 0, line);
      added = true;
    }
    return added;
  }

  #placeOf(seq: number): number {
    let low = 0;
    let high = this.lines.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.lines[middle]?.seq ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
