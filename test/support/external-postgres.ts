/**
 * The oldest PostgreSQL we support, as an operator may bring it: from the system's packages, a private cluster in a
 * temporary directory. Never the cluster that those packages run themselves.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ManagedPostgresConnection } from '../../src/adapters/managed-postgres/managed-postgres.ts';

const MAJOR = 15;
const PLACES = [
  `/usr/lib/postgresql/${MAJOR}/bin`,
  `/usr/pgsql-${MAJOR}/bin`,
  `/opt/homebrew/opt/postgresql@${MAJOR}/bin`,
];
const programs = PLACES.find((place) => existsSync(path.join(place, 'initdb')));

/** Why there is none here; null where there is. */
export const NO_EXTERNAL_POSTGRES = programs
  ? null
  : `needs PostgreSQL ${MAJOR} of the system (Debian 12: apt-get install postgresql); the suites of the store, the queue, the bus and the state on it were left out too`;

export interface ExternalPostgres {
  connection: ManagedPostgresConnection;
  /** Everything of it lies here. */
  place: string;
  /** As `pg_ctl stop` does: `fast` cuts its clients, `immediate` is a crash. */
  halt(mode: 'fast' | 'immediate'): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes everything of it. */
  stop(): Promise<void>;
}

/** `megabytes`: on a disk of this size, which needs root. */
export async function startExternalPostgres({ megabytes }: { megabytes?: number } = {}): Promise<ExternalPostgres> {
  if (!programs) throw new Error(`There is no PostgreSQL ${MAJOR}: ${NO_EXTERNAL_POSTGRES}.`);
  const place = await mkdtemp(path.join(tmpdir(), 'pointsman-test-external-'));
  if (megabytes !== undefined) await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', place]);
  if (isRoot) await run('chown', ['postgres:', place]);
  const data = path.join(place, 'data');
  await asOrdinaryUser(path.join(programs, 'initdb'), ['-D', data, ...CLUSTER]);
  const control = path.join(programs, 'pg_ctl');
  const listening = `-c listen_addresses= -c unix_socket_directories=${place} -c fsync=off`;
  const start = async () => {
    await asOrdinaryUser(control, ['start', '-D', data, '-w', '-s', '-l', path.join(place, 'log'), '-o', listening]);
  };
  const halt = async (mode: 'fast' | 'immediate') => {
    await asOrdinaryUser(control, ['stop', '-D', data, '-s', '-m', mode]);
  };
  await start();
  return {
    connection: { host: place, port: 5432, user: USER, database: 'postgres' },
    place,
    halt,
    start,
    async stop() {
      // It may be halted already.
      await halt('immediate').catch(() => undefined);
      if (megabytes !== undefined) await run('umount', [place]);
      await rm(place, { recursive: true, force: true });
    },
  };
}

const USER = 'operator';
const CLUSTER = ['-U', USER, '-A', 'trust', '--no-locale', '-E', 'UTF8', '--no-sync', '--no-instructions'];
const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;

/** PostgreSQL refuses to run as root; where it is installed for root, its packages have made a user for it. */
function asOrdinaryUser(program: string, args: string[]): Promise<unknown> {
  const [command, ...before] = isRoot ? ['runuser', '-u', 'postgres', '--', program] : [program];
  // Neither PG* variables nor the locale of whoever runs the tests.
  return run(command as string, [...before, ...args], {
    cwd: '/',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
  });
}
