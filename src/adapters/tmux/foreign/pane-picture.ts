/** Shows a pane of somebody else's tmux server by pictures of it, taken only while somebody watches. */
import type { TerminalEvent, TerminalSize } from '../../../ports/agent-host.ts';
import { readScreen, type Screen } from '../screen-repaint.ts';

const PICTURE_EVERY_MS = 200; // five a second: enough to follow, and one short tmux command each

export class PanePicture {
  readonly #take: () => Promise<Screen>;
  readonly #watchers = new Set<(event: TerminalEvent) => void>();
  #size: TerminalSize;
  #last: Screen | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: { size: TerminalSize; take: () => Promise<Screen> }) {
    this.#take = options.take;
    this.#size = options.size;
  }

  get size(): TerminalSize {
    return this.#size;
  }

  add(listener: (event: TerminalEvent) => void): () => void {
    this.#watchers.add(listener);
    if (this.#last !== null) show(listener, this.#last);
    if (this.#watchers.size === 1) void this.#look();
    return () => {
      this.#watchers.delete(listener);
      if (this.#watchers.size === 0) this.stop();
    };
  }

  async now(): Promise<Screen> {
    const screen = await this.#take();
    this.#size = screen.size;
    return screen;
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#last = null;
    this.#watchers.clear();
  }

  async #look(): Promise<void> {
    const screen = await this.now().catch(() => null);
    if (this.#watchers.size === 0) return;
    if (screen !== null && this.#last?.repaint.equals(screen.repaint) !== true) {
      this.#last = screen;
      for (const listener of this.#watchers) show(listener, screen);
    }
    this.#timer = setTimeout(() => void this.#look(), PICTURE_EVERY_MS).unref();
  }
}

function show(listener: (event: TerminalEvent) => void, { repaint, size }: Screen): void {
  listener({ type: 'repaint', data: repaint, size });
}

/** A screen that only says something. */
export function screenOfText(lines: readonly string[], size: TerminalSize): Screen {
  const facts = `${size.cols} ${size.rows} 0 0 0`;
  const asReply = (rows: readonly string[]) => ({ failed: false, lines: rows.map((row) => Buffer.from(row)) });
  return readScreen([asReply([facts]), asReply(lines), asReply([]), asReply([])], { bracketedPaste: null });
}
