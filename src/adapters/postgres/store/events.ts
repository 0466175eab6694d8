/** Numbered events by topic: gapless because the topic's row is locked until the commit. */
import { and, asc, desc, eq, gt, sql } from 'drizzle-orm';
import type { EventStore, NewEvent } from '../../../ports/store/events.ts';
import { toJsonText } from '../columns.ts';
import { type Database, prepared } from '../database.ts';
import { events, topics } from '../schema.ts';

/** How many events back the newest of a kind are looked for. */
const LOOKED_THROUGH = 5_000;

export function eventStore(db: Database): EventStore {
  const seq = async (topic: string) => {
    const [row] = await db.select({ seq: topics.seq }).from(topics).where(eq(topics.topic, topic));
    return row?.seq ?? 0;
  };
  return {
    seq,
    async after(topic, since, limit) {
      // Read first: what is added between the two looks is then among the rows, and nothing seems to be missing.
      const newest = await seq(topic);
      const rows = await db
        .select()
        .from(events)
        .where(and(eq(events.topic, topic), gt(events.seq, since)))
        .orderBy(asc(events.seq))
        .limit(limit);
      const first = rows[0];
      if (first ? first.seq !== since + 1 : newest !== since) return null;
      return rows;
    },
    async newest(topic, event, limit) {
      // Only among the newest numbers: a topic with a long log must not be read from its beginning.
      const rows = await db
        .select()
        .from(events)
        .where(
          and(eq(events.topic, topic), eq(events.event, event), gt(events.seq, (await seq(topic)) - LOOKED_THROUGH)),
        )
        .orderBy(desc(events.seq))
        .limit(limit);
      return rows.toReversed();
    },
    async prune(before) {
      await db.delete(events).where(sql`${events.at} < ${before}::timestamptz`);
    },
  };
}

/** Past this an event carries the size of its data instead; clients read the resource. */
const MAX_EVENT_BYTES = 64 * 1024;

/** Parts of a statement that number events and store them; `from` is a part of it that must have a row. */
export const APPEND_EVENTS = ({ events, from }: { events: string; from?: string }) => `
  input AS (
    SELECT topic, event, data, row_number() OVER (PARTITION BY topic ORDER BY ord) AS place, count(*) OVER (PARTITION BY topic) AS total
    FROM ${from ? `${from}, ` : ''}jsonb_to_recordset(${events}::jsonb) AS x(topic text, ord int, event text, data jsonb)),
  numbered AS (
    INSERT INTO topics (topic, seq) SELECT topic, total FROM (SELECT DISTINCT topic, total FROM input ORDER BY topic) AS each
    ON CONFLICT (topic) DO UPDATE SET seq = topics.seq + EXCLUDED.seq RETURNING topic, seq),
  told AS (
    INSERT INTO events (topic, seq, at, event, data)
    SELECT input.topic, numbered.seq - input.total + input.place, clock_timestamp(), input.event, COALESCE(input.data, 'null') FROM input JOIN numbered USING (topic))`;

const STATEMENT = `WITH ${APPEND_EVENTS({ events: '$1' })} SELECT`;

/** The last statement of a transaction before its commit, because it locks the topics' rows. */
export async function appendEvents(db: Database, added: readonly NewEvent[]): Promise<void> {
  await prepared(db, 'append-events', STATEMENT, [toJsonText(eventRows(added))]);
}

export function eventRows(added: readonly NewEvent[]): object[] {
  return added.map((event, ord) => ({ ...event, ord, data: bounded(event.data) }));
}

function bounded(data: unknown): unknown {
  if (data === null || typeof data !== 'object') return data;
  const size = JSON.stringify(data).length;
  if (size <= MAX_EVENT_BYTES) return data;
  const {
    output: _output,
    input: _input,
    outputs: _outputs,
    result: _result,
    ...rest
  } = data as Record<string, unknown>;
  return { ...rest, truncated: true };
}
