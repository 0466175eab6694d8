/** Whether tmux can be asked for a session at all, checked before anything is started. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SessionSpec } from '../../ports/agent-host.ts';
import { onPath } from './tmux-version.ts';

/** What tmux would cut off or take for something else. */
export function specProblem(spec: SessionSpec): string | null {
  const texts = [...spec.argv, spec.cwd, ...Object.entries(spec.env).flat()];
  if (texts.some((text) => text.includes('\0')))
    return 'an argument, the directory or the environment holds a NUL character';
  if (Object.keys(spec.env).some((name) => name === '' || name.includes('=')))
    return 'a name in the environment is empty or holds an equals sign';
  if (spec.argv[0] === '') return 'the program has no name';
  if (![spec.cols, spec.rows].every((side) => Number.isInteger(side) && side >= 1 && side <= 2_000))
    return `a terminal cannot be ${spec.cols} by ${spec.rows}`;
  return null;
}

export async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** tmux does not tell a program that could not be started from one that ended at once. */
export async function isExecutable(spec: SessionSpec): Promise<boolean> {
  const [program] = spec.argv;
  if (!program.includes('/')) return (await onPath(program, spec.env.PATH ?? '/usr/bin:/bin')) !== null;
  return access(resolve(spec.cwd, program), constants.X_OK).then(
    () => true,
    () => false,
  );
}
