/** All figures in one statement; each part reads an index of what is open, or a table of few rows. */
import { sql } from 'drizzle-orm';
import type { Figure } from '../../../ports/store/figures.ts';
import type { Database } from '../database.ts';

export async function readFigures(db: Database): Promise<Figure[]> {
  const { rows } = await db.execute<{ of: Figure['of']; label: string; value: string; oldest: string | null }>(FIGURES);
  return rows.map(({ of, label, value, oldest }) => ({
    of,
    label,
    value: Number(value),
    oldestSeconds: oldest === null ? null : Math.max(0, Number(oldest)),
  }));
}

const FIGURES = sql`
  WITH used AS (
    SELECT agents.type AS kind, sum(input_tokens) AS input, sum(output_tokens) AS output, sum(usage_days.cost) AS cost
    FROM usage_days JOIN agents ON agents.id = usage_days.agent_id GROUP BY agents.type
  ), counted AS (
    SELECT 'agents' AS of, status AS label, count(*)::numeric AS value, NULL::timestamptz AS oldest
      FROM agents WHERE deleted_at IS NULL GROUP BY status
    UNION ALL SELECT 'inbox', type, count(*), min(created_at) FROM inbox_items WHERE state = 'open' GROUP BY type
    UNION ALL SELECT 'executions', status, count(*), min(created_at)
      FROM executions WHERE completed_at IS NULL GROUP BY status
    UNION ALL SELECT 'letters', '', count(*), min(at) FROM mailbox WHERE NOT taken
    UNION ALL SELECT 'effects', status, count(*), min(created_at) FROM effects WHERE status <> 'done' GROUP BY status
    UNION ALL SELECT 'tasks', status, count(*), min(created_at)
      FROM agent_tasks WHERE finished_at IS NULL GROUP BY status
    UNION ALL SELECT 'incidents', class, count(*), min(opened_at) FROM incidents WHERE closed_at IS NULL GROUP BY class
    UNION ALL SELECT 'workflows', '', count(*), NULL FROM workflows
    UNION ALL SELECT 'input_tokens', kind, input, NULL FROM used
    UNION ALL SELECT 'output_tokens', kind, output, NULL FROM used
    UNION ALL SELECT 'cost', kind, cost::numeric, NULL FROM used
  )
  SELECT of, label, value, extract(epoch FROM clock_timestamp() - oldest) AS oldest FROM counted`;
