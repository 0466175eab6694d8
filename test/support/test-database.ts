/** A fresh database in a PostgreSQL that runs, copied from a template that is filled once. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { ManagedPostgresConnection } from '../../src/adapters/managed-postgres/managed-postgres.ts';

export interface TestDatabase {
  /** For `new pg.Pool(connection)`. */
  connection: ManagedPostgresConnection;
  /** For POINTSMAN_DATABASE_URL of a product under test. */
  url: string;
  /** Cuts whoever is still connected. */
  drop(): Promise<void>;
}

export interface TestTemplate {
  /** Two templates with different content have different names: lower case, digits, underscore. */
  name: string;
  /** Fills the template once per run, with the migrations for example; must close its connections. */
  prepare: (connection: ManagedPostgresConnection) => Promise<void>;
}

/** Any number, the same for everybody who makes or copies a template in this server. */
const TEMPLATE_LOCK = 7_301_977;
/** Only a loss of power would notice, and nobody reads these databases afterwards. */
export const FORGETFUL_SETTINGS = { fsync: 'off', full_page_writes: 'off', max_connections: '300' };

/** Takes about 30 ms once the template exists. */
export async function createDatabase({
  server,
  template,
}: {
  server: ManagedPostgresConnection;
  template?: TestTemplate | undefined;
}): Promise<TestDatabase> {
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(server, async (admin) => {
    if (!template) {
      await admin.query(`CREATE DATABASE ${database}`);
      return;
    }
    const source = await ensureTemplate({ admin, server, template });
    await admin.query(`CREATE DATABASE ${database} TEMPLATE ${source}`);
  });
  const connection = { ...server, database };
  return {
    connection,
    url: `postgres://${server.user}@/${database}?host=${encodeURIComponent(server.host)}&port=${server.port}`,
    drop: () =>
      asAdmin(server, async (admin) => void (await admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`))),
  };
}

/** The template's name, filled when nobody has done so; the caller holds the lock until its connection ends. */
async function ensureTemplate(options: {
  admin: Client;
  server: ManagedPostgresConnection;
  template: TestTemplate;
}): Promise<string> {
  const { admin, server, template } = options;
  const name = `template_${template.name}`;
  if (!/^[a-z0-9_]{1,63}$/.test(name)) throw new Error(`"${template.name}" is no name for a template database`);
  await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  if (rowCount === 0) {
    const unfinished = `${name}_unfinished`;
    await admin.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${unfinished}`);
    await template.prepare({ ...server, database: unfinished });
    await admin.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`);
  }
  return name;
}

async function asAdmin(server: ManagedPostgresConnection, work: (admin: Client) => Promise<void>): Promise<void> {
  const admin = new Client({ ...server, database: 'postgres', password: '', ssl: false });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
