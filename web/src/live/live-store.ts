/**
 * Every topic somebody looks at, over one socket. Screens read whole values and are told at most 20 times a second,
 * however fast events come; a topic is left a little after its last reader went, so that going back is instant.
 */
import type { UpdatesClientFrame, UpdatesServerFrame } from '../../../src/contract/live.ts';
import { advance, type LiveEvent, type Reducer, type TopicState } from './frames.ts';

const FLUSH_EVERY_MS = 50; // at most 20 a second: faster than anybody reads, slow enough for 200 busy agents
const KEEP_UNREAD_MS = 10_000; // a look at another page and back costs nothing

/** What the store needs of a connection. */
export interface Link {
  onOpen: () => void;
  onFrame: (frame: UpdatesServerFrame) => void;
  send: (frame: UpdatesClientFrame) => void;
}

type EventListener = (event: LiveEvent | { type: 'snapshot' }) => void;

interface Entry {
  reducer: Reducer<unknown>;
  state: TopicState<unknown> | null;
  error: string | null;
  view: TopicView<unknown>;
  readers: Set<() => void>;
  listeners: Set<EventListener>;
  leaving: ReturnType<typeof setTimeout> | null;
  dirty: boolean;
}

export interface TopicView<T> {
  /** Undefined until the first snapshot. */
  data: T | undefined;
  error: string | null;
}

export const EMPTY_VIEW: TopicView<never> = Object.freeze({ data: undefined, error: null });

export class LiveStore {
  readonly #topics = new Map<string, Entry>();
  readonly #link: Link;
  readonly #beforePaint: (run: () => void) => void;
  #flushing = false;
  #flushedAt = -Infinity;

  /** `beforePaint` runs a thing once before the next frame is drawn, or soon where nothing is drawn. */
  constructor(link: Link, beforePaint: (run: () => void) => void) {
    this.#link = link;
    this.#beforePaint = beforePaint;
    link.onOpen = () => {
      for (const topic of this.#topics.keys()) this.#subscribe(topic);
    };
    link.onFrame = (frame) => this.#receive(frame);
  }

  /** Reads a topic until the returned function is called; `changed` is called at most 20 times a second. */
  read<T>(topic: string, reducer: Reducer<T>, changed: () => void): () => void {
    const entry = this.#enter(topic, reducer as Reducer<unknown>);
    entry.readers.add(changed);
    return () => {
      entry.readers.delete(changed);
      this.#leave(topic, entry);
    };
  }

  /** Every event of a topic as it comes, for what is too large to be kept as one value (log lines). */
  listen<T>(topic: string, reducer: Reducer<T>, listener: EventListener): () => void {
    const entry = this.#enter(topic, reducer as Reducer<unknown>);
    entry.listeners.add(listener);
    return () => {
      entry.listeners.delete(listener);
      this.#leave(topic, entry);
    };
  }

  view<T>(topic: string): TopicView<T> {
    // Readers of a topic agree on its reducer, which decides T.
    return (this.#topics.get(topic)?.view as TopicView<T> | undefined) ?? EMPTY_VIEW;
  }

  /** Forgets everything, for the next person to sign in. */
  clear(): void {
    for (const entry of this.#topics.values()) {
      entry.state = null;
      this.#mark(entry);
    }
  }

  #enter(topic: string, reducer: Reducer<unknown>): Entry {
    let entry = this.#topics.get(topic);
    if (!entry) {
      entry = {
        reducer,
        state: null,
        error: null,
        view: EMPTY_VIEW,
        readers: new Set(),
        listeners: new Set(),
        leaving: null,
        dirty: false,
      };
      this.#topics.set(topic, entry);
      this.#subscribe(topic);
    }
    if (entry.leaving) clearTimeout(entry.leaving);
    entry.leaving = null;
    return entry;
  }

  #leave(topic: string, entry: Entry): void {
    if (entry.readers.size > 0 || entry.listeners.size > 0 || entry.leaving) return;
    entry.leaving = setTimeout(() => {
      this.#topics.delete(topic);
      this.#link.send({ type: 'unsubscribe', topic });
    }, KEEP_UNREAD_MS);
  }

  #subscribe(topic: string): void {
    const state = this.#topics.get(topic)?.state;
    const frame: UpdatesClientFrame = state
      ? { type: 'subscribe', topic, since: state.seq }
      : { type: 'subscribe', topic };
    this.#link.send(frame);
  }

  #receive(frame: UpdatesServerFrame): void {
    const entry = frame.topic === undefined ? undefined : this.#topics.get(frame.topic);
    if (!entry || frame.topic === undefined || frame.type === 'unsubscribed') return;
    if (frame.type === 'error') {
      entry.error = frame.detail;
      this.#mark(entry);
      return;
    }
    const result = advance(entry.state, frame, entry.reducer);
    if (result.outcome === 'ignored') return;
    if (result.outcome === 'gap') {
      entry.state = null;
      this.#link.send({ type: 'subscribe', topic: frame.topic });
      return;
    }
    entry.state = result.state;
    entry.error = null;
    this.#mark(entry);
    for (const listener of entry.listeners) listener(frame.type === 'event' ? frame : { type: 'snapshot' });
  }

  /** What comes after a rest is shown with the next frame; what comes in a stream waits its turn. */
  #mark(entry: Entry): void {
    entry.dirty = true;
    if (this.#flushing) return;
    this.#flushing = true;
    const rest = this.#flushedAt + FLUSH_EVERY_MS - performance.now();
    if (rest <= 0) this.#beforePaint(() => this.#flush());
    else setTimeout(() => this.#beforePaint(() => this.#flush()), rest);
  }

  #flush(): void {
    this.#flushing = false;
    this.#flushedAt = performance.now();
    for (const entry of this.#topics.values()) {
      if (!entry.dirty) continue;
      entry.dirty = false;
      // While a gap is being repaired the last good value stays on the screen.
      entry.view = { data: entry.state ? entry.state.data : entry.view.data, error: entry.error };
      for (const reader of entry.readers) reader();
    }
  }
}
