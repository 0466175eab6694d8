/** What the facts about turns mean in the words of the port: a status with its source, and the outcome of a task. */
import type { ObservedStatus, TaskOutcome } from '../../../ports/agent-driver.ts';
import type { SessionExit } from '../../../ports/agent-host.ts';
import { endsWithQuestion } from '../../ends-with-question.ts';
import { claudeFailure, type ClaudeFailure } from '../claude-failure.ts';
import { isUp, type TurnEnd, type TurnView } from './turn-view.ts';

export function statusOf(view: TurnView): {
  status: ObservedStatus;
  source: 'process' | 'hook' | 'session_file';
  reason: string;
} {
  if (!isUp(view)) return { status: 'starting', source: 'process', reason: 'Claude Code has not shown its input line' };
  const [asked] = view.pending.values();
  if (asked)
    return {
      status: 'blocked',
      source: 'hook',
      reason: `waits for a decision about ${String(asked.body['tool_name'])}`,
    };
  if (view.live?.status === 'waiting' && !view.dialogAnswered)
    return { status: 'blocked', source: 'session_file', reason: `waits for: ${view.live.waitingFor ?? 'somebody'}` };
  if (view.open.length > 0) return { status: 'working', source: 'hook', reason: 'a prompt is being worked on' };
  if (view.live?.status === 'busy')
    return { status: 'working', source: 'session_file', reason: 'Claude Code says that it is busy' };
  // Its file comes after its hooks: it has yet to say that it goes on, and then that it rests.
  if (view.live?.status === 'waiting')
    return { status: 'working', source: 'session_file', reason: 'Claude Code goes on after a decision' };
  if (view.background > 0)
    return { status: 'working', source: 'hook', reason: 'the turn goes on when what runs in the background has ended' };
  const { last } = view;
  if (last?.how === 'failed') {
    const { status, reason } = failureOf(last);
    return { status, source: 'hook', reason };
  }
  if (last?.how === 'stopped' && endsWithQuestion(last.text))
    return { status: 'waiting_input', source: 'hook', reason: 'the last answer ends with a question' };
  return {
    status: 'idle',
    source: last?.how === 'interrupted' ? 'session_file' : 'hook',
    reason: last?.how === 'interrupted' ? 'the turn was interrupted' : 'Claude Code waits for a prompt',
  };
}

export function taskOutcome({
  end,
  interrupted,
  exit,
}: {
  end: TurnEnd;
  interrupted: boolean;
  exit: SessionExit | undefined;
}): TaskOutcome {
  const result = end.text ? { result: { text: end.text } } : {};
  if (interrupted || end.how === 'interrupted') return { status: 'cancelled', ...result };
  if (end.how === 'stopped') return { status: 'succeeded', result: { text: end.text } };
  if (end.how === 'failed') return { status: 'failed', error: failureOf(end).error };
  return { status: 'failed', error: { code: 'AGENT_EXITED', message: exitMessage(exit) } };
}

/** A number is only in the text, and not always: `API Error: 500 …`, `API Error: Request rejected (429) · …`. */
function failureOf({ error, text }: TurnEnd): ClaudeFailure {
  const named: Record<string, number> = { authentication_failed: 401, rate_limit: 429 };
  const said = /\bAPI Error: (\d{3})\b/.exec(text)?.[1];
  return claudeFailure(named[error ?? ''] ?? (said === undefined ? null : Number(said)), text);
}

function exitMessage(exit: SessionExit | undefined): string {
  if (exit?.how === 'exited') return `Claude Code ended with exit status ${exit.status ?? 'unknown'} during the turn`;
  if (exit?.how === 'signalled') return `Claude Code was ended by signal ${exit.signal ?? 'unknown'} during the turn`;
  return 'Claude Code ended during the turn';
}
