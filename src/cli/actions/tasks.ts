/** `pointsman tasks`: one task, what it changed in its worktree, and what becomes of that. */
import type { DiffFile, TaskDiff } from '../../contract/task-changes.ts';
import type { Task } from '../../contract/tasks.ts';
import type { CommandIo } from '../command-io.ts';
import { EXIT } from '../output/exit-codes.ts';
import { printable } from '../output/printable-text.ts';
import type { Printer } from '../output/printer.ts';
import { ago } from '../output/quantities.ts';
import { type CommonOptions, openSession } from '../session.ts';

export interface TaskOptions extends CommonOptions {
  task: string;
}

export async function showTask(io: CommandIo, options: TaskOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const task = await api.call('getTask', { params: { id: options.task } });
  if (options.json) return print.json(task);
  print.fields([
    ['id', task.id],
    ['agent', task.agentId],
    ['execution', task.executionId],
    ['status', task.status],
    ['created', ago(task.createdAt)],
    ['branch', task.workspace && `${task.workspace.branch} (${task.workspace.state})`],
    ['worktree', task.workspace?.path],
    ['prompt', task.prompt],
    ['result', task.result?.text],
    ['exit status', task.result?.exitCode?.toString()],
    ['error', task.error && `${task.error.code}: ${task.error.message}`],
  ]);
}

export async function showTaskDiff(io: CommandIo, options: TaskOptions & { stat?: boolean }): Promise<void> {
  const { api, print } = openSession(io, options);
  const diff = await api.call('getTaskDiff', { params: { id: options.task } });
  if (options.json) return print.json(diff);
  if (options.stat) printStats(diff, print);
  // A program gets it byte for byte, to apply it. A terminal is not commanded by what an agent wrote into a file.
  else if (!io.stdout.isTTY) io.stdout.write(diff.text);
  else for (const line of diff.text.split('\n').slice(0, -1)) print.line(painted(printable(line), print));
  const { files, additions, deletions } = diff.stats;
  if (files === 0) print.note('It changed nothing.');
  else print.note(`${files} ${files === 1 ? 'file' : 'files'}, +${additions} -${deletions}, on ${diff.branch}`);
  if (diff.truncated) print.warn('The diff is cut: it is too long to show whole. The branch has all of it.');
}

export async function mergeTask(io: CommandIo, options: TaskOptions): Promise<number> {
  const { api, print } = openSession(io, options);
  const merged = await api.call('mergeTask', { params: { id: options.task } });
  if (options.json) print.json(merged);
  if (merged.outcome === 'conflict') {
    if (!options.json) for (const file of merged.files) print.line(printable(file));
    print.warn('These conflict, and nothing was changed. Resolve them in the worktree of the task, then merge again.');
    return EXIT.failed;
  }
  if (merged.outcome === 'nothing_to_merge') print.note('There is nothing to merge.');
  else if (!options.json) print.line(merged.commit);
  return EXIT.ok;
}

export async function discardTask(io: CommandIo, options: TaskOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const task: Task = await api.call('discardTask', { params: { id: options.task } });
  if (options.json) print.json(task);
  print.note('Its worktree and branch are gone.');
}

function printStats(diff: TaskDiff, print: Printer): void {
  print.table<DiffFile>(
    [
      { title: 'STATUS', value: (file) => file.status },
      { title: '+', value: (file) => (file.binary ? 'binary' : String(file.additions)), align: 'right' },
      { title: '-', value: (file) => (file.binary ? '' : String(file.deletions)), align: 'right' },
      {
        title: 'FILE',
        value: (file) => (file.oldPath === undefined ? file.path : `${file.oldPath} → ${file.path}`),
        shrinks: true,
      },
    ],
    diff.files,
    'It changed nothing.',
  );
}

function painted(line: string, { paint }: Printer): string {
  if (/^(diff |index |--- |\+\+\+ )/.test(line)) return paint('bold', line);
  if (line.startsWith('@@')) return paint('cyan', line);
  if (line.startsWith('+')) return paint('green', line);
  return line.startsWith('-') ? paint('red', line) : line;
}
