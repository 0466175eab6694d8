/** The processes of one agent: those under its pane, and those that left it but carry its mark. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessUsage } from '../../ports/agent-host.ts';
import {
  pidExists,
  processesWithEnvironment,
  readProcessTable,
  type ProcessRow,
  type ProcessTable,
} from './process-table.ts';

/** Set in every pane: by it a process is found that left its parent, its group and its terminal. */
export const AGENT_MARK = 'POINTSMAN_AGENT';

/** A process named beyond doubt. */
export interface ProcessIdentity {
  pid: number;
  startTicks: number;
}

export type ChildrenOf = ReadonlyMap<number, readonly ProcessRow[]>;

export function childrenOf(table: ProcessTable): ChildrenOf {
  const children = new Map<number, ProcessRow[]>();
  for (const row of table.values()) {
    const siblings = children.get(row.parent);
    if (siblings === undefined) children.set(row.parent, [row]);
    else siblings.push(row);
  }
  return children;
}

/** The root first, then what descends from it; empty when the pid now names another process. */
export function treeUnder(root: ProcessIdentity, table: ProcessTable, children: ChildrenOf): ProcessRow[] {
  const top = table.get(root.pid);
  if (top === undefined || top.startTicks !== root.startTicks) return [];
  const rows = [top];
  for (let index = 0; index < rows.length; index++) rows.push(...(children.get(rows[index]!.pid) ?? []));
  return rows.filter((row) => !row.zombie);
}

/** Turns trees into usage; remembers the CPU seconds of the time before to tell the percent since then. */
export class UsageMeter {
  readonly #before = new Map<string, { cpuSeconds: number; at: number }>();

  /** `now` in milliseconds of any steady clock. The first measure of an agent says 0 percent. */
  measure(agentId: string, tree: readonly ProcessRow[], now: number): ProcessUsage {
    // Waited-for children are in their parent's sum, so one that came and went between two samples counts too.
    const cpuSeconds = tree.reduce((sum, row) => sum + row.cpuSeconds, 0);
    const before = this.#before.get(agentId);
    this.#before.set(agentId, { cpuSeconds, at: now });
    const cpu =
      before === undefined || now <= before.at
        ? 0
        : (Math.max(0, cpuSeconds - before.cpuSeconds) / (now - before.at)) * 100_000;
    return { cpu, memory: tree.reduce((sum, row) => sum + row.memory, 0), processes: tree.length };
  }

  forget(agentId: string): void {
    this.#before.delete(agentId);
  }
}

const LOOK_AGAIN_MS = 25;
const FULL_LOOK_EVERY = 8; // 200 ms
const KILL_ROUNDS = 40; // one second: whoever forks faster than we kill is caught by a later round

/**
 * Ends every process of an agent: TERM, after half of the grace HUP for shells that ignore TERM, then KILL.
 * Never signals a process that only inherited the pid of one of ours, nor `spare`, nor this program.
 */
export async function endProcesses(options: {
  agentId: string;
  root: ProcessIdentity | null;
  graceMs: number;
  spare?: readonly number[];
}): Promise<void> {
  const spare = new Set([process.pid, ...(options.spare ?? [])]);
  const known = new Map<number, ProcessIdentity>();
  const look = () => livingProcesses(options, known, spare);

  let living = await look();
  if (options.graceMs > 0) {
    signal(living, 'SIGTERM');
    signal(living, 'SIGCONT'); // a stopped process takes TERM only when it goes on
    const start = performance.now();
    let hungUp = false;
    let turns = 0;
    while (living.length > 0 && performance.now() - start < options.graceMs) {
      await delay(LOOK_AGAIN_MS);
      if (!hungUp && performance.now() - start > options.graceMs / 2) {
        hungUp = true;
        signal(living, 'SIGHUP');
      }
      living = living.filter((row) => pidExists(row.pid));
      // What was started while the others ended; and of those left, some may only wait to be collected.
      if (living.length === 0 || ++turns % FULL_LOOK_EVERY === 0) living = await look();
    }
  }
  for (let round = 0; living.length > 0 && round < KILL_ROUNDS; round++) {
    signal(living, 'SIGKILL');
    await delay(LOOK_AGAIN_MS);
    living = await look();
  }
}

/** Once known, a process stays known: its parent may end first and it would be under nobody's tree. */
async function livingProcesses(
  options: { agentId: string; root: ProcessIdentity | null },
  known: Map<number, ProcessIdentity>,
  spare: ReadonlySet<number>,
): Promise<ProcessRow[]> {
  const marked = await processesWithEnvironment(AGENT_MARK, options.agentId);
  const table = await readProcessTable();
  const children = childrenOf(table);
  const roots: ProcessIdentity[] = [...known.values()];
  if (options.root !== null) roots.push(options.root);
  for (const pid of marked) {
    const row = table.get(pid);
    if (row !== undefined) roots.push(row);
  }
  const living = new Map<number, ProcessRow>();
  for (const root of roots)
    for (const row of treeUnder(root, table, children)) if (!spare.has(row.pid)) living.set(row.pid, row);
  for (const row of living.values()) known.set(row.pid, { pid: row.pid, startTicks: row.startTicks });
  return [...living.values()];
}

function signal(rows: readonly ProcessIdentity[], name: NodeJS.Signals): void {
  for (const { pid } of rows) {
    try {
      process.kill(pid, name);
    } catch {
      // it ended by itself, or changed its user: then it is not ours to end
    }
  }
}
