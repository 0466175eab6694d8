/**
 * Who watches a pane and what they get: one repaint, then every byte after it; frames instead of bytes in a flood.
 * Knows the control client only as a line to ask on; opens and ends nothing.
 */
import type { TerminalEvent, TerminalSize } from '../../ports/agent-host.ts';
import type { ControlReply } from './control-protocol.ts';
import { readScreen, screenCommands, type Screen } from './screen-repaint.ts';

export type AskTmux = (
  commands: readonly string[],
  options: { opaque: boolean },
  done: (outcome: ControlReply[] | Error) => void,
) => void;

interface Watcher {
  listener: (event: TerminalEvent) => void;
  /** It has its repaint, so bytes may follow. */
  fresh: boolean;
  /** Not one byte has followed yet. */
  atCut: boolean;
}

const FLOOD_BYTES = 64 * 1024; // within FLOOD_MS: more than anybody can read, and tmux pays for every byte twice
const FLOOD_MS = 100;
const FRAME_MS = 50; // 20 repaints a second
const PROBE_EVERY_FRAMES = 10; // a screen that never rests may still have become slow: look at its bytes again
const MAX_RECUTS = 3; // a program that prints stray continuation bytes all the time must not hold us up for ever

export class TerminalWatch {
  readonly #paneId: string;
  readonly #ask: AskTmux;
  readonly #watchers = new Set<Watcher>();
  #size: TerminalSize;
  /** 'off': nobody watches and tmux keeps the bytes to itself. 'live': bytes. 'frames': a flood, repaints only. */
  #state: 'off' | 'live' | 'frames' = 'off';
  #asking = false;
  #askAgain = false;
  #windowStart = 0;
  #windowBytes = 0;
  #frameTimer: NodeJS.Timeout | null = null;
  #frames = 0;
  #lastFrame: Screen | null = null;
  #recuts = 0;
  #bracketedPaste: boolean | null = null;
  #tail = '';

  constructor(options: { paneId: string; size: TerminalSize; ask: AskTmux }) {
    this.#paneId = options.paneId;
    this.#size = options.size;
    this.#ask = options.ask;
  }

  get size(): TerminalSize {
    return this.#size;
  }

