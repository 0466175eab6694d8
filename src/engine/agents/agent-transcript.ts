/**
 * The conversation of an agent: what its CLI recorded, with the tasks in whose time it was said, or the tasks alone where
 * there is no such record.
 */
import type { AgentRecord, TaskRecord } from '../../ports/store/agents.ts';
import type { Store } from '../../ports/store/store.ts';
import type { TranscriptPage, TranscriptRange } from '../../ports/transcript.ts';
import type { AgentSupervisor } from './agent-supervisor.ts';

/** So many tasks are looked through for the times of one page. */
const TASKS_PER_PAGE = 200;
/** A CLI may note a prompt a moment before we have noted that it was given. */
const CLOCK_SLACK_MS = 1_000;

interface TranscriptContext {
  store: Pick<Store, 'tasks'>;
  agents: Pick<AgentSupervisor, 'transcript'>;
}

export async function agentTranscript(
  { store, agents }: TranscriptContext,
  { agent, ...range }: TranscriptRange & { agent: AgentRecord },
): Promise<TranscriptPage> {
  const isOfTasks = range.before !== undefined && !range.before.includes('~');
  const recorded = isOfTasks ? null : await agents.transcript(agent, range);
  if (!recorded || (recorded.entries.length === 0 && range.before === undefined))
    return tasksOnly(store, agent.id, range);
  const newest = recorded.entries.at(-1)?.at;
  const tasks =
    newest === undefined
      ? []
      : await store.tasks.list(agent.id, { limit: TASKS_PER_PAGE, before: idAfter(Date.parse(newest)) });
  return {
    ...recorded,
    entries: recorded.entries.map((entry) => {
      const at = Date.parse(entry.at);
      const task = tasks.find((one) => isIn(one, at, 0)) ?? tasks.find((one) => isIn(one, at, CLOCK_SLACK_MS));
      return task ? { ...entry, taskId: task.id } : entry;
    }),
  };
}

/** An agent does one task at a time. */
function isIn({ receipts }: TaskRecord, at: number, slackMs: number): boolean {
  const began = receipts.typedAt ?? receipts.submittedAt ?? receipts.turnStartedAt;
  if (began === undefined || began === null || at < Date.parse(began) - slackMs) return false;
  return !receipts.finishedAt || at <= Date.parse(receipts.finishedAt) + slackMs;
}

/** Greater than every id that was made until then: ids begin with their time (UUIDv7). */
function idAfter(at: number): string {
  const time = (at + CLOCK_SLACK_MS).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7fff-bfff-ffffffffffff`;
}

async function tasksOnly(
  store: TranscriptContext['store'],
  agentId: string,
  { limit, before }: TranscriptRange,
): Promise<TranscriptPage> {
  const tasks = await store.tasks.list(agentId, { limit, ...(before ? { before } : {}) });
  return {
    older: tasks.length === limit ? (tasks.at(-1)?.id ?? null) : null,
    entries: tasks.toReversed().flatMap((task) => [
      { role: 'user' as const, text: task.prompt, at: task.createdAt, taskId: task.id },
      ...(task.result
        ? [
            {
              role: 'assistant' as const,
              text: task.result.text,
              at: task.receipts.finishedAt ?? task.createdAt,
              taskId: task.id,
            },
          ]
        : []),
    ]),
  };
}
