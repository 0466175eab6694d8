/** DBOS beside us: installed once, run as a process of its own on a database of its own in the same PostgreSQL. */
import { createRequire } from 'node:module';
import path from 'node:path';
import pg from 'pg';
import { installNpmPackage } from '../npm-package.ts';
import { type HttpTarget, startHttpTarget } from '../http-target.ts';
import type { Workload } from '../workload.ts';

const VERSION = '5.3.0';

export interface Dbos extends HttpTarget {
  version: string;
  /** Milliseconds of one workflow in its process, from the call to its recorded end. */
  run(workflow: 'chain' | 'fan' | 'one', size: number): Promise<{ count: number; ms: number }>;
}

/** Null, and a note, where it cannot be had or was not asked for (`--peers`). */
export async function startDbos(workload: Workload, connection: pg.PoolConfig): Promise<Dbos | null> {
  if (!process.argv.includes('--peers')) {
    workload.note('DBOS was not measured: it is with --peers');
    return null;
  }
  const installed = await installNpmPackage({ name: '@dbos-inc/dbos-sdk', version: VERSION, works });
  if (installed.outcome === 'missing') {
    workload.note(`DBOS could not be installed, so it was not measured: ${installed.reason}`);
    return null;
  }
  const admin = new pg.Client(connection);
  await admin.connect();
  await admin.query('CREATE DATABASE dbos');
  await admin.end();
  const target = await startHttpTarget(workload, 'peers/dbos-server.ts', [
    installed.directory,
    JSON.stringify({ ...connection, database: 'dbos' }),
  ]);
  workload.note(`DBOS ${VERSION} with 12 connections, in the same PostgreSQL`);
  return {
    ...target,
    version: VERSION,
    async run(workflow, size) {
      const response = await fetch(`${target.url}/${workflow}/${size}`, { method: 'POST' });
      if (!response.ok) throw new Error(`DBOS: ${response.status} ${await response.text()}`);
      return (await response.json()) as { count: number; ms: number };
    },
  };
}

function works(directory: string): boolean {
  try {
    createRequire(path.join(directory, 'package.json')).resolve('@dbos-inc/dbos-sdk');
    return true;
  } catch {
    return false;
  }
}
