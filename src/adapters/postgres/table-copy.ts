/**
 * All tables as text and back, exactly: every value in PostgreSQL's own text form, so that no type loses anything. For
 * backups; there is no pg_dump in the managed PostgreSQL.
 */
import type pg from 'pg';

export interface TableRows {
  table: string;
  columns: string[];
  /** One entry per column, null for NULL. */
  rows: (string | null)[][];
}

const ROWS_AT_ONCE = 500;

/** Every table of one moment, in portions; a table without rows comes once, empty. */
export async function* readTables(client: pg.ClientBase): AsyncGenerator<TableRows> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    for (const table of await tableNames(client)) {
      const columns = await columnsOf(client, table);
      const names = columns.map(({ name }) => name);
      const values = columns.map(({ name }) => `${quoted(name)}::text`).join(', ');
      await client.query(`DECLARE rows NO SCROLL CURSOR FOR SELECT ARRAY[${values}] AS row FROM ${quoted(table)}`);
      for (let first = true; ; first = false) {
        const { rows } = await client.query<{ row: (string | null)[] }>(`FETCH ${ROWS_AT_ONCE} FROM rows`);
        if (rows.length === 0 && !first) break;
        yield { table, columns: names, rows: rows.map(({ row }) => row) };
        if (rows.length === 0) break;
      }
      await client.query('CLOSE rows');
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined); // the connection may be what failed
    throw error;
  }
}

/** True when some table holds a row. */
export async function holdsRows(client: pg.ClientBase): Promise<boolean> {
  for (const table of await tableNames(client)) {
    const { rows } = await client.query<{ found: boolean }>(`SELECT EXISTS (SELECT FROM ${quoted(table)}) AS found`);
    if (rows[0]?.found) return true;
  }
  return false;
}

/** All of it or nothing, into tables that are there and empty. */
export async function writeTables(client: pg.ClientBase, portions: AsyncIterable<TableRows>): Promise<number> {
  let written = 0;
  await client.query('BEGIN');
  try {
    const types = new Map<string, Map<string, string>>();
    for (const table of await tableNames(client)) {
      types.set(table, new Map((await columnsOf(client, table)).map(({ name, type }) => [name, type])));
      // What triggers add is in the rows already.
      await client.query(`ALTER TABLE ${quoted(table)} DISABLE TRIGGER USER`);
    }
    const references = await foreignKeys(client);
    for (const { table, name } of references)
      await client.query(`ALTER TABLE ${quoted(table)} ALTER CONSTRAINT ${quoted(name)} DEFERRABLE INITIALLY DEFERRED`);
    for await (const { table, columns, rows } of portions) {
      if (rows.length === 0) continue;
      const known = types.get(table);
      const values = columns.map((column, index) => {
        const type = known?.get(column);
        if (type === undefined) throw new Error(`the database has no column ${table}.${column}`);
        return `(row->>${index})::${type}`;
      });
      await client.query(
        `INSERT INTO ${quoted(table)} (${columns.map(quoted).join(', ')}) OVERRIDING SYSTEM VALUE
         SELECT ${values.join(', ')} FROM jsonb_array_elements($1::jsonb) AS rows (row)`,
        [JSON.stringify(rows)],
      );
      written += rows.length;
    }
    await client.query('SET CONSTRAINTS ALL IMMEDIATE');
    for (const { table, name } of references)
      await client.query(`ALTER TABLE ${quoted(table)} ALTER CONSTRAINT ${quoted(name)} NOT DEFERRABLE`);
    for (const table of types.keys()) await client.query(`ALTER TABLE ${quoted(table)} ENABLE TRIGGER USER`);
    await client.query(SEQUENCES_BEHIND_ROWS);
    await client.query('COMMIT');
    return written;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined); // the connection may be what failed
    throw error;
  }
}

async function tableNames(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** Those that are written, with their types; PostgreSQL works out the others. */
async function columnsOf(client: pg.ClientBase, table: string): Promise<{ name: string; type: string }[]> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
    [quoted(table)],
  );
  return rows;
}

async function foreignKeys(client: pg.ClientBase): Promise<{ table: string; name: string }[]> {
  const { rows } = await client.query<{ table: string; name: string }>(
    `SELECT c.relname AS table, k.conname AS name FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND k.contype = 'f' AND NOT k.condeferrable`,
  );
  return rows;
}

const SEQUENCES_BEHIND_ROWS = `
  DO $$
  DECLARE owned record; highest bigint;
  BEGIN
    FOR owned IN
      SELECT c.oid::regclass AS place, a.attname AS name, pg_get_serial_sequence(c.oid::regclass::text, a.attname) AS sequence
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
    LOOP
      CONTINUE WHEN owned.sequence IS NULL;
      EXECUTE format('SELECT max(%I) FROM %s', owned.name, owned.place) INTO highest;
      CONTINUE WHEN highest IS NULL;
      PERFORM setval(owned.sequence, highest);
    END LOOP;
  END
  $$`;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
