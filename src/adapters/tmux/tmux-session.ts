/** One live agent session: a tmux server of its own, and the control client through which we hold it. */
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { PointsmanError } from '../../contract/errors.ts';
import type { AgentSession, SessionExit, SessionRef, TerminalEvent, TerminalSize } from '../../ports/agent-host.ts';
import { ControlError, type ControlClient } from './control-client.ts';
import type { ControlReply } from './control-protocol.ts';
import { LifeWatch, readProcessTable, readStartTicks } from './process-table.ts';
import { childrenOf, endProcesses, treeUnder, type ProcessIdentity } from './process-tree.ts';
import { readScreen, screenCommands, scrolledBack } from './screen-repaint.ts';
import { PANE_END, readPaneEnd } from './pane-end.ts';
import { announceDeath, keyCommands, leaveModes, pasteCommands, recordCommand } from './tmux-commands.ts';
import { endServer, remindServer, type ServerFiles } from './tmux-server.ts';
import type { TmuxVersion } from './tmux-version.ts';
import { TerminalWatch } from './terminal-watch.ts';

export interface SessionParts {
  ref: SessionRef;
  size: TerminalSize;
  server: ProcessIdentity;
  files: ServerFiles;
  version: TmuxVersion;
  client: ControlClient;
  /** Another control client for the same session; rejects when the server does not take one. */
  reattach(): Promise<ControlClient>;
  /** The session was removed: nobody needs to remember it. */
  forget(): void;
}

const DEFAULT_GRACE_MS = 5_000;
const LOST_GRACE_MS = 500; // the terminal has hung up on them already
const POLLS_UNTIL_CERTAIN = 4;
const COLLECT_MS = 1_000;
const LOOK_AGAIN_MS = 10;
const REATTACH_TRIES = 5;
const REATTACH_AFTER_MS = 100;
const LARGEST_SIDE = 2_000;

