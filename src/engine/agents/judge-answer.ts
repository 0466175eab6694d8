/** What the end of a turn means for its task: an end, or, once, that the agent is asked for the form that the task needs. */
import type { Problem } from '../../contract/problem.ts';
import { structuredAnswer } from '../../domain/structured-answer.ts';
import type { TaskOutcome } from '../../ports/agent-driver.ts';
import type { TaskRecord } from '../../ports/store/agents.ts';
import type { TaskEnd } from '../finish-task.ts';

export type Verdict = { verdict: 'ended'; end: TaskEnd } | { verdict: 'repair'; problems: Problem[] };

/** `repairable`: this kind of agent can be told what was wrong. */
export function judgeAnswer(
  outcome: TaskOutcome,
  { task, at, repairable }: { task: TaskRecord; at: string; repairable: boolean },
): Verdict {
  const ended = (end: TaskEnd): Verdict => ({ verdict: 'ended', end });
  if (task.stopping === 'timed_out')
    return ended({
      status: 'timed_out',
      at,
      ...(outcome.result ? { result: outcome.result } : {}),
      error: { code: 'TIMEOUT', message: 'The task took longer than its timeout.' },
    });
  if (task.stopping === 'cancelled')
    return ended({ status: 'cancelled', at, ...(outcome.result ? { result: outcome.result } : {}) });
  if (outcome.status !== 'succeeded' || !task.outputSchema || task.completion) return ended({ ...outcome, at });
  const answer = structuredAnswer(task.outputSchema, outcome.result);
  if (answer.fits) return ended({ status: 'succeeded', at, result: { ...outcome.result, data: answer.data } });
  if (repairable && !task.repair) return { verdict: 'repair', problems: answer.problems };
  return ended({ status: 'failed', at, result: outcome.result, error: outputInvalid(answer.problems) });
}

export function outputInvalid(problems: readonly Problem[]): { code: 'OUTPUT_INVALID'; message: string } {
  const [problem] = problems;
  const where = problem?.path ? ` at ${problem.path}` : '';
  return {
    code: 'OUTPUT_INVALID',
    message: `The answer does not fit its schema${where}: ${problem?.message ?? 'it is something else'}`,
  };
}

/** The one more prompt of a task whose answer does not fit. */
export function repairPrompt(schema: Record<string, unknown>, problems: readonly Problem[]): string {
  return [
    'Your answer does not have the form that this task needs:',
    ...problems.slice(0, SHOWN_PROBLEMS).map(({ path, message }) => `- ${path || '/'}: ${message}`),
    'Answer again, with nothing but JSON that fits this JSON Schema:',
    JSON.stringify(schema, null, 2),
  ].join('\n');
}

/** More do not help a model that has the schema before it. */
const SHOWN_PROBLEMS = 20;
