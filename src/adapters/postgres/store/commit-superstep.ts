/**
 * What one visit of the engine decided, as one statement: in it everything happens or nothing, it is its own transaction
 * where there is none around it, and it takes one way to the server and back.
 */
import { PointsmanError } from '../../../contract/errors.ts';
import type { Notice } from '../../../ports/event-bus.ts';
import type { NewEvent } from '../../../ports/store/events.ts';
import type { ExecutionRecord, Superstep } from '../../../ports/store/executions.ts';
import { storableText, toJsonText } from '../columns.ts';
import type { Database } from '../database.ts';
import { commitShared, type CommitsAlone } from '../commits-alone.ts';
import { NOTICE_CHANNEL, noticePayloads } from '../notices.ts';
import { checkpointRows, PUT_CHECKPOINTS } from './checkpoints.ts';
import { APPEND_EVENTS, eventRows } from './events.ts';
import { INTEND_EFFECTS, SET_TIMERS } from './intents.ts';
import { SAVE_STEPS, stepRows } from './steps.ts';

/**
 * The fence comes first: every other part joins it, so a late worker changes nothing. What may be many is one JSON value,
 * because a statement takes 65 535 parameters, and a large map has more.
 */
const COMMIT = ({ rare }: { rare: boolean }) => `
  WITH fence AS (
    UPDATE executions SET status = $3, result = CASE WHEN $4::boolean THEN $5::jsonb ELSE result END, error = COALESCE($6::jsonb, error),
      started_at = COALESCE($7::timestamptz, started_at), paused_at = CASE WHEN $8::boolean THEN $9::timestamptz ELSE paused_at END,
      paused_ms = COALESCE($10::bigint, paused_ms), completed_at = COALESCE($11::timestamptz, completed_at),
      lease_owner = CASE WHEN $11::timestamptz IS NULL THEN lease_owner END,
      lease_expires_at = CASE WHEN $11::timestamptz IS NULL THEN lease_expires_at END
    WHERE id = $1::uuid AND lease_epoch = $2::bigint RETURNING id, usage, budget),
  saved AS (${SAVE_STEPS({ steps: '$12', executionId: '$1', from: 'fence' })}),
  taken AS (UPDATE mailbox SET taken = true FROM fence WHERE mailbox.id = ANY($13::bigint[])),
  ended AS (
    UPDATE effects SET status = 'done', finished_at = clock_timestamp() FROM fence
    WHERE execution_id = $1::uuid AND key IN (SELECT key FROM jsonb_to_recordset($14::jsonb) AS x(key text)) AND effects.status <> 'done'),
  handed AS (
    INSERT INTO mailbox (execution_id, event, taken)
    SELECT $1::uuid, event, true FROM fence, jsonb_to_recordset($14::jsonb) AS x(ord int, event jsonb) ORDER BY ord),
  intended AS (${INTEND_EFFECTS({ effects: '$15', from: 'fence' })}),
  ${
    rare
      ? `
  cancelled AS (
    UPDATE effects SET cancel = x.reason FROM fence, jsonb_to_recordset($19::jsonb) AS x(key text, reason text)
    WHERE execution_id = $1::uuid AND effects.key = x.key),
  cleared AS (DELETE FROM timers USING fence WHERE execution_id = $1::uuid AND timer_id = ANY($20::text[])),
  timed AS (${SET_TIMERS({ timers: '$21', from: 'fence' })}),`
      : ''
  }
  kept AS (${PUT_CHECKPOINTS({ checkpoints: '$16', from: 'fence' })}),
  ${APPEND_EVENTS({ events: '$17', from: 'fence' })}
  SELECT usage, budget, (SELECT count(pg_notify('${NOTICE_CHANNEL}', payload)) FROM jsonb_array_elements_text($18::jsonb) AS payload) FROM fence`;

/** Most visits cancel nothing and set no timer, and even a part without rows takes its time. */
const USUAL = COMMIT({ rare: false });
const WHOLE = COMMIT({ rare: true });

export async function commitSuperstep(
  db: Database,
  superstep: Superstep,
  {
    announced = { events: [], notices: [] },
    alone,
  }: {
    announced?: { events: readonly NewEvent[]; notices: readonly Notice[] } | undefined;
    /** Null within a transaction, which announces by itself. */
    alone: CommitsAlone | null;
  },
): Promise<Pick<ExecutionRecord, 'usage' | 'budget'>> {
  const { lease, execution, checkpoints } = superstep;
  const cancels = new Map(superstep.cancelEffects.map(({ key, reason }) => [key, reason]));
  const isNew = new Set(superstep.newEffects.map(({ key }) => key));
  const isEnded = new Set(superstep.endedEffects.map(({ key }) => key));
  const isSet = new Set(superstep.setTimers.map(({ timerId }) => timerId));
  const cancelled = superstep.cancelEffects.filter(({ key }) => !isNew.has(key) && !isEnded.has(key));
  const cleared = superstep.clearTimers.filter((timerId) => !isSet.has(timerId)).map(storableText);
  const rare = cancelled.length + cleared.length + superstep.setTimers.length > 0;
  const payloads = noticePayloads(announced.events, announced.notices);
  // What only tells of steps is told again by the next commit of the execution, whoever makes it.
  const isLate =
    alone !== null && announced.notices.length === 0 && announced.events.every(({ event }) => event === 'step.changed');
  const { rows } = await commitShared(db, {
    alone,
    announced,
    name: rare ? 'commit-superstep-whole' : 'commit-superstep',
    text: rare ? WHOLE : USUAL,
    values: [
      lease.executionId,
      lease.epoch,
      execution.status,
      execution.outputs !== undefined,
      toJsonText(execution.outputs),
      execution.error === undefined ? null : toJsonText(execution.error),
      execution.startedAt,
      execution.pausedAt !== undefined,
      execution.pausedAt,
      execution.pausedMs,
      execution.finishedAt,
      stepRows(superstep.steps),
      superstep.takenMail,
      toJsonText(superstep.endedEffects.map((ended, ord) => ({ ...ended, ord }))),
      // A row may be changed once in a statement, so what concerns a new one is said where it is made.
      toJsonText(superstep.newEffects.map((effect, ord) => ({ ...effect, ord, cancel: cancels.get(effect.key) }))),
      checkpointRows(checkpoints),
      toJsonText(eventRows(announced.events)),
      JSON.stringify(isLate ? [] : payloads),
      ...(rare ? [toJsonText(cancelled), cleared, toJsonText(superstep.setTimers)] : []),
    ],
  });
  const [fenced] = rows as Pick<ExecutionRecord, 'usage' | 'budget'>[]; // as the statement selects them
  if (!fenced)
    throw new PointsmanError('LEASE_LOST', {
      detail: `Execution ${lease.executionId} is held under a newer epoch than ${lease.epoch}.`,
    });
  if (isLate) alone.late.tell(payloads);
  return { usage: fenced.usage, budget: fenced.budget ?? null };
}
