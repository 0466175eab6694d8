/** Which commands are interactive shells that can prove the start and end of a command line. Starts nothing. */
import { basename } from 'node:path';

export type ShellCommand =
  | { shell: 'bash' | 'zsh'; program: string; args: readonly string[]; login: boolean }
  /** Launched as it is; tasks are refused with this reason. */
  | { shell: 'none'; argv: readonly [string, ...string[]]; reason: string };

export function recognizeShell(command: readonly string[] = ['bash']): ShellCommand {
  const [program, ...args] = command.length > 0 ? command : ['bash'];
  if (!program) return { shell: 'none', argv: ['bash'], reason: 'the command is empty' };
  const shell = basename(program);
  if (shell !== 'bash' && shell !== 'zsh') {
    const why = /^(sh|dash|ash|ksh|mksh|fish|nu|pwsh|tcsh|csh)$/.test(shell)
      ? `${shell} cannot tell when a command line begins and ends`
      : `${JSON.stringify(program)} is not an interactive shell`;
    return { shell: 'none', argv: [program, ...args], reason: `${why}; only bash and zsh take tasks` };
  }
  const kept: string[] = [];
  let login = false;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '-i' || arg === '--norc' || arg === '--noprofile') continue;
    else if (arg === '-l' || arg === '--login') login = true;
    else if (/^[-+][oO]$/.test(arg) && args[index + 1] !== undefined && args[index + 1] !== 'posix')
      kept.push(arg, args[(index += 1)] ?? '');
    else
      return {
        shell: 'none',
        argv: [program, ...args],
        reason: `${shell} with the argument ${JSON.stringify(arg)} is not a plain interactive shell`,
      };
  }
  return { shell, program, args: kept, login };
}
