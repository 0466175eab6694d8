/**
 * Ends every process of one step, also those that left its process group or became daemons, and sees to it that an
 * exit record is there afterwards. The supervisor itself is spared so that it can write that record.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import type { ProcessRow, ProcessTable } from './process-table.ts';
import { fence, inspectRun, isAlive, runMarker, writeExit, type RunDirectory, type SupervisorIdentity } from './run-directory.ts';

const LOOK_AGAIN_MS = 20; // a kill is short and rare: looking is cheaper than being told
const RECORD_WITHIN_MS = 3000; // an idle supervisor writes its record in about 2 ms
const REFUSED_WITHIN_MS = 2000; // after KILL: only another user's process is still there

export async function killRun(run: RunDirectory, { graceMs, processes }: { graceMs: number; processes: ProcessTable }): Promise<void> {
  if (await fence(run)) return;
  const state = await inspectRun(run, processes);
  const supervisor = state.status === 'running' || state.status === 'unknown' ? state.supervisor : undefined;
  const members = memberFinder({ run, supervisor, marker: `POINTSMAN_STEP=${await runMarker(run)}`, processes });
  const killAt = Date.now() + graceMs;
  const asked = new Set<string>();
  let emptySince: number | undefined;
  for (;;) {
    const forced = Date.now() >= killAt;
    const left = await members();
    const busy = supervisor !== undefined && (await inspectRun(run, processes)).status === 'running';
    if (left.length === 0 && !busy) break;
    if (left.length === 0) {
      // Claimed a moment ago and its command is not there yet, or its record is about to be written.
      emptySince ??= Date.now();
      if (forced && supervisor && Date.now() > emptySince + RECORD_WITHIN_MS) signalProcess(supervisor.pid, 'SIGKILL');
    } else emptySince = undefined;
    const refused = left.filter((row) => {
      const name = `${row.pid} ${row.started}`;
      if (!forced && asked.has(name)) return false;
      asked.add(name);
      const allowed = signalProcess(row.pid, forced ? 'SIGKILL' : 'SIGTERM');
      // A stopped process takes its TERM only when it goes on.
      if (!forced) signalProcess(row.pid, 'SIGCONT');
      return !allowed;
    });
    if (refused.length > 0 && Date.now() > killAt + REFUSED_WITHIN_MS) {
      throw new Error(`${refused.length} processes of this step belong to another user and cannot be ended: ${refused.map((row) => row.pid).join(', ')}`);
    }
    await sleep(LOOK_AGAIN_MS);
  }
  await writeExit(run, 128 + (Date.now() >= killAt ? 9 : 15));
}

/** Each call looks again, and remembers what earlier calls learned of groups and sessions. */
function memberFinder({ run, supervisor, marker, processes }: { run: RunDirectory; supervisor: SupervisorIdentity | undefined; marker: string; processes: ProcessTable }): () => Promise<ProcessRow[]> {
  const known = new Map<number, string>();
  const groups = new Set<number>();
  const sessions = new Set<number>();
  const outputs = [join(run.path, 'stdout'), join(run.path, 'stderr')];
  return async () => {
    const rows = (await processes.list()).filter((row) => !row.zombie && row.pid > 1 && row.pid !== process.pid);
    const supervising = supervisor !== undefined && await isAlive(supervisor, processes) ? supervisor.pid : undefined;
    const others = rows.filter((row) => row.pid !== supervising);
    const found = new Set(await processes.marked(others, marker, outputs));
    for (const row of others) {
      if (known.get(row.pid) === row.started) found.add(row);
      // Its own session holds nobody else; a dead supervisor's number could be anybody's by now.
      else if (row.parent === supervising || row.session === supervising) found.add(row);
    }
    for (let before = -1; before !== found.size;) {
      before = found.size;
      for (const row of found) {
        known.set(row.pid, row.started);
        if (row.group !== process.pid && row.group > 1) groups.add(row.group);
        if (row.session > 1) sessions.add(row.session);
      }
      for (const row of others) {
        if (groups.has(row.group) || sessions.has(row.session) || known.has(row.parent)) found.add(row);
      }
    }
    return [...found];
  };
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
