import { describe, expect, test } from 'vitest';
import type { AgentRecord, TaskRecord } from '../../ports/store/agents.ts';
import type { TranscriptPage } from '../../ports/transcript.ts';
import { agentTranscript } from './agent-transcript.ts';

const time = (seconds: number): string => new Date(Date.parse('2026-01-01T00:00:00Z') + seconds * 1000).toISOString();

/** Newest first, as the store gives them. */
const TASKS = [
  task('third', {}),
  task('second', { typedAt: time(10.1) }),
  task('first', { typedAt: time(1), finishedAt: time(10) }),
];

describe('the conversation of an agent', () => {
  test('knows for each entry the task in whose time it was said', async () => {
    const ats = [0.5, 1, 9.9, 10, 10.05, 10.1, 99];
    const { entries, older } = await transcript({ entries: ats.map((at) => entry(time(at))), older: 'x~1' });
    expect(older).toBe('x~1');
    expect(entries.map(({ taskId }) => taskId)).toEqual([
      'first', // noted a moment before we had noted that it was given
      'first',
      'first',
      'first',
      'second',
      'second',
      'second',
    ]);
  });

  test('what was said when no task ran belongs to none', async () => {
    const { entries } = await transcript({ entries: [entry('2025-12-31T23:00:00.000Z')], older: null });
    expect(entries).toEqual([entry('2025-12-31T23:00:00.000Z')]);
  });

  test.each([null, { entries: [], older: null }])('is that of its tasks where the record is %j', async (recorded) => {
    const { entries, older } = await transcript(recorded, 3);
    expect(entries.map(({ role, text, taskId }) => [role, text, taskId])).toEqual([
      ['user', 'do first', 'first'],
      ['assistant', 'did first', 'first'],
      ['user', 'do second', 'second'],
      ['user', 'do third', 'third'],
    ]);
    expect(older).toBe('first');
  });
});

async function transcript(recorded: TranscriptPage | null, limit = 50): Promise<TranscriptPage> {
  return agentTranscript(
    // Of a store and a supervisor it uses only these.
    { store: { tasks: { list: async () => TASKS } as never }, agents: { transcript: async () => recorded } },
    { agent: { id: 'agent' } as AgentRecord, limit },
  );
}

function entry(at: string): TranscriptPage['entries'][number] {
  return { at, role: 'assistant', text: 'x' };
}

function task(id: string, receipts: Partial<TaskRecord['receipts']>): TaskRecord {
  return {
    id,
    prompt: `do ${id}`,
    createdAt: time(0),
    receipts,
    ...(receipts.finishedAt ? { result: { text: `did ${id}` } } : {}),
  } as TaskRecord; // the rest of a task is none of its business
}
