/** The floor of the terminal workloads: the same programs in one tmux server with nobody attached. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CONFIGURATION } from '../../src/adapters/tmux/tmux-commands.ts';
import type { Workload } from './workload.ts';

/** The server's pid. */
export function startOneTmuxServer(workload: Workload, programs: readonly (readonly string[])[]): number {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'pointsman-bench-'));
  const socket = path.join(directory, 'tmux.sock');
  const configuration = path.join(directory, 'tmux.conf');
  const tmux = (args: readonly string[]) =>
    execFileSync('tmux', ['-u', '-S', socket, '-f', configuration, ...args], {
      encoding: 'utf8',
      cwd: directory,
      env: { PATH: process.env['PATH'] ?? '' },
    });
  workload.own(() => {
    try {
      tmux(['kill-server']);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
  writeFileSync(configuration, CONFIGURATION, { mode: 0o600 });
  programs.forEach((program, index) =>
    tmux(['new-session', '-d', '-s', `s${index}`, '-x', '120', '-y', '40', ...program]),
  );
  const alive = tmux(['list-panes', '-a', '-F', '#{pane_dead}'])
    .split('\n')
    .filter((line) => line === '0').length;
  if (alive !== programs.length) throw new Error(`the floor has ${alive} of ${programs.length} programs`);
  return Number(tmux(['display-message', '-p', '#{pid}']));
}
