/** Watches a Codex that a person started, by the record of its conversation, and types nothing into it. */
import type { AgentConnection, Observation, ObservedStatus } from '../../../ports/agent-driver.ts';
import type { AgentSession } from '../../../ports/agent-host.ts';
import { followLines } from '../../follow-lines.ts';
import { objectIn } from '../../json-row.ts';

type Told = Extract<Observation, { type: 'status' | 'usage' }>;

export function observeCodex(options: {
  session: AgentSession;
  conversation: string;
  file: string;
  observe: (observation: Observation) => void;
}): AgentConnection {
  let status: Told | undefined;
  let usage: Told | undefined;
  const stream = followLines({
    file: options.file,
    offset: 0,
    onLine(line, { news }) {
      const told = meaningOf(line, options.conversation);
      if (told?.type === 'status') status = told;
      if (told?.type === 'usage') usage = told;
      if (told && news) options.observe(told);
    },
  });
  // Of what was there before only the last counts.
  for (const told of [status, usage]) if (told) options.observe(told);

  return {
    deliver: () =>
      Promise.resolve({
        outcome: 'refused',
        code: 'AGENT_ADOPTED',
        reason: 'it runs in its own terminal; restart it, and it takes tasks',
      }),
    interrupt: () => Promise.resolve(),
    answer: () => Promise.resolve({ outcome: 'gone', reason: 'it is answered in its own terminal' }),
    recover: () => Promise.resolve({ outcome: 'not_started' }),
    close: () => stream.close(),
  };
}

/** Undefined for the many lines that say nothing of status or use. */
export function meaningOf(line: string, conversation: string): Told | undefined {
  if (!line.includes('"event_msg"')) return undefined;
  try {
    const { timestamp, payload } = JSON.parse(line) as { timestamp: string; payload: Record<string, unknown> };
    const say = (status: ObservedStatus, reason: string): Told => ({
      type: 'status',
      status,
      reason,
      source: 'session_file',
      at: timestamp,
    });
    if (payload['type'] === 'task_started')
      return say('working', 'Codex works on a prompt, or waits in its own terminal for an answer');
    if (payload['type'] === 'task_complete') return say('idle', 'Codex waits for a prompt in its own terminal');
    if (payload['type'] === 'turn_aborted') return say('idle', 'the turn was interrupted');
    if (payload['type'] !== 'token_count') return undefined;
    const { input_tokens: input, output_tokens: output } = objectIn(objectIn(payload, 'info'), 'total_token_usage');
    if (typeof input !== 'number' || typeof output !== 'number') return undefined;
    return {
      type: 'usage',
      at: timestamp,
      taskId: null,
      conversation,
      total: { inputTokens: input, outputTokens: output, cost: 0 },
    };
  } catch {
    return undefined; // of another form
  }
}
