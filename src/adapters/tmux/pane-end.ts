/** How tmux tells that the program of a pane has ended; pure. */

export const PANE_END = '#{pane_dead} #{pane_dead_status} #{pane_dead_signal}';

export type PaneEnd =
  | { how: 'alive' }
  | { how: 'exited'; status: number }
  | { how: 'signalled'; signal: number }
  /** Its terminal is closed, but tmux knows no status: not yet, or (a signal, before 3.3) it never tells. */
  | { how: 'unclear' };

/** Reads what PANE_END expanded to. A status counts even while other processes keep the terminal open. */
export function readPaneEnd(line: string): PaneEnd {
  const [dead, status = '', signal = ''] = line.split(' ');
  if (signal !== '') return { how: 'signalled', signal: Number(signal) };
  if (status !== '') return { how: 'exited', status: Number(status) };
  return { how: dead === '1' ? 'unclear' : 'alive' };
}
