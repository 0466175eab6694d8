/** Reads the rows of a real database for the checker of invariants, in the names of the ports. */
import { Client } from 'pg';
import { breachesOf, type Row, type Rows, type Witnessed } from './invariants.ts';
import type { TestDatabase } from './test-database.ts';

const TABLES: Readonly<Record<keyof Rows, string>> = {
  executions: 'executions',
  steps: 'steps',
  effects: 'effects',
  mailbox: 'mailbox',
  timers: 'timers',
  inboxItems: 'inbox_items',
  checkpoints: 'checkpoints',
  tasks: 'agent_tasks',
  topics: 'topics',
  events: 'events',
  audit: 'audit',
};
/** Columns that the ports call otherwise, or that arrive as text because they are too wide for a number. */
const RENAMED: Readonly<Record<string, string>> = { completedAt: 'finishedAt', result: 'outputs' };
const NUMBERS: ReadonlySet<string> = new Set(['seq', 'leaseEpoch', 'pausedMs']);

/** What is wrong with the rows as they are at one moment; an empty list when nothing is. */
export async function databaseBreaches(
  connection: TestDatabase['connection'],
  witnessed: Witnessed = {},
): Promise<string[]> {
  const client = new Client({ ...connection, password: '', ssl: false });
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const read = async (name: keyof Rows) => {
      const { rows } = await client.query<Row>(`SELECT * FROM ${TABLES[name]}`);
      return [name, rows.map((row) => named(row, name))] as const;
    };
    const entries: (readonly [keyof Rows, Row[]])[] = [];
    for (const name of Object.keys(TABLES) as (keyof Rows)[]) entries.push(await read(name));
    const rows = Object.fromEntries(entries) as unknown as Rows;
    return breachesOf(rows, witnessed);
  } finally {
    await client.end();
  }
}

function named(row: Row, table: keyof Rows): Row {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]: [string, unknown]) => {
      const camel = column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      const name = table === 'executions' ? (RENAMED[camel] ?? camel) : camel;
      if (value instanceof Date) return [name, value.toISOString()];
      return [name, NUMBERS.has(name) && value !== null ? Number(value) : value];
    }),
  );
}
