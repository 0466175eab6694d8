/**
 * Ends every process of one step, also those that left its process group or became daemons, and sees to it that an
 * exit record is there afterwards. The supervisor itself is spared so that it can write that record.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import type { ProcessRow, ProcessTable } from './process-table.ts';
import {
  fence,
  inspectRun,
  isAlive,
  readSupervisor,
  runMarker,
  writeExit,
  type RunDirectory,
  type SupervisorIdentity,
} from './run-directory.ts';

const LOOK_AGAIN_MS = 20; // a kill is short and rare: looking is cheaper than being told
const RECORD_WITHIN_MS = 3000; // an idle supervisor writes its record in about 2 ms
const LOOKS_WITHOUT_ANY = 3; // a process that is just forking or in an exec can be missed once
const SILENT_FOR_MS = 500; // no exec takes that long: the process simply has no environment
const REFUSED_WITHIN_MS = 2000; // after KILL: only another user's process is still there

export async function killRun(
  run: RunDirectory,
  { graceMs, processes }: { graceMs: number; processes: ProcessTable },
): Promise<void> {
  if (await fence(run)) return;
  const supervisor = await readSupervisor(run);
  const members = memberFinder({ run, supervisor, marker: `POINTSMAN_STEP=${await runMarker(run)}`, processes });
  const killAt = Date.now() + graceMs;
  const asked = new Set<string>();
  let emptySince: number | undefined;
  let emptyLooks = 0;
  let killed = false;
  for (;;) {
    const forced = Date.now() >= killAt;
    const { left, undecided } = await members();
    const busy = (await inspectRun(run, processes)).status === 'running';
    emptyLooks = left.length === 0 && !undecided && !busy ? emptyLooks + 1 : 0;
    if (emptyLooks === LOOKS_WITHOUT_ANY) break;
    if (left.length === 0) {
      // Claimed a moment ago and its command is not there yet, or its record is about to be written.
      emptySince ??= Date.now();
      if (forced && busy && supervisor && Date.now() > emptySince + RECORD_WITHIN_MS)
        signalProcess(supervisor.pid, 'SIGKILL');
    } else emptySince = undefined;
    const refused = left.filter((row) => {
      const name = `${row.pid} ${row.started}`;
      if (!forced && asked.has(name)) return false;
      asked.add(name);
      if (forced) killed = true;
      const allowed = signalProcess(row.pid, forced ? 'SIGKILL' : 'SIGTERM');
      // A stopped process takes its TERM only when it goes on.
      if (!forced) signalProcess(row.pid, 'SIGCONT');
      return !allowed;
    });
    if (refused.length > 0 && Date.now() > killAt + REFUSED_WITHIN_MS) {
      throw new Error(
        `${refused.length} processes of this step belong to another user and cannot be ended: ${refused.map((row) => row.pid).join(', ')}`,
      );
    }
    await sleep(LOOK_AGAIN_MS);
  }
  await writeExit(run, 128 + (killed ? 9 : 15));
}

/** Each call looks again, and remembers what earlier calls learned of groups and sessions. */
function memberFinder({
  run,
  supervisor,
  marker,
  processes,
}: {
  run: RunDirectory;
  supervisor: SupervisorIdentity | undefined;
  marker: string;
  processes: ProcessTable;
}): () => Promise<{ left: ProcessRow[]; undecided: boolean }> {
  const known = new Map<number, string>();
  const groups = new Set<number>();
  const sessions = new Set<number>();
  const silentSince = new Map<string, number>();
  const outputs = [join(run.path, 'stdout'), join(run.path, 'stderr')];
  return async () => {
    const supervising = supervisor !== undefined && (await isAlive(supervisor, processes)) ? supervisor.pid : undefined;
    const all = await processes.list();
    const others = all.filter(
      (row) =>
        !row.zombie && row.pid > 1 && row.pid !== process.pid && row.pid !== supervising && !isOlder(row, supervisor),
    );
    const marked = await processes.marked(others, marker, outputs);
    const found = new Set(marked.found);
    for (const row of others) {
      if (known.get(row.pid) === row.started) found.add(row);
      // Its own session holds nobody else; a dead supervisor's number could be anybody's by now.
      else if (supervising !== undefined && (row.parent === supervising || row.session === supervising)) found.add(row);
    }
    for (let before = -1; before !== found.size;) {
      before = found.size;
      for (const row of found) {
        known.set(row.pid, row.started);
        if (row.group > 1) groups.add(row.group);
        if (row.session > 1) sessions.add(row.session);
      }
      for (const row of others) {
        if (groups.has(row.group) || sessions.has(row.session) || known.has(row.parent)) found.add(row);
      }
    }
    // One whose parent is somebody else's live process is not ours; an orphan is a child of whoever reaps here.
    const reapers = ancestors(process.ppid, all);
    const undecided = marked.silent.filter((row) => {
      if (found.has(row) || !reapers.has(row.parent)) return false;
      const name = `${row.pid} ${row.started}`;
      const since = silentSince.get(name) ?? Date.now();
      silentSince.set(name, since);
      return Date.now() < since + SILENT_FOR_MS;
    });
    return { left: [...found], undecided: undecided.length > 0 };
  };
}

function ancestors(pid: number, rows: readonly ProcessRow[]): Set<number> {
  const parents = new Map(rows.map((row) => [row.pid, row.parent]));
  const found = new Set([1]);
  for (let next: number | undefined = pid; next !== undefined && next > 0 && !found.has(next); next = parents.get(next))
    found.add(next);
  return found;
}

/** Nothing that was there before the supervisor can be the step's. */
function isOlder(row: ProcessRow, supervisor: SupervisorIdentity | undefined): boolean {
  const [own, first] = [Number(row.started), Number(supervisor?.started)];
  return own < first;
}

/** False when it belongs to somebody we may not signal. */
function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'EPERM');
  }
}
