/** What a shell's journal says of the shell, as a status of the agent. Pure. */
import type { ObservedStatus } from '../../ports/agent-driver.ts';
import type { ShellView } from './shell-journal.ts';

/** `isOurs`: the journal tells of the shell that runs now; `late`: the first prompt should have come. */
export function statusOf(
  view: ShellView,
  { isOurs, late }: { isOurs: boolean; late: boolean },
): [ObservedStatus, string, 'hook' | 'process'] {
  if (view.unfit !== undefined) return ['no_signal', unfitReason(view.unfit), 'process'];
  if (!isOurs || view.phase === 'starting')
    return late
      ? ['no_signal', 'the shell runs and has not loaded its integration', 'process']
      : ['starting', 'the shell has not shown its first prompt', 'process'];
  switch (view.phase) {
    case 'running':
      return [
        'working',
        view.running === undefined ? 'a command typed by hand is running' : 'the command of a task is running',
        'hook',
      ];
    case 'prompt':
      return ['idle', 'the shell is at its prompt', 'hook'];
    case 'unfinished_line':
      return ['idle', 'the shell waits for the rest of a command line', 'hook'];
  }
}

export function unfitReason(shell: string): string {
  return `${shell} cannot tell when a command line begins and ends; bash 4.4 or zsh can`;
}
