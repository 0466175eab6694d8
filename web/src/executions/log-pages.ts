/** The lines of a log of any length as pages, of which only some are here; pure but for its own list. */
import type { ExecutionLogLine, LogOutline } from '../../../src/contract/executions.ts';

interface LogPage {
  /** The number of its first line: its name. */
  first: number;
  count: number;
  lines: ExecutionLogLine[] | null;
  /** Grows with every use; the least used one is let go first. */
  used: number;
}

const MOST_LOADED = 60; // pages: enough for any screen and what was just looked at

export class LogPages {
  #pages: LogPage[] = [];
  #every = 1_000;
  #uses = 0;

  get total(): number {
    return this.#pages.reduce((sum, page) => sum + page.count, 0);
  }

  /** The number of the newest line that is here or was counted. */
  get last(): number {
    const page = this.#pages.at(-1);
    return page?.lines?.at(-1)?.seq ?? page?.first ?? 0;
  }

  /** As the server says it is; full pages that were here stay. */
  reset({ lines, marks, every }: LogOutline): void {
    const before = new Map(this.#pages.map((page) => [page.first, page]));
    this.#every = every;
    this.#pages = marks.map((first, index) => {
      const count = index === marks.length - 1 ? lines - index * every : every;
      const known = before.get(first);
      const same = known?.lines && known.count === count;
      return { first, count, lines: same ? known.lines : null, used: known?.used ?? 0 };
    });
  }

  lineAt(index: number): ExecutionLogLine | undefined {
    const found = this.#at(index);
    if (!found?.page.lines) return undefined;
    return found.page.lines[found.offset];
  }

  /** Names of the pages between two places that are not here. */
  missing(from: number, to: number): number[] {
    const wanted: number[] = [];
    let start = 0;
    for (const page of this.#pages) {
      if (start < to && start + page.count > from) {
        page.used = this.#uses += 1;
        if (!page.lines) wanted.push(page.first);
      }
      start += page.count;
    }
    return wanted;
  }

  /** What to ask for: everything after one number and before another. */
  bounds(first: number): { after: number; before?: number } {
    const next = this.#pages[this.#pages.findIndex((page) => page.first === first) + 1];
    return { after: first - 1, ...(next ? { before: next.first } : {}) };
  }

  put(first: number, lines: readonly ExecutionLogLine[]): void {
    const page = this.#pages.find((one) => one.first === first);
    if (!page || lines.length === 0) return;
    page.lines = [...lines];
    page.count = lines.length;
    page.used = this.#uses += 1;
    this.#letGo();
  }

  /** Lines as they are written. Those of pages that are not here are read with their page. True when one was new. */
  add(lines: readonly ExecutionLogLine[]): boolean {
    let added = false;
    for (const line of lines) {
      const page = this.#pages.findLast((one) => one.first <= line.seq) ?? this.#pages[0];
      const newest = page === undefined || page === this.#pages.at(-1);
      if (!page || (newest && page.count >= this.#every && line.seq > this.last)) {
        this.#pages.push({ first: line.seq, count: 1, lines: [line], used: (this.#uses += 1) });
        this.#letGo();
        added = true;
        continue;
      }
      if (!page.lines) continue;
      const at = placeOf(page.lines, line.seq);
      if (page.lines[at]?.seq === line.seq) continue;
      page.lines.splice(at, 0, line);
      page.count += 1;
      page.first = Math.min(page.first, line.seq);
      added = true;
    }
    return added;
  }

  /** Which page a line is on, by its name. */
  pageOf(seq: number): number | null {
    return (this.#pages.findLast((page) => page.first <= seq) ?? this.#pages[0])?.first ?? null;
  }

  /** Where a line is, or the first one after it; null when its page is not here. */
  indexOf(seq: number): number | null {
    let start = 0;
    const first = this.pageOf(seq);
    for (const page of this.#pages) {
      if (page.first === first) return page.lines ? start + placeOf(page.lines, seq) : null;
      start += page.count;
    }
    return null;
  }

  #at(index: number): { page: LogPage; offset: number } | null {
    let start = 0;
    for (const page of this.#pages) {
      if (index < start + page.count) return { page, offset: index - start };
      start += page.count;
    }
    return null;
  }

  #letGo(): void {
    const newest = this.#pages.at(-1);
    const loaded = this.#pages.filter((page) => page.lines && page !== newest).toSorted((a, b) => a.used - b.used);
    for (const page of loaded.slice(0, Math.max(0, loaded.length + 1 - MOST_LOADED))) page.lines = null;
  }
}

/** The place of a number in lines that are in order, or where it would be. */
function placeOf(lines: readonly ExecutionLogLine[], seq: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lines[middle]?.seq ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
