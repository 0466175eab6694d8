/** A usage column with more added to it, in the statement itself: two that add at once lose nothing. */
import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Usage } from '../../contract/tasks.ts';

export function grownUsage(column: PgColumn, used: Usage): SQL {
  const grown = (name: keyof Usage): SQL =>
    sql`to_jsonb(coalesce((${column}->>${name})::double precision, 0) + ${used[name]}::double precision)`;
  return sql`jsonb_build_object('inputTokens', ${grown('inputTokens')}, 'outputTokens', ${grown('outputTokens')}, 'cost', ${grown('cost')})`;
}
