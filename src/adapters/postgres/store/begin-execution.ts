/**
 * A new execution with its first mail, what announces it, and what its first visit decided if that is known, as one
 * statement, which is a transaction of its own.
 */
import type { ExecutionStore, Letter } from '../../../ports/store/executions.ts';
import { storableText, toJsonText } from '../columns.ts';
import { commitShared, type CommitsAlone } from '../commits-alone.ts';
import type { Database } from '../database.ts';
import { NOTICE_CHANNEL, noticePayloads } from '../notices.ts';
import { checkpointRows, PUT_CHECKPOINTS } from './checkpoints.ts';
import { APPEND_EVENTS, eventRows } from './events.ts';
import { INTEND_EFFECTS, SET_TIMERS } from './intents.ts';
import { SAVE_STEPS, stepRows } from './steps.ts';

const BEGIN = ({ visited }: { visited: boolean }) => `
  WITH begun AS (
    INSERT INTO executions (id, workflow_id, version, name, document, status, inputs, origin, parent_execution_id, parent_step_id, parent_effect_key,
      depth, result, error, usage, budget, paused_at, paused_ms, created_by, created_at, started_at, completed_at, lease_owner, lease_epoch, lease_expires_at)
    VALUES ($1::uuid, $2::uuid, $3, $4, $5::jsonb, $6, $7::jsonb, $8::jsonb, $9::uuid, $10::uuid, $11,
      $12, $13::jsonb, $14::jsonb, $15::jsonb, $16::jsonb, $17::timestamptz, $18, $19, $20::timestamptz, $21::timestamptz, $22::timestamptz,
      CASE WHEN $22::timestamptz IS NULL THEN $23::text END, CASE WHEN $23::text IS NULL THEN 0 ELSE 1 END,
      CASE WHEN $22::timestamptz IS NULL THEN clock_timestamp() + $24::bigint * interval '1 millisecond' END)
    RETURNING id),
  posted AS (
    INSERT INTO mailbox (execution_id, event, taken)
    SELECT begun.id, event, ${visited} FROM begun, jsonb_array_elements($25::jsonb) WITH ORDINALITY AS x(event, ord) ORDER BY ord
    RETURNING id, event, at),${
      visited
        ? `
  saved AS (${SAVE_STEPS({ steps: '$28', executionId: '$1', from: 'begun' })}),
  intended AS (${INTEND_EFFECTS({ effects: '$29', from: 'begun' })}),
  timed AS (${SET_TIMERS({ timers: '$30', from: 'begun' })}),
  kept AS (${PUT_CHECKPOINTS({ checkpoints: '$31', from: 'begun' })}),`
        : ''
    }
  ${APPEND_EVENTS({ events: '$26', from: 'begun' })}
  SELECT (SELECT jsonb_agg(to_jsonb(posted) ORDER BY id) FROM posted) AS mail,
    (SELECT count(pg_notify('${NOTICE_CHANNEL}', payload)) FROM jsonb_array_elements_text($27::jsonb) AS payload) FROM begun`;

const ALONE = BEGIN({ visited: false });
const VISITED = BEGIN({ visited: true });

export async function beginExecution(
  db: Database,
  { execution, events, claim, visit }: Parameters<ExecutionStore['begin']>[0],
  { announced, alone }: { announced: Parameters<ExecutionStore['begin']>[1]; alone: CommitsAlone | null },
): ReturnType<ExecutionStore['begin']> {
  const { id, parent, outputs, error, origin, budget } = execution;
  const { rows } = await commitShared(db, {
    alone,
    announced,
    name: visit ? 'begin-execution-visited' : 'begin-execution',
    text: visit ? VISITED : ALONE,
    values: [
      id,
      execution.workflowId,
      execution.version,
      storableText(execution.name),
      toJsonText(execution.document),
      execution.status,
      toJsonText(execution.inputs),
      origin && toJsonText(origin),
      parent?.executionId ?? null,
      parent?.stepId ?? null,
      parent?.effectKey ?? null,
      execution.depth,
      outputs === null || outputs === undefined ? null : toJsonText(outputs),
      error && toJsonText(error),
      toJsonText(execution.usage),
      budget && toJsonText(budget),
      execution.pausedAt,
      execution.pausedMs,
      storableText(execution.createdBy),
      execution.createdAt,
      execution.startedAt,
      execution.finishedAt,
      claim?.owner ?? null,
      claim?.ttlMs ?? null,
      toJsonText(events),
      toJsonText(eventRows(announced.events)),
      JSON.stringify(noticePayloads(announced.events, announced.notices)),
      ...(visit
        ? [
            stepRows(visit.steps),
            toJsonText(visit.newEffects.map((effect, ord) => ({ ...effect, ord }))),
            toJsonText(visit.setTimers),
            checkpointRows(visit.checkpoints),
          ]
        : []),
    ],
  });
  const [begun] = rows as { mail: Letter[] | null }[]; // as the statement selects them
  return (begun?.mail ?? []).map((letter) => ({ ...letter, at: new Date(letter.at).toISOString() }));
}
