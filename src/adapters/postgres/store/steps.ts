/** How steps are written: by a superstep among everything else it decided, or alone. */
import type { Step } from '../../../contract/executions.ts';
import { toJsonText } from '../columns.ts';
import { type Database, prepared } from '../database.ts';

/**
 * New steps keep the order in which they were decided; known ones are brought up to date, but never out of an end.
 * `steps` and `executionId` are parameters; `from` is a part that must have a row.
 */
export const SAVE_STEPS = ({ steps, executionId, from }: { steps: string; executionId: string; from?: string }) => `
  INSERT INTO steps (id, execution_id, node_id, iteration, item, attempt, status, reason, input, output, error, task_id, child_execution_id, carried_from, started_at, finished_at)
  SELECT x.id, ${executionId}::uuid, "nodeId", iteration, item, attempt, status, reason, input, output, error, "taskId", "childExecutionId", "carriedFrom", "startedAt", "finishedAt"
  FROM ${from ? `${from}, ` : ''}jsonb_to_recordset(${steps}::jsonb) AS x(
    ord int, id uuid, "nodeId" text, iteration int, item jsonb, attempt int, status text, reason text, input jsonb, output jsonb, error jsonb,
    "taskId" uuid, "childExecutionId" uuid, "carriedFrom" uuid, "startedAt" timestamptz, "finishedAt" timestamptz)
  ORDER BY ord
  ON CONFLICT (id) DO UPDATE SET status = EXCLUDED.status, reason = EXCLUDED.reason, input = COALESCE(EXCLUDED.input, steps.input), output = EXCLUDED.output,
    error = EXCLUDED.error, child_execution_id = COALESCE(EXCLUDED.child_execution_id, steps.child_execution_id), started_at = EXCLUDED.started_at, finished_at = EXCLUDED.finished_at
  WHERE steps.status NOT IN ('succeeded', 'failed', 'skipped', 'cancelled')`;

const STATEMENT = SAVE_STEPS({ steps: '$1', executionId: '$2' });

export async function saveSteps(db: Database, executionId: string, steps: readonly Step[]): Promise<void> {
  if (steps.length === 0) return;
  await prepared(db, 'save-steps', STATEMENT, [stepRows(steps), executionId]);
}

/** As the statement takes them: numbered in their order. */
export function stepRows(steps: readonly Step[]): string {
  return toJsonText(steps.map((step, ord) => ({ ...step, ord })));
}
