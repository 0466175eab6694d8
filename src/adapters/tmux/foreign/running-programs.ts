/** Lists what this user runs that no Pointsman started, with arguments, directory and environment. Only reads. */
import { readFileSync, readlinkSync } from 'node:fs';
import type { RunningProgram } from '../../../ports/agent-host.ts';
import { pidExists, readProcessTable, type ProcessTable } from '../process-table.ts';
import { AGENT_MARK } from '../process-tree.ts';
import { findPanes } from './foreign-panes.ts';

/** `tmux`: null when there is none; then nothing has a terminal. Empty where the system has no /proc. */
export async function runningPrograms(tmux: string | null): Promise<RunningProgram[]> {
  const table = await readProcessTable();
  const programs = [...table.values()].flatMap(({ pid, startTicks, zombie }) => {
    const seen = zombie || pid === process.pid ? null : look(pid);
    return seen === null ? [] : [{ ...seen, pid, startTicks, startedAt: startOf(startTicks), terminal: null }];
  });
  if (tmux === null) return programs;
  const panes = await findPanes(
    tmux,
    programs.map(({ env }) => env['TMUX'] ?? ''),
  );
  return programs.map((program) => ({ ...program, terminal: paneOver(program.pid, { panes, table }) }));
}

const TICKS_PER_SECOND = 100; // USER_HZ, see process-table.ts

function startOf(startTicks: number): string {
  const boot = Number(/^btime (\d+)/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1] ?? 0);
  return new Date(Math.floor(boot + startTicks / TICKS_PER_SECOND) * 1000).toISOString();
}

/** By its real and effective user, which no program of another user can choose. */
export function ownerOf(pid: number): 'us' | 'somebody_else' | 'nobody' {
  if (!pidExists(pid)) return 'nobody';
  return isOurs(pid) ? 'us' : 'somebody_else';
}

function isOurs(pid: number): boolean {
  try {
    const [, real, effective] = /^Uid:\s+(\d+)\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return Number(real) === process.getuid?.() && Number(effective) === process.geteuid?.();
  } catch {
    return false; // it has ended meanwhile
  }
}

function look(pid: number): Pick<RunningProgram, 'argv' | 'executable' | 'cwd' | 'env'> | null {
  if (!isOurs(pid)) return null;
  try {
    const argv = words(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    const env = Object.fromEntries(
      words(readFileSync(`/proc/${pid}/environ`, 'utf8')).map((setting) => {
        const at = setting.indexOf('=');
        return [setting.slice(0, at), setting.slice(at + 1)];
      }),
    );
    // Kernel threads have no arguments.
    if (argv.length === 0 || AGENT_MARK in env) return null;
    return { argv, env, executable: readlinkSync(`/proc/${pid}/exe`), cwd: readlinkSync(`/proc/${pid}/cwd`) };
  } catch {
    return null;
  }
}

function words(text: string): string[] {
  return text.split('\0').filter((word) => word !== '');
}

/** The pane whose own program is this one or stands above it. */
export function paneOver<Pane>(
  pid: number,
  { panes, table }: { panes: ReadonlyMap<number, Pane>; table: ProcessTable },
): Pane | null {
  for (let row = table.get(pid), steps = 0; row !== undefined && steps < 1000; row = table.get(row.parent), steps++) {
    const pane = panes.get(row.pid);
    if (pane !== undefined) return pane;
  }
  return null;
}