  get seenModes(): { bracketedPaste: boolean | null } {
    return { bracketedPaste: this.#bracketedPaste };
  }

  add(listener: (event: TerminalEvent) => void): () => void {
    const watcher: Watcher = { listener, fresh: false, atCut: false };
    this.#watchers.add(watcher);
    if (this.#state === 'off') this.#state = 'live';
    if (this.#state === 'live') this.#cut();
    return () => {
      if (this.#watchers.delete(watcher) && this.#watchers.size === 0) this.#rest();
    };
  }

  /** A control client was attached: tmux sends everything now, so say what is wanted. */
  connected(): void {
    this.#asking = false;
    this.#askAgain = false;
    if (this.#watchers.size === 0) this.#rest();
    else this.resync();
  }

  /** Everybody forgets what was shown and gets a repaint. */
  resync(): void {
    if (this.#state === 'off') return;
    for (const watcher of this.#watchers) watcher.fresh = false;
    if (this.#state === 'frames') this.#leaveFrames();
    this.#cut();
  }

  /** tmux dropped bytes because we were slow to read them. */
  paused(): void {
    if (this.#state === 'live') this.resync();
  }

  resized(size: TerminalSize): void {
    if (size.cols === this.#size.cols && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#tell({ type: 'resize', size });
    this.resync();
  }

  output(data: Buffer): void {
    if (this.#state !== 'live') return;
    this.#noticeModes(data);
    const continues = (data[0]! & 0xc0) === 0x80;
    let recut = false;
    for (const watcher of this.#watchers) {
      if (!watcher.fresh) continue;
      if (watcher.atCut && continues && this.#recuts < MAX_RECUTS) {
        // The cut fell inside a character: its first bytes were nowhere on the screen yet. Cut again behind it.
        watcher.fresh = false;
        recut = true;
        continue;
      }
      watcher.atCut = false;
      watcher.listener({ type: 'bytes', data });
    }
    if (recut) {
      this.#recuts++;
      this.#cut();
    } else if (!continues) {
      this.#recuts = 0;
    }
    const now = performance.now();
    if (now - this.#windowStart > FLOOD_MS) {
      this.#windowStart = now;
      this.#windowBytes = 0;
    }
    this.#windowBytes += data.length;
    if (this.#windowBytes > FLOOD_BYTES) this.#enterFrames();
  }

  /** Ends the timers; the watchers hear nothing more. */
  stop(): void {
    this.#watchers.clear();
    this.#state = 'off';
    this.#leaveFrames();
  }

  /** One instant: all bytes before it are in the repaint, all after it reach the watchers as bytes. */
  #cut(): void {
    if (this.#asking) {
      // What was asked before the reason for this cut arose may be too early for it.
      this.#askAgain = true;
      return;
    }
    this.#asking = true;
    this.#ask(
      [`refresh-client -A '${this.#paneId}:continue'`, ...screenCommands(this.#paneId)],
      { opaque: true },
      (outcome) => {
        this.#asking = false;
        if (outcome instanceof Error || this.#state !== 'live') return;
        if (this.#askAgain) {
          this.#askAgain = false;
          return this.#cut();
        }
        this.#show(readScreen(outcome.slice(1), this.seenModes), (watcher) => !watcher.fresh);
      },
    );
  }

  #show(screen: Screen, who: (watcher: Watcher) => boolean): void {
    const chosen = [...this.#watchers].filter(who);
    if (screen.size.cols !== this.#size.cols || screen.size.rows !== this.#size.rows) {
      this.#size = screen.size;
      this.#tell({ type: 'resize', size: screen.size });
    }
    for (const watcher of chosen) {
      watcher.fresh = true;
      watcher.atCut = true;
      watcher.listener({ type: 'repaint', data: screen.repaint, size: screen.size });
    }
  }

  #tell(event: TerminalEvent): void {
    for (const watcher of this.#watchers) watcher.listener(event);
  }

  #rest(): void {
    this.#leaveFrames();
    this.#state = 'off';
    this.#ask([`refresh-client -A '${this.#paneId}:pause'`], { opaque: true }, () => undefined);
  }

  #enterFrames(): void {
    this.#state = 'frames';
    this.#frames = 0;
    this.#lastFrame = null;
    this.#ask([`refresh-client -A '${this.#paneId}:pause'`], { opaque: true }, () => undefined);
    this.#frameLater();
  }

  #frameLater(): void {
    this.#frameTimer = setTimeout(() => {
      this.#frameTimer = null;
      this.#ask(screenCommands(this.#paneId), { opaque: true }, (outcome) => {
        if (outcome instanceof Error || this.#state !== 'frames') return;
        this.#frame(readScreen(outcome, this.seenModes));
      });
    }, FRAME_MS);
  }

  #frame(screen: Screen): void {
    const rested =
      this.#lastFrame !== null &&
      screen.historySize === this.#lastFrame.historySize &&
      screen.repaint.equals(this.#lastFrame.repaint);
    if (rested || ++this.#frames % PROBE_EVERY_FRAMES === 0) return this.resync();
    this.#lastFrame = screen;
    this.#show(screen, () => true);
    if (this.#state === 'frames') this.#frameLater();
  }

  /** Back to bytes; the caller asks for the cut at which they begin. */
  #leaveFrames(): void {
    if (this.#frameTimer !== null) clearTimeout(this.#frameTimer);
    this.#frameTimer = null;
    this.#lastFrame = null;
    this.#windowBytes = 0;
    if (this.#state === 'frames') this.#state = 'live';
  }

  /** tmux before 3.7 does not tell whether bracketed paste is on; while somebody watches we see it pass by. */
  #noticeModes(data: Buffer): void {
    const text = this.#tail + data.toString('latin1');
    this.#tail = text.slice(-7);
    const on = text.lastIndexOf('\x1b[?2004h');
    const off = text.lastIndexOf('\x1b[?2004l');
    if (on !== off) this.#bracketedPaste = on > off;
  }
}
