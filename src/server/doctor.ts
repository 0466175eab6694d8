/** Checks of an installation, each with what to do; the same list for the command line and the app. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { createDefinitionFolder } from '../adapters/definition-folder/definition-folder.ts';
import { describeManagedPostgres } from '../adapters/managed-postgres/managed-postgres.ts';
import type { RegisteredGraph } from '../contract/graphs.ts';
import { readDefinition } from '../domain/agent-definition.ts';
import { checkAgentClis } from './check-agent-clis.ts';
import { homeAt, runningServer } from './home.ts';
import { versionOf } from './program-version.ts';

export interface DoctorCheck {
  check: string;
  status: 'ok' | 'warning' | 'failed';
  detail: string;
  next?: string;
}

const LOW_DISK_BYTES = 500 * 1024 * 1024;

/** `graphs`: what a running server knows of those that are registered. */
export async function localDoctor({
  home,
  graphs = [],
}: {
  home: string;
  graphs?: readonly RegisteredGraph[];
}): Promise<DoctorCheck[]> {
  return [
    nodeCheck(),
    await tmuxCheck(),
    await gitCheck(),
    homeCheck(home),
    diskCheck(home),
    await databaseCheck(home),
    serverCheck(home),
    ...(await checkAgentClis()),
    await definitionsCheck(home),
    ...graphsCheck(graphs),
  ];
}

function nodeCheck(): DoctorCheck {
  const major = Number(process.versions.node.split('.')[0]);
  return major >= 24
    ? { check: 'node', status: 'ok', detail: process.version }
    : {
        check: 'node',
        status: 'failed',
        detail: `${process.version} is too old`,
        next: 'Run Pointsman with `npm start`, which brings Node 24.',
      };
}

async function tmuxCheck(): Promise<DoctorCheck> {
  const version = await versionOf('tmux', ['-V']);
  if (!version)
    return {
      check: 'tmux',
      status: 'failed',
      detail: 'tmux was not found',
      next: 'Install it: apt-get install tmux, or brew install tmux.',
    };
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
  if (major < 3 || (major === 3 && minor < 2))
    return { check: 'tmux', status: 'failed', detail: `${version} is too old`, next: 'Install tmux 3.2 or newer.' };
  return { check: 'tmux', status: 'ok', detail: version };
}

async function gitCheck(): Promise<DoctorCheck> {
  const version = await versionOf('git', ['--version']);
  return version
    ? { check: 'git', status: 'ok', detail: version }
    : { check: 'git', status: 'failed', detail: 'git was not found', next: 'Install it: apt-get install git.' };
}

/** Null where Claude Code is not installed, or not where agents look for it. */
export async function claudeVersion(): Promise<string | null> {
  return versionOf('claude', ['--version']);
}

function homeCheck(home: string): DoctorCheck {
  if (!existsSync(home)) return { check: 'data directory', status: 'ok', detail: `${home} is made at the first start` };
  try {
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return {
      check: 'data directory',
      status: 'failed',
      detail: `${home} cannot be written`,
      next: 'Correct its owner and permissions, or set POINTSMAN_HOME.',
    };
  }
  const open = (statSync(home).mode & 0o077) !== 0;
  return open
    ? { check: 'data directory', status: 'warning', detail: `${home} can be read by others`, next: `chmod 700 ${home}` }
    : { check: 'data directory', status: 'ok', detail: home };
}

function diskCheck(home: string): DoctorCheck {
  try {
    const { bavail, bsize } = statfsSync(existsSync(home) ? home : '/');
    const free = bavail * bsize;
    const detail = `${(free / 1024 ** 3).toFixed(1)} GiB free`;
    return free < LOW_DISK_BYTES
      ? { check: 'disk', status: 'warning', detail, next: 'Make room: below 500 MiB the database may stop.' }
      : { check: 'disk', status: 'ok', detail };
  } catch (error) {
    return { check: 'disk', status: 'warning', detail: error instanceof Error ? error.message : String(error) };
  }
}

async function databaseCheck(home: string): Promise<DoctorCheck> {
  if (process.env['POINTSMAN_DATABASE_URL'] || process.env['POINTSMAN_DATABASE_URL_FILE'])
    return { check: 'database', status: 'ok', detail: 'an external PostgreSQL is configured' };
  const found = await describeManagedPostgres({ home });
  if (found.status === 'none')
    return { check: 'database', status: 'ok', detail: 'a managed PostgreSQL is made at the first start' };
  return {
    check: 'database',
    status: 'ok',
    detail: `managed PostgreSQL at ${found.location}, ${found.status}; log ${found.log}`,
  };
}

async function definitionsCheck(home: string): Promise<DoctorCheck> {
  const { definitions } = homeAt(home);
  const found = await createDefinitionFolder(definitions).read();
  const bad = found.flatMap(({ file, text, unreadable }) => {
    const [problem] = readDefinition(text).problems;
    const place = problem?.line === undefined ? file : `${file}, line ${problem.line}`;
    return unreadable ? [`${file}: ${unreadable}`] : problem ? [`${place}: ${problem.message}`] : [];
  });
  return bad.length === 0
    ? { check: 'definitions', status: 'ok', detail: `${found.length} in ${definitions}` }
    : {
        check: 'definitions',
        status: 'warning',
        detail: bad.join('; '),
        next: `Correct the files in ${definitions}; until then agents keep what they said before.`,
      };
}

function graphsCheck(graphs: readonly RegisteredGraph[]): DoctorCheck[] {
  const failed = graphs.flatMap(({ problem }) => problem ?? []);
  if (graphs.length === 0) return [];
  return failed.length === 0
    ? [{ check: 'graphs', status: 'ok', detail: graphs.map(({ name, status }) => `${name} ${status}`).join(', ') }]
    : [
        {
          check: 'graphs',
          status: 'warning',
          detail: failed.join(' '),
          next: 'Correct the module, or its entry under `graphs` in pointsman.yaml; steps that name it fail until then.',
        },
      ];
}

function serverCheck(home: string): DoctorCheck {
  const server = runningServer(homeAt(home));
  return server
    ? { check: 'server', status: 'ok', detail: `runs as process ${server.pid}${server.url ? ` at ${server.url}` : ''}` }
    : { check: 'server', status: 'ok', detail: 'not running' };
}
