/** Parts of a statement that write what an execution intends: `from` is a part of it that must have a row, with the execution's id. */

/** `effects` is a parameter. Of an intent that is there already only its cancellation is new. */
export const INTEND_EFFECTS = ({ effects, from }: { effects: string; from: string }) => `
  INSERT INTO effects (execution_id, key, kind, payload, status, cancel)
  SELECT ${from}.id, key, kind, COALESCE(payload, 'null'), 'intended', cancel
  FROM ${from}, jsonb_to_recordset(${effects}::jsonb) AS x(ord int, key text, kind text, payload jsonb, cancel text) ORDER BY ord
  ON CONFLICT (execution_id, key) DO UPDATE SET cancel = EXCLUDED.cancel WHERE EXCLUDED.cancel IS NOT NULL`;

/** `timers` is a parameter. One that is set again fires at its new time. */
export const SET_TIMERS = ({ timers, from }: { timers: string; from: string }) => `
  INSERT INTO timers (execution_id, timer_id, fire_at)
  SELECT ${from}.id, "timerId", at FROM ${from}, jsonb_to_recordset(${timers}::jsonb) AS x("timerId" text, at timestamptz)
  ON CONFLICT (execution_id, timer_id) DO UPDATE SET fire_at = EXCLUDED.fire_at`;
