/**
 * The place where agents' sessions live (a tmux server each, or a plain process).
 * Knows terminals and processes; knows nothing of CLIs, tasks or workflows.
 */

export interface SessionSpec {
  /** The agent's id; the session's name is derived from it, never from what a person typed. */
  agentId: string;
  /** Program and arguments of the pane; run without a shell of ours in between. */
  argv: readonly [string, ...string[]];
  cwd: string;
  /** Complete environment of the pane; nothing of the server's own leaks in. */
  env: Readonly<Record<string, string>>;
  cols: number;
  rows: number;
}

/** What must be stored to find a session again after this process is gone. */
export interface SessionRef {
  agentId: string;
  sessionName: string;
  paneId: string;
  panePid: number;
  /** Start time of panePid in kernel clock ticks: with the pid it names one process for ever. */
  panePidStartTicks: number;
  /** Where it was started, when that is not where the agent lives. */
  directory?: string;
  /** The task that its conversation was begun anew for. */
  freshFor?: string;
  /** What people should know of its program, such as that it is old; null: nothing. Absent until that was found out. */
  warning?: string | null;
  /** Somebody else started it, and we only look: `paneId` is that of its terminal, `panePid` its program itself. */
  adopted?: { terminal: ForeignTerminal | null; endWith?: EndingCommand; endAlone?: true };
}

/** How a session is ended that its CLI keeps alive: a signal alone would have it started again. */
export interface EndingCommand {
  argv: readonly [string, ...string[]];
  env: Readonly<Record<string, string>>;
}

/** A pane of a tmux server that is not ours. */
export interface ForeignTerminal {
  socket: string;
  paneId: string;
  sessionName: string;
}

/** A program of this user that was not started here. */
export interface RunningProgram {
  pid: number;
  /** In kernel clock ticks: with the pid it names one process for ever. */
  startTicks: number;
  /** To the second. */
  startedAt: string;
  argv: readonly string[];
  /** The file that runs, whatever its arguments say. */
  executable: string;
  cwd: string;
  env: Readonly<Record<string, string>>;
  /** The tmux pane that it lives under; null in the background, or in a terminal without tmux. */
  terminal: ForeignTerminal | null;
}

export interface SessionExit {
  /** 'exited' with a status, 'signalled' with a signal, 'lost': the terminal server itself is gone. */
  how: 'exited' | 'signalled' | 'lost';
  status?: number;
  signal?: number;
  at: string;
}

export type OpenOutcome =
  | { outcome: 'opened'; session: AgentSession }
  | { outcome: 'failed'; code: 'TMUX_MISSING' | 'TMUX_TOO_OLD' | 'CWD_MISSING' | 'SPAWN_FAILED'; reason: string };

export type AdoptOutcome =
  | { outcome: 'adopted'; session: AgentSession }
  | { outcome: 'exited'; exit: SessionExit }
  | { outcome: 'lost'; exit: SessionExit };

export interface ProcessUsage {
  /** Percent of one core over the time since the sample before. */
  cpu: number;
  /** Bytes resident in memory, of the whole process tree. */
  memory: number;
  processes: number;
}

export interface AgentHost {
  open(spec: SessionSpec): Promise<OpenOutcome>;
  adopt(ref: SessionRef): Promise<AdoptOutcome>;
  /** What this user runs that no Pointsman started. Looks only: nothing is typed, signalled or attached to. */
  running(): Promise<RunningProgram[]>;
  /** Lets go of one adopted session, which goes on. */
  release(agentId: string): Promise<void>;
  /** Whose process that is now. */
  ownerOf(pid: number): Promise<'us' | 'somebody_else' | 'nobody'>;
  /** Every session of this data directory that is alive now, with or without an agent row. */
  list(): Promise<{ agentId: string; sessionName: string }[]>;
  /** Ends a session and its whole process tree, also one that no AgentSession is held for. */
  kill(sessionName: string): Promise<void>;
  /** CPU and memory of the process tree under each open session, by agent id. */
  sample(): Promise<ReadonlyMap<string, ProcessUsage>>;
  /** Lets go of every session without ending any. */
  close(): Promise<void>;
}

export interface TerminalSize {
  cols: number;
  rows: number;
}

export type TerminalEvent =
  /** Raw bytes as the program printed them; a character may be split over two events. */
  | { type: 'bytes'; data: Uint8Array }
  /** Forget what was shown: `data` repaints the whole screen (after a flood, a pause, a reconnect). */
  | { type: 'repaint'; data: Uint8Array; size: TerminalSize }
  | { type: 'resize'; size: TerminalSize };

export interface AgentSession {
  readonly ref: SessionRef;
  readonly size: TerminalSize;
  /** Types text as one bracketed paste, byte exact; does not submit. Control characters other than tab and newline must not be in it. */
  paste(text: string): Promise<void>;
  /** Types raw bytes, as a keyboard would. */
  keys(bytes: Uint8Array): Promise<void>;
  /** Paste and Enter as one indivisible write to the terminal. */
  submit(text: string): Promise<void>;
  resize(size: TerminalSize): Promise<void>;
  /** The screen as it is, as text, or as bytes that repaint it. */
  screen(format: 'text' | 'ansi', options?: { scrollback?: number }): Promise<string>;
  /**
   * First one `repaint`, then every later byte, nothing lost or doubled between them.
   * Returns the function that stops watching. Costs nothing while nobody watches.
   */
  watch(listener: (event: TerminalEvent) => void): () => void;
  /** Appends every byte the program prints from now on to a file, also while no server runs; null stops it. */
  record(file: string | null): Promise<void>;
  /** Resolves when the pane's program has ended or its terminal server is gone. */
  readonly exited: Promise<SessionExit>;
  /** Process ids under the pane now, the pane's own first. */
  processes(): Promise<number[]>;
  /** Ends the program and its process tree (TERM, then KILL after graceMs) and removes the session. */
  kill(options?: { graceMs?: number }): Promise<void>;
}