export class TmuxSession implements AgentSession {
  readonly ref: SessionRef;
  readonly exited: Promise<SessionExit>;
  readonly #parts: SessionParts;
  readonly #watch: TerminalWatch;
  readonly #life: LifeWatch;
  #client: ControlClient;
  #exit: SessionExit | null = null;
  #resolveExit: (exit: SessionExit) => void;
  /** We let go of the session, or remove it: the end of the client tells nothing then. */
  #released = false;
  #killing: Promise<void> | null = null;
  #missedPolls = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.ref = parts.ref;
    this.#client = parts.client;
    this.#life = new LifeWatch(parts.ref.panePid);
    const exited = Promise.withResolvers<SessionExit>();
    this.exited = exited.promise;
    this.#resolveExit = exited.resolve;
    this.#watch = new TerminalWatch({
      paneId: parts.ref.paneId,
      size: parts.size,
      ask: (commands, options, done) => this.#client.send(commands, options, done),
    });
  }

  /** Begins to hold it: listens to the client and finds out whether the pane has ended already. */
  async begin(): Promise<void> {
    await this.#hold(this.#client);
  }

  get size(): TerminalSize {
    return this.#watch.size;
  }

  async paste(text: string): Promise<void> {
    await this.#type(text, []);
  }

  async submit(text: string): Promise<void> {
    await this.#type(text, [`send-keys -t ${this.ref.paneId} -H 0d`]);
  }

  async keys(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    // Several lines, all written before the first is answered: nothing else is typed between them.
    const asked = keyCommands(this.ref.paneId, bytes).map((command) =>
      this.#ask([leaveModes(this.ref.paneId), command]),
    );
    await Promise.all(asked);
  }

  async resize(size: TerminalSize): Promise<void> {
    const cols = side(size.cols);
    const rows = side(size.rows);
    await this.#ask([`resize-window -t ${this.ref.paneId} -x ${cols} -y ${rows}`]);
    this.#watch.resized({ cols, rows });
  }

  async screen(format: 'text' | 'ansi', options: { scrollback?: number } = {}): Promise<string> {
    const { paneId } = this.ref;
    const scrollback = Math.min(Math.max(0, Math.trunc(options.scrollback ?? 0)), 100_000);
    const history = `capture-pane -p${format === 'ansi' ? ' -e' : ''} -S -${scrollback} -E -1 -t ${paneId}`;
    const commands = [...screenCommands(paneId), `capture-pane -p -t ${paneId}`, ...(scrollback > 0 ? [history] : [])];
    const replies = await this.#ask(commands, { opaque: true });
    const screen = readScreen(replies, this.#watch.seenModes);
    // Without any history tmux would give the first row of the screen for it.
    const past = screen.historySize > 0 ? (replies[5]?.lines ?? []) : [];
    if (format === 'text') return [...past, ...(replies[4]?.lines ?? [])].map((line) => line.toString()).join('\n');
    return Buffer.concat(
      past.length > 0 ? [scrolledBack(past, screen.size.rows), screen.repaint] : [screen.repaint],
    ).toString();
  }

  watch(listener: (event: TerminalEvent) => void): () => void {
    return this.#watch.add(listener);
  }

  async record(file: string | null): Promise<void> {
    await this.#ask([recordCommand(this.ref.paneId, file)]);
  }

  async processes(): Promise<number[]> {
    const table = await readProcessTable();
    return treeUnder(this.#root, table, childrenOf(table)).map((row) => row.pid);
  }

  kill(options: { graceMs?: number } = {}): Promise<void> {
    this.#killing ??= this.#end(options.graceMs ?? DEFAULT_GRACE_MS);
    return this.#killing;
  }

  /** Lets go of it without ending it. */
  async release(): Promise<void> {
    this.#released = true;
    this.#life.close();
    this.#watch.stop();
    await this.#client.detach();
  }

  get hasExited(): boolean {
    return this.#exit !== null;
  }

  get root(): ProcessIdentity {
    return this.#root;
  }

  /**
   * Costs one system call while all is well. tmux with libutempter misses the end of a program now and then (it has
   * SIGCHLD off for a moment just when the terminal closes), and does not tell one whose terminal is still in use.
   */
  async poll(): Promise<void> {
    if (this.#exit !== null || this.#released || this.#life.look() === 'alive') return;
    remindServer(this.#parts.server);
    this.#missedPolls++;
    await this.#look();
  }

  get #root(): ProcessIdentity {
    return { pid: this.ref.panePid, startTicks: this.ref.panePidStartTicks };
  }

  /** Text goes through a file, never through a command; the file is gone when tmux has read it. */
  async #type(text: string, after: readonly string[]): Promise<void> {
    if (hasControlCharacters(text)) throw new PointsmanError('PROMPT_CONTROL_CHARACTERS');
    const { paneId } = this.ref;
    if (text === '') {
      if (after.length > 0) await this.#ask([leaveModes(paneId), ...after]);
      return;
    }
    const name = randomUUID();
    const file = `${this.#parts.files.pastePrefix}${name}`;
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
    try {
      await this.#ask([
        leaveModes(paneId),
        ...pasteCommands({ paneId, buffer: `p${name}`, file, version: this.#parts.version }),
        ...after,
      ]);
    } finally {
      await rm(file, { force: true });
    }
  }

  async #ask(commands: readonly string[], options = { opaque: false }): Promise<ControlReply[]> {
    if (this.#released) throw new PointsmanError('AGENT_NOT_RUNNING', { detail: 'The session was let go.' });
    try {
      return await this.#client.request(commands, options);
    } catch (cause) {
      throw new PointsmanError('AGENT_EXITED', {
        detail: `tmux did not take the command: ${(cause as Error).message}`,
        cause,
      });
    }
  }

  async #hold(client: ControlClient): Promise<void> {
    this.#client = client;
    client.listen({
      output: (paneId, data) => {
        if (paneId === this.ref.paneId) this.#watch.output(data);
      },
      notification: (name, rest) => this.#notice(name, rest),
    });
    const [reply] = await client.request([`display-message -p '#{client_name}'`]);
    await client.request([announceDeath(this.ref.paneId, reply?.lines[0]?.toString() ?? '')]);
    this.#watch.connected();
    await this.#look();
    // Last: until here whoever called learns of the end by the request that fails.
    void client.ended.then(() => this.#clientEnded(client));
  }

  #notice(name: string, rest: string): void {
    if (name === '%pause' || name === '%continue') {
      if (name === '%pause') this.#watch.paused();
      // Either follows from our own doing, or is what the hook on the pane's end does.
      void this.#look();
    } else if (name === '%layout-change') {
      const found = /,(\d+)x(\d+),/.exec(rest);
      if (found !== null) this.#watch.resized({ cols: Number(found[1]), rows: Number(found[2]) });
    }
  }

  /** Asks tmux how the pane is; tells `exited` when it has ended. */
  async #look(): Promise<void> {
    if (this.#exit !== null || this.#client.hasEnded) return;
    try {
      const [reply] = await this.#client.request([`display-message -p -t ${this.ref.paneId} '${PANE_END}'`]);
      const end = readPaneEnd(reply?.lines[0]?.toString() ?? '');
      if (end.how === 'alive') return;
      // It may take tmux a moment to learn the status, or a reminder (see poll), or (3.2) it never tells the signal.
      if (end.how === 'unclear' && this.#missedPolls < POLLS_UNTIL_CERTAIN) return remindServer(this.#parts.server);
      this.#hasExited(end.how === 'unclear' ? { how: 'signalled', at: now() } : { ...end, at: now() });
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      if (!error.gone) this.#hasExited({ how: 'lost', at: now() }); // a server without our pane
    }
  }

  #hasExited(exit: SessionExit): void {
    if (this.#exit !== null) return;
    this.#exit = exit;
    this.#life.close();
    this.#resolveExit(exit);
  }

  async #clientEnded(client: ControlClient): Promise<void> {
    if (this.#released || this.#client !== client) return;
    for (let attempt = 0; attempt < REATTACH_TRIES; attempt++) {
      if (attempt > 0) await delay(REATTACH_AFTER_MS * attempt);
      // Somebody may have ended the client alone: as long as its server runs, nothing is lost.
      if ((await readStartTicks(this.#parts.server.pid)) !== this.#parts.server.startTicks) break;
      try {
        const next = await this.#parts.reattach();
        if (this.#released) return await next.detach();
        return await this.#hold(next);
      } catch {
        // the server may be ending just now; then the next look finds it gone
      }
    }
    if (this.#released) return;
    this.#hasExited({ how: 'lost', at: now() });
    await endProcesses({ agentId: this.ref.agentId, root: this.#root, graceMs: LOST_GRACE_MS });
    await this.#removed();
  }

  async #end(graceMs: number): Promise<void> {
    const { server, files } = this.#parts;
    await endProcesses({ agentId: this.ref.agentId, root: this.#root, graceMs, spare: [server.pid] });
    // Ended processes are tmux's to collect; what it says of the end is the truth about it.
    for (
      const start = performance.now();
      this.#exit === null && !this.#client.hasEnded && performance.now() - start < COLLECT_MS;
    ) {
      await Promise.race([this.#look(), delay(COLLECT_MS)]); // a server that is stuck itself does not hold us up
      remindServer(server);
      if (this.#exit === null) await delay(LOOK_AGAIN_MS);
    }
    this.#released = true;
    this.#watch.stop();
    await this.#client.detach();
    await endServer(server, files);
    this.#hasExited({ how: 'lost', at: now() });
    await this.#removed();
  }

  async #removed(): Promise<void> {
    this.#released = true;
    this.#life.close();
    this.#watch.stop();
    await endServer(this.#parts.server, this.#parts.files);
    this.#parts.forget();
  }
}

/** Everything a terminal could take for a key or an escape: C0 but tab and newline, DEL, C1. */
function hasControlCharacters(text: string): boolean {
  return /[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(text);
}

function side(value: number): number {
  if (!Number.isInteger(value) || value < 1 || value > LARGEST_SIDE)
    throw new PointsmanError('INVALID_REQUEST', { detail: `A terminal cannot be ${value} wide or high.` });
  return value;
}

function now(): string {
  return new Date().toISOString();
}
