/** tasks. */
import type { Command } from 'commander';
import type { CommonOptions } from '../session.ts';
import { type Act, declare, declareGroup } from './declare.ts';

export function declareTaskCommands(program: Command, act: Act): void {
  const tasks = declareGroup(program, {
    name: 'tasks',
    summary: 'See what a task changed, and merge or discard it.',
    about:
      'A task is named by its id, which `pointsman send` prints. Changes have those tasks that work in a git worktree: `send --worktree`, agents with `--worktree`, and steps of workflows with `workspace: worktree`.',
    examples: ['pointsman tasks diff 0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b'],
  });
  declare(tasks, {
    name: 'show <task>',
    summary: 'Show everything about one task.',
    examples: ['pointsman tasks show 0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b'],
  }).action(
    act(
      async (io, task: string, options: CommonOptions) =>
        await (await import('../actions/tasks.ts')).showTask(io, { ...options, task }),
    ),
  );
  declare(tasks, {
    name: 'diff <task>',
    summary: 'Show what a task changed, as a unified diff.',
    examples: ['pointsman tasks diff 0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b --stat'],
  })
    .option('--stat', 'only the files and how many lines')
    .action(
      act(
        async (io, task: string, options: CommonOptions & { stat?: boolean }) =>
          await (await import('../actions/tasks.ts')).showTaskDiff(io, { ...options, task }),
      ),
    );
  declare(tasks, {
    name: 'merge <task>',
    summary: 'Merge what a task changed into the workspace it was cut from.',
    about:
      'Prints the commit, or the files in conflict with exit code 1; then nothing was changed. Uncommitted work is never overwritten.',
    examples: ['pointsman tasks merge 0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b'],
  }).action(
    act(
      async (io, task: string, options: CommonOptions) =>
        await (await import('../actions/tasks.ts')).mergeTask(io, { ...options, task }),
    ),
  );
  declare(tasks, {
    name: 'discard <task>',
    summary: 'Remove the worktree and branch of a task with everything in them.',
    examples: ['pointsman tasks discard 0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b'],
  }).action(
    act(
      async (io, task: string, options: CommonOptions) =>
        await (await import('../actions/tasks.ts')).discardTask(io, { ...options, task }),
    ),
  );
}
