/** What a shell's journal says: pure, from lines to a view of the shell and of the tasks it ran. */

export type JournalRecord = { at: string } & (
  | { type: 'shell'; pid: number }
  | { type: 'unfit'; shell: string }
  | { type: 'prompt'; status: number }
  /** Task and nonce are undefined for a line that a person typed. */
  | { type: 'start'; task: string | undefined; nonce: string | undefined }
  | { type: 'more' }
  | { type: 'line'; token: string }
);

export interface ShellTask {
  nonce: string;
  startedAt: string;
  end?:
    | { how: 'prompt'; status: number; at: string }
    /** Another command line or another shell came first: its exit status is not known. */
    | { how: 'lost'; at: string };
}

export interface ShellView {
  shellPid: number | undefined;
  /** Set when the shell is one that cannot prove anything. */
  unfit: string | undefined;
  phase: 'starting' | 'prompt' | 'unfinished_line' | 'running';
  since: string | undefined;
  prompts: number;
  unfinishedLines: number;
  /** Command lines that began and were nobody's task. */
  handStarts: number;
  /** What our probe key found on the line, latest last. */
  line: string | undefined;
  running: string | undefined;
  /** By name of the task's directory; the latest delivery of each. */
  tasks: Map<string, ShellTask>;
}

export function emptyView(): ShellView {
  return {
    shellPid: undefined,
    unfit: undefined,
    phase: 'starting',
    since: undefined,
    prompts: 0,
    unfinishedLines: 0,
    handStarts: 0,
    line: undefined,
    running: undefined,
    tasks: new Map(),
  };
}

/** Undefined for a line that a crash cut or a person wrote. */
export function parseRecord(line: string): JournalRecord | undefined {
  const [time = '', type = '', first = '', second = ''] = line.split(' ');
  const seconds = Number(time);
  if (!Number.isFinite(seconds) || seconds < 0 || seconds > 8.64e12) return undefined;
  const at = new Date(seconds * 1000).toISOString();
  switch (type) {
    case 'shell':
      return /^\d+$/.test(first) ? { type, at, pid: Number(first) } : undefined;
    case 'unfit':
      return { type, at, shell: `${first} ${second}` };
    case 'prompt':
      return /^\d+$/.test(first) ? { type, at, status: Number(first) } : undefined;
    case 'start':
      return { type, at, task: first === '-' ? undefined : first, nonce: second === '-' ? undefined : second };
    case 'more':
      return { type, at };
    case 'line':
      return { type, at, token: first };
    default:
      return undefined;
  }
}

export function applyRecord(view: ShellView, record: JournalRecord): void {
  switch (record.type) {
    case 'shell':
      endRunning(view, { how: 'lost', at: record.at });
      Object.assign(view, { shellPid: record.pid, unfit: undefined, phase: 'starting', since: record.at });
      return;
    case 'unfit':
      view.unfit = record.shell;
      return;
    case 'prompt':
      endRunning(view, { how: 'prompt', status: record.status, at: record.at });
      Object.assign(view, { phase: 'prompt', since: record.at, prompts: view.prompts + 1 });
      return;
    case 'start':
      endRunning(view, { how: 'lost', at: record.at });
      Object.assign(view, { phase: 'running', since: record.at, running: record.task });
      if (record.task === undefined) view.handStarts += 1;
      else if (record.nonce !== undefined) view.tasks.set(record.task, { nonce: record.nonce, startedAt: record.at });
      return;
    case 'more':
      Object.assign(view, { phase: 'unfinished_line', since: record.at, unfinishedLines: view.unfinishedLines + 1 });
      return;
    case 'line':
      view.line = record.token;
  }
}

function endRunning(view: ShellView, end: NonNullable<ShellTask['end']>): void {
  const task = view.running === undefined ? undefined : view.tasks.get(view.running);
  if (task && !task.end) task.end = end;
  view.running = undefined;
}
