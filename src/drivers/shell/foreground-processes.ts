/** Which processes under a shell belong to the command in the foreground; background jobs are left alone. */
import { readFile } from 'node:fs/promises';

/** `pids`: the shell first, as AgentSession.processes() tells. Where there is no /proc: everything but the shell. */
export async function foregroundProcesses(pids: readonly number[]): Promise<number[]> {
  const [shell, ...others] = pids;
  if (shell === undefined) return [];
  const shellRow = await readRow(shell);
  if (!shellRow) return others;
  const rows = (await Promise.all(others.map(readRow))).filter((row) => row !== undefined);
  const found = new Set<number>();
  // The shell's own group is in the foreground while it runs a builtin: nothing of it may be killed.
  if (shellRow.foreground !== shellRow.group) {
    for (const row of rows) if (row.group === shellRow.foreground) found.add(row.pid);
  }
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const row of rows) if (found.has(row.parent)) found.add(row.pid);
  }
  return [...found];
}

async function readRow(
  pid: number,
): Promise<{ pid: number; parent: number; group: number; foreground: number } | undefined> {
  // A process may end at any moment.
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  const [, parent, group, , , foreground] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return parent === undefined || group === undefined || foreground === undefined
    ? undefined
    : { pid, parent, group, foreground };
}
