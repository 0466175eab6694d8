/** The log of one execution as it is looked at: what is in sight is read, and every new line comes by itself. */
import type { ExecutionLogLine, LogFilter } from '../../../src/contract/executions.ts';
import { request } from '../api/request.ts';
import { liveStore } from '../live/live.ts';
import { executionReducer } from '../live/reducers.ts';
import { plainText } from './ansi-spans.ts';
import { LogPages } from './log-pages.ts';

const PAGE = 1_000;
const SHOW_EVERY_MS = 100;
/** What flies past while somebody drags the scrollbar is not read, only where it is at such moments. */
const READ_EVERY_MS = 100;
/** After a larger leap it is cheaper to ask where things are than to read all that lies between. */
const MOST_CAUGHT_UP = 5 * PAGE;

export interface LogState {
  /** Changes with everything that is here. */
  version: number;
  loading: boolean;
  error: unknown;
}

export class LogSource {
  readonly pages = new LogPages();
  readonly #id: string;
  readonly #filter: LogFilter;
  readonly #wanted: string;
  readonly #listeners = new Set<() => void>();
  readonly #reading = new Map<number, Promise<void>>();
  #state: LogState = { version: 0, loading: true, error: null };
  #gone = new AbortController();
  #leave: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** What was asked for during the pause. */
  #next: { from: number; to: number } | null = null;
  #pause: ReturnType<typeof setTimeout> | null = null;
  #catching: Promise<void> | null = null;
  #again = false;

  constructor(id: string, filter: LogFilter) {
    this.#id = id;
    this.#filter = filter;
    this.#wanted = (filter.search ?? '').toLowerCase();
  }

  readonly state = (): LogState => this.#state;

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  };

  open(): void {
    this.#gone = new AbortController();
    this.#catchUp('all');
    this.#leave = liveStore.listen(`execution:${this.#id}`, executionReducer, (event) => {
      if (event.type === 'snapshot') this.#catchUp('all');
      else if (event.event === 'log.appended') {
        const { lines, total = lines.length } = event.data as { lines: ExecutionLogLine[]; total?: number };
        // Of many lines only the last are sent.
        if (this.#catching || total > lines.length) this.#catchUp(total > MOST_CAUGHT_UP ? 'all' : 'new');
        else if (this.pages.add(lines.filter((line) => this.#fits(line)))) this.#show();
      }
    });
  }

  close(): void {
    this.#gone.abort();
    this.#leave?.();
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#pause) clearTimeout(this.#pause);
    this.#timer = null;
    this.#pause = null;
    this.#next = null;
    this.#catching = null;
  }

  /** Reads what is not here between two places, at once or a moment later, when another place may have taken theirs. */
  need(from: number, to: number): void {
    if (this.#pause) {
      this.#next = { from, to };
      return;
    }
    const missing = this.pages.missing(from, to);
    if (missing.length === 0) return;
    for (const first of missing) void this.#readPage(first);
    this.#pause = setTimeout(() => {
      const next = this.#next;
      this.#pause = null;
      this.#next = null;
      if (next) this.need(next.from, next.to);
    }, READ_EVERY_MS);
  }

  /** Where a line is, or the one after it. */
  async find(seq: number): Promise<number | null> {
    const first = this.pages.pageOf(seq);
    if (first === null) return null;
    if (this.pages.indexOf(seq) === null) await this.#readPage(first);
    return this.pages.indexOf(seq);
  }

  async line(index: number): Promise<ExecutionLogLine | undefined> {
    await Promise.all(this.pages.missing(index, index + 1).map((first) => this.#readPage(first)));
    return this.pages.lineAt(index);
  }

  #readPage(first: number): Promise<void> {
    const under = this.#reading.get(first);
    if (under) return under;
    const reading = this.#attempt(async () => {
      let { after, before } = this.pages.bounds(first);
      const lines: ExecutionLogLine[] = [];
      for (let more = true; more;) {
        const page = await this.#read({ after, before });
        lines.push(...page);
        after = page.at(-1)?.seq ?? after;
        // The newest page may have grown by more than one meanwhile: the rest comes as new lines.
        more = page.length === PAGE && before !== undefined;
      }
      this.pages.put(first, lines);
    }).finally(() => this.#reading.delete(first));
    this.#reading.set(first, reading);
    return reading;
  }

  #catchUp(what: 'all' | 'new'): void {
    if (this.#catching) {
      this.#again = true;
      return;
    }
    this.#again = false;
    const catching = this.#attempt(async () => {
      if (what === 'all' || this.pages.total === 0) {
        const params = { id: this.#id };
        const { signal } = this.#gone;
        const outline = await request('GET /api/executions/{id}/logs/outline', { params, query: this.#filter, signal });
        this.pages.reset(outline);
        await Promise.all(this.pages.missing(outline.lines - 1, outline.lines).map((first) => this.#readPage(first)));
      }
      for (let more = true; more;) {
        const page = await this.#read({ after: this.pages.last });
        this.pages.add(page);
        more = page.length === PAGE;
      }
    }).finally(() => {
      if (this.#catching !== catching) return; // closed, and opened again
      this.#catching = null;
      if (this.#again && !this.#gone.signal.aborted) this.#catchUp('new');
    });
    this.#catching = catching;
  }

  #read(between: { after: number; before?: number | undefined }): Promise<ExecutionLogLine[]> {
    return request('GET /api/executions/{id}/logs', {
      params: { id: this.#id },
      query: { ...this.#filter, ...between, limit: PAGE },
      signal: this.#gone.signal,
    });
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    const { signal } = this.#gone;
    try {
      await work();
      if (!signal.aborted) this.#change({ loading: false, error: null });
    } catch (error) {
      if (!signal.aborted) this.#change({ loading: false, error });
    }
  }

  #fits(line: ExecutionLogLine): boolean {
    const { node, step } = this.#filter;
    return (
      (node === undefined || line.nodeId === node) &&
      (step === undefined || line.stepId === step) &&
      (this.#wanted === '' || plainText(line.text).toLowerCase().includes(this.#wanted))
    );
  }

  #show(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#change({});
    }, SHOW_EVERY_MS);
  }

  #change(to: Partial<LogState>): void {
    this.#state = { ...this.#state, ...to, version: this.#state.version + 1 };
    for (const listener of this.#listeners) listener();
  }
}
