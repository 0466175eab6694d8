/** The command line of one task on its way through a shell, and how it ended. */
import type { TaskOutcome } from '../../ports/agent-driver.ts';
import type { AgentSession, SessionExit } from '../../ports/agent-host.ts';
import { commandRecording, type CommandRecording } from './command-recording.ts';
import { withoutQuestion } from './empty-line.ts';
import { readText, type TaskFiles } from './shell-files.ts';
import type { ShellTask, ShellView } from './shell-journal.ts';

export interface TypedCommand {
  /** Of the task. */
  id: string;
  task: TaskFiles;
  /** Of this delivery: no other one of the same task has it. */
  nonce: string;
  recording: CommandRecording;
}

export function typedCommand(session: AgentSession, typed: Pick<TypedCommand, 'id' | 'task' | 'nonce'>): TypedCommand {
  const { task, nonce } = typed;
  return { ...typed, recording: commandRecording({ session, directory: task.directory, nonce }) };
}

/** Undefined when the shell has not begun it. */
export function begun({ task, nonce }: TypedCommand, view: ShellView): ShellTask | undefined {
  const record = view.tasks.get(task.name);
  return record?.nonce === nonce ? record : undefined;
}

export async function outcomeOf(
  { task, recording }: TypedCommand,
  { end, exit }: { end: ShellTask['end']; exit: SessionExit | undefined },
): Promise<TaskOutcome> {
  const text = await recording
    .finish({ open: end?.how !== 'prompt' })
    .then(withoutQuestion)
    .catch((error: unknown) => `[the output could not be read: ${messageOf(error)}]`);
  const cancelled = (await readText(task.interrupted)) !== undefined;
  const exitCode =
    end?.how === 'prompt' ? end.status : (exit?.status ?? (exit?.signal === undefined ? undefined : 128 + exit.signal));
  const result = exitCode === undefined ? { text } : { text, exitCode };
  if (cancelled) return { status: 'cancelled', result };
  if (end?.how !== 'prompt')
    return { status: 'failed', result, error: { code: 'AGENT_EXITED', message: endMessage(end, exit) } };
  if (end.status === 0) return { status: 'succeeded', result };
  return {
    status: 'failed',
    result,
    error: { code: 'COMMAND_FAILED', message: `the command ended with exit status ${end.status}` },
  };
}

function endMessage(end: ShellTask['end'], exit: SessionExit | undefined): string {
  if (exit?.how === 'exited')
    return `the shell ended with exit status ${exit.status ?? 'unknown'} while the command ran`;
  if (exit?.how === 'signalled')
    return `the shell was ended by signal ${exit.signal ?? 'unknown'} while the command ran`;
  if (end?.how === 'lost') return 'the shell went on without telling how the command ended';
  return 'the shell ended while the command ran';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
