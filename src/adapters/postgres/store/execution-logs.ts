/** Lines that steps wrote: stored in order, read in pages from any place, counted, searched. */
import { and, asc, desc, eq, gt, lt, type SQL, sql } from 'drizzle-orm';
import type { LogFilter } from '../../../contract/executions.ts';
import type { ExecutionStore } from '../../../ports/store/executions.ts';
import { toJsonText } from '../columns.ts';
import type { Database } from '../database.ts';
import { executionLogs } from '../schema.ts';

// What a terminal acts on and does not show: colours, titles, other controls.
const UNSEEN = String.raw`\x1b\[[0-9;:?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)?|[\x01-\x08\x0b-\x1f]`;

export function executionLogMethods(db: Database): Pick<ExecutionStore, 'appendLogs' | 'logs' | 'logOutline'> {
  return {
    async appendLogs(executionId, lines) {
      if (lines.length === 0) return [];
      const rows = await db.execute<{ seq: string }>(sql`
        INSERT INTO execution_logs (execution_id, step_id, node_id, at, stream, text)
        SELECT ${executionId}::uuid, "stepId", "nodeId", at, stream, text
        FROM jsonb_to_recordset(${toJsonText(lines.map((line, ord) => ({ ...line, ord })))}::jsonb) AS x(
          ord int, "stepId" uuid, "nodeId" text, at timestamptz, stream text, text text)
        ORDER BY ord RETURNING seq`);
      // Lines and numbers are in the same order.
      const numbers = rows.rows.map(({ seq }) => Number(seq)).toSorted((a, b) => a - b);
      return lines.map((line, index) => ({ ...line, seq: numbers[index] ?? 0 }));
    },
    async logs(executionId, { after, before, limit, ...filter }) {
      const backwards = before !== undefined && after === undefined;
      const rows = await db
        .select()
        .from(executionLogs)
        .where(
          and(
            ...conditionsOf(executionId, filter),
            after === undefined ? undefined : gt(executionLogs.seq, after),
            before === undefined ? undefined : lt(executionLogs.seq, before),
          ),
        )
        .orderBy(backwards ? desc(executionLogs.seq) : asc(executionLogs.seq))
        .limit(limit);
      return (backwards ? rows.toReversed() : rows).map((row) => ({
        seq: row.seq,
        at: row.at,
        ...(row.stepId ? { stepId: row.stepId } : {}),
        ...(row.nodeId ? { nodeId: row.nodeId } : {}),
        stream: row.stream as 'stdout' | 'stderr' | 'system',
        text: row.text,
      }));
    },
    async logOutline(executionId, { every, ...filter }) {
      const rows = await db.execute<{ lines: string; last: string | null; marks: string[] | null }>(sql`
        SELECT count(*) AS lines, max(seq) AS last, array_agg(seq::text ORDER BY seq) FILTER (WHERE (place - 1) % ${every}::int = 0) AS marks
        FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS place FROM execution_logs WHERE ${and(...conditionsOf(executionId, filter))}) AS line`);
      const [row] = rows.rows;
      return {
        lines: Number(row?.lines ?? 0),
        every,
        marks: (row?.marks ?? []).map(Number),
        last: Number(row?.last ?? 0),
      };
    },
  };
}

function conditionsOf(executionId: string, { node, step, search }: LogFilter): (SQL | undefined)[] {
  return [
    eq(executionLogs.executionId, executionId),
    node === undefined ? undefined : eq(executionLogs.nodeId, node),
    step === undefined ? undefined : eq(executionLogs.stepId, step),
    search === undefined
      ? undefined
      : sql`CASE WHEN ${executionLogs.text} ~ '[\\x01-\\x08\\x0b-\\x1f]' THEN regexp_replace(${executionLogs.text}, ${UNSEEN}, '', 'g') ELSE ${executionLogs.text} END
          ILIKE ${`%${search.replaceAll(/[\\%_]/g, '\\$&')}%`}`,
  ];
}
