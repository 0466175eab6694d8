/**
 * A session that a person started, held without touching it: its program is watched, its pane is looked at. It is typed
 * into only for whoever holds the seat, and ended only when somebody asks for that.
 */
import { execFile } from 'node:child_process';
import { PointsmanError } from '../../../contract/errors.ts';
import type {
  AgentSession,
  EndingCommand,
  SessionExit,
  SessionRef,
  TerminalEvent,
  TerminalSize,
} from '../../../ports/agent-host.ts';
import { LifeWatch, readProcessTable } from '../process-table.ts';
import { childrenOf, endProcesses, treeUnder, type ProcessIdentity } from '../process-tree.ts';
import { readScreen, screenCommands, scrolledBack } from '../screen-repaint.ts';
import { checkedPane, keyCommands, leaveModes } from '../tmux-commands.ts';
import { askTmux } from './foreign-panes.ts';
import { PanePicture, screenOfText } from './pane-picture.ts';

/** A pane that was found to hold the program. */
export interface HeldPane {
  tmux: string;
  socket: string;
  paneId: string;
  /** What was started in it: another server on the same socket may use the same pane id. */
  pid: number;
}

const DEFAULT_GRACE_MS = 5_000;
const ENDS_WITHIN_MS = 20_000; // it takes half a second, and starts a service where none runs
const NO_TERMINAL = ['This session has no terminal that can be shown here.', 'Restart the agent to see its own.'];
const SIZE_WITHOUT_TERMINAL = { cols: 80, rows: 24 };

export class AdoptedSession implements AgentSession {
  readonly ref: SessionRef;
  readonly exited: Promise<SessionExit>;
  readonly #pane: HeldPane | null;
  readonly #picture: PanePicture;
  readonly #life: LifeWatch;
  readonly #forget: () => void;
  #resolveExit: (exit: SessionExit) => void;
  #exit: SessionExit | null = null;
  #released = false;

  constructor(options: { ref: SessionRef; pane: HeldPane | null; forget: () => void }) {
    this.ref = options.ref;
    this.#pane = options.pane;
    this.#forget = options.forget;
    this.#life = new LifeWatch(options.ref.panePid);
    const exited = Promise.withResolvers<SessionExit>();
    this.exited = exited.promise;
    this.#resolveExit = exited.resolve;
    this.#picture = new PanePicture({
      size: SIZE_WITHOUT_TERMINAL,
      take: async () =>
        this.#pane === null ? screenOfText(NO_TERMINAL, SIZE_WITHOUT_TERMINAL) : readScreen(await this.#look(), UNSEEN),
    });
  }

  /** Learns the size of the pane. */
  async begin(): Promise<void> {
    await this.#picture.now().catch(() => undefined);
  }

  get size(): TerminalSize {
    return this.#picture.size;
  }

  paste(): Promise<void> {
    return Promise.reject(new PointsmanError('AGENT_ADOPTED'));
  }

  submit(): Promise<void> {
    return Promise.reject(new PointsmanError('AGENT_ADOPTED'));
  }

  async keys(bytes: Uint8Array): Promise<void> {
    const pane = this.#pane;
    if (pane === null) throw new PointsmanError('NO_TERMINAL', { detail: NO_TERMINAL.join(' ') });
    for (const command of bytes.length === 0 ? [] : keyCommands(pane.paneId, bytes)) {
      const same = `if-shell -F -t ${pane.paneId} '#{==:#{pane_pid},${pane.pid}}'`;
      const answered = await askTmux(pane.tmux, pane.socket, [
        `${same} '${leaveModes(pane.paneId)} ; ${command}'`,
        `display-message -p -t ${pane.paneId} '#{pane_pid}'`,
      ]);
      if (answered.at(-1)?.lines[0]?.toString() !== String(pane.pid)) throw gone();
    }
  }

  /** It is somebody else's window. */
  async resize(): Promise<void> {}

  async screen(format: 'text' | 'ansi', options: { scrollback?: number } = {}): Promise<string> {
    const pane = this.#pane;
    if (pane === null)
      return format === 'text' ? NO_TERMINAL.join('\n') : (await this.#picture.now()).repaint.toString();
    const scrollback = Math.min(Math.max(0, Math.trunc(options.scrollback ?? 0)), 100_000);
    const replies = await this.#look([
      `capture-pane -p -t ${pane.paneId}`,
      ...(scrollback > 0
        ? [`capture-pane -p${format === 'ansi' ? ' -e' : ''} -S -${scrollback} -E -1 -t ${pane.paneId}`]
        : []),
    ]);
    const screen = readScreen(replies, UNSEEN);
    const past = screen.historySize > 0 ? (replies[5]?.lines ?? []) : [];
    if (format === 'text') return [...past, ...(replies[4]?.lines ?? [])].map((line) => line.toString()).join('\n');
    return Buffer.concat(
      past.length > 0 ? [scrolledBack(past, screen.size.rows), screen.repaint] : [screen.repaint],
    ).toString();
  }

  watch(listener: (event: TerminalEvent) => void): () => void {
    return this.#picture.add(listener);
  }

  record(): Promise<void> {
    return Promise.reject(new PointsmanError('AGENT_ADOPTED'));
  }

  async processes(): Promise<number[]> {
    const table = await readProcessTable();
    return treeUnder(this.root, table, childrenOf(table)).map((row) => row.pid);
  }

  async kill({ graceMs = DEFAULT_GRACE_MS }: { graceMs?: number } = {}): Promise<void> {
    const { endWith, endAlone } = this.ref.adopted ?? {};
    if (endWith) await runEnding(endWith);
    await endProcesses({
      agentId: this.ref.agentId,
      root: this.root,
      graceMs,
      spare: endAlone ? (await this.processes()).slice(1) : [],
    });
    this.#hasExited();
    await this.release();
    this.#forget();
  }

  /** Lets go of it; it goes on. */
  async release(): Promise<void> {
    this.#released = true;
    this.#picture.stop();
    this.#life.close();
  }

  get hasExited(): boolean {
    return this.#exit !== null;
  }

  get root(): ProcessIdentity {
    return { pid: this.ref.panePid, startTicks: this.ref.panePidStartTicks };
  }

  async poll(): Promise<void> {
    if (this.#exit === null && !this.#released && this.#life.look() !== 'alive') this.#hasExited();
  }

  /** Nobody tells the status of a process that is not our child. */
  #hasExited(): void {
    if (this.#exit !== null) return;
    this.#exit = { how: 'exited', at: new Date().toISOString() };
    this.#resolveExit(this.#exit);
  }

  /** Replies to `screenCommands` and those after them, when the pane is still the one that was found. */
  async #look(after: readonly string[] = []) {
    const pane = this.#pane;
    if (pane === null) throw gone();
    const [pid, ...replies] = await askTmux(pane.tmux, pane.socket, [
      `display-message -p -t ${checkedPane(pane.paneId)} '#{pane_pid}'`,
      ...screenCommands(pane.paneId),
      ...after,
    ]);
    if (pid?.lines[0]?.toString() !== String(pane.pid)) throw gone();
    return replies;
  }
}

/** Whatever it answers: what still runs then is ended as anything else. */
function runEnding({ argv: [program, ...args], env }: EndingCommand): Promise<void> {
  return new Promise((done) => {
    const ending = execFile(program, args, { env: { ...env }, cwd: '/', timeout: ENDS_WITHIN_MS }, () => done());
    ending.stdin?.end();
  });
}

const UNSEEN = { bracketedPaste: null };

function gone(): PointsmanError {
  return new PointsmanError('AGENT_EXITED', { detail: 'The terminal in which it was found is gone.' });
}
