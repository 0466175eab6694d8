/** `pointsman send`: hands a task to an agent and, when asked, waits for what it answers. */
import { setTimeout as delay } from 'node:timers/promises';
import { isPointsmanError } from '../../contract/errors.ts';
import { FINISHED_TASK, type Task } from '../../contract/tasks.ts';
import type { ApiClient } from '../api-client.ts';
import { type CommandIo, readAll } from '../command-io.ts';
import { findAgent } from '../find-named.ts';
import { EXIT } from '../output/exit-codes.ts';
import { statusColour } from '../output/paint.ts';
import { printable, withoutTerminalCodes } from '../output/printable-text.ts';
import type { Printer } from '../output/printer.ts';
import { type CommonOptions, openSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

/** Often enough that a person does not notice, seldom enough that the server does not. */
const LOOK_EVERY_MS = 400;

export interface SendOptions extends CommonOptions {
  agent: string;
  words: string[];
  wait?: boolean;
  timeout?: string;
  worktree?: boolean;
}

export async function send(io: CommandIo, options: SendOptions): Promise<number> {
  const { api, print } = openSession(io, options);
  const prompt =
    options.words.length === 1 && options.words[0] === '-'
      ? (await readAll(io.stdin)).replace(/\n$/, '')
      : options.words.join(' ');
  if (prompt.trim() === '')
    throw new UsageError(
      'There is no text to send.',
      'Write it as `pointsman send AGENT "what to do"`, or pipe it in with `-`.',
    );
  const agent = await findAgent(api, options.agent);
  const task = await api.call('createTask', {
    params: { id: agent.id },
    body: {
      prompt,
      ...(options.timeout ? { timeout: options.timeout } : {}),
      ...(options.worktree ? { workspace: 'worktree' as const } : {}),
    },
  });
  if (!options.wait) {
    if (options.json) print.json(task);
    else print.line(task.id);
    print.note(`${printable(agent.name)} has it (${task.status}). Wait for results with --wait.`);
    return EXIT.ok;
  }
  const ended = await untilEnded({ io, api, task, print });
  if (!ended) {
    print.note(`\nThe task goes on without this command.`);
    return EXIT.interrupted;
  }
  if (options.json) print.json(ended);
  else if (ended.result) print.line(withoutTerminalCodes(ended.result.text).replace(/\n$/, ''));
  if (ended.status === 'succeeded') return EXIT.ok;
  const exit = ended.result?.exitCode === undefined ? '' : ` with exit status ${ended.result.exitCode}`;
  print.warn(
    `${print.paintError(statusColour(ended.status), ended.status)}${exit}${ended.error ? `: ${printable(ended.error.message)}` : ''}`,
  );
  return EXIT.failed;
}

/** The task when it has ended; undefined when Ctrl-C came first. A server that restarts meanwhile is waited for. */
async function untilEnded({
  io,
  api,
  task,
  print,
}: {
  io: CommandIo;
  api: ApiClient;
  task: Task;
  print: Printer;
}): Promise<Task | undefined> {
  const signal = io.interrupts();
  let last = task;
  for (let away = 0; !FINISHED_TASK.includes(last.status);) {
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return undefined;
    try {
      const now = await api.call('getTask', { params: { id: task.id } });
      if (now.status !== last.status && !FINISHED_TASK.includes(now.status)) {
        print.note(print.paintError(statusColour(now.status), now.status));
        if (now.status === 'blocked') print.warn('The agent waits for a decision; see `pointsman inbox`.');
      }
      [last, away] = [now, 0];
    } catch (error) {
      const restarting = isPointsmanError(error, 'SERVER_UNREACHABLE') || isPointsmanError(error, 'NOT_READY');
      if (!restarting || ++away > 600) throw error; // about four minutes
      if (away === 1) print.note('The server does not answer; waiting for it to come back.');
    }
  }
  return last;
}
