/**
 * The files through which a Claude Code in a terminal and its driver talk. Everything is for the owner alone.
 *
 *     claude-terminal/launch.json        when the program was launched last
 *                     hook.sh            what its hooks run: posts a letter
 *                     letters/<name>.json, <name>.answer           a letter, and the FIFO of a hook that waits
 *                     bin/pointsman-editor, composer/…             how a prompt comes into its input line
 *                     cost.json          what its status line was told last
 *                     tasks/<task>.json  what became of each task
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TerminalFiles {
  directory: string;
  launch: string;
  hook: string;
  letters: string;
  bin: string;
  editor: string;
  composer: string;
  cost: string;
  tasks: string;
}

export function terminalFiles(agentDirectory: string): TerminalFiles {
  const directory = join(agentDirectory, 'claude-terminal');
  const inside = (name: string): string => join(directory, name);
  return {
    directory,
    launch: inside('launch.json'),
    hook: inside('hook.sh'),
    letters: inside('letters'),
    bin: inside('bin'),
    editor: inside('bin/pointsman-editor'),
    composer: inside('composer'),
    cost: inside('cost.json'),
    tasks: inside('tasks'),
  };
}

/** The file is there with all of its text, or as it was before. */
export function writeWhole(file: string, text: string, mode = 0o600): void {
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}
