/**
 * Runs step commands under a small shell script in a session of their own, so that they and the record of their end
 * outlive the server. Knows nothing of workflows; the files are described in run-directory.ts.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { StartOutcome, StepCommand, StepExit, StepSupervisor } from '../../ports/step-supervisor.ts';
import { boundOutput } from './bounded-output.ts';
import { killRun } from './kill-run.ts';
import { readLimited } from './limited-output.ts';
import { createProcessTable } from './process-table.ts';
import {
  createRun,
  fence,
  inspectRun,
  keyDirectory,
  latestRun,
  runMarker,
  type RunDirectory,
  type RunState,
} from './run-directory.ts';
import { commandLine } from './step-command-line.ts';
import { SUPERVISE_STEP_SCRIPT } from './supervise-step-script.ts';
import { watchDirectory } from './watch-run.ts';

const OUTPUT_LIMIT_BYTES = 1024 * 1024; // per stream of a StepExit
const READ_LIMIT_BYTES = 1024 * 1024; // per stream of one readOutput; the caller comes back for more
const LIVENESS_CHECK_MS = 1000; // a supervisor that was killed writes nothing we could watch
const CLAIM_WITHIN_MS = 30_000; // 3 ms when idle; a machine this slow is better told than waited for
const DEFAULT_GRACE_MS = 5000;

export function createStepSupervisor({ directory }: { directory: string }): StepSupervisor {
  const root = resolve(directory);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  chmodSync(root, 0o700);
  const script = join(root, 'supervise-step.sh');
  // Renamed into place: a supervisor of an older server may be reading the old one this moment.
  writeFileSync(`${script}.${process.pid}`, SUPERVISE_STEP_SCRIPT, { mode: 0o700 });
  renameSync(`${script}.${process.pid}`, script);
  const processes = createProcessTable();
  const starting = new Map<string, Promise<StartOutcome>>();

  const find = (key: string): Promise<RunDirectory | undefined> => latestRun(keyDirectory(root, key));

  return {
    start(command) {
      // Two calls for one key in one process are one start.
      const running = starting.get(command.key) ?? startOnce(command).finally(() => starting.delete(command.key));
      starting.set(command.key, running);
      return running;
    },

    async attach(key) {
      const run = await find(key);
      if (!run) {
        const fenced = await createRun({ keyPath: keyDirectory(root, key), key, generation: 1, token: 'fenced' });
        return fenced ? { outcome: 'never_started' } : this.attach(key);
      }
      if (await fence(run)) return { outcome: 'never_started' };
      const state = await inspectRun(run, processes);
      switch (state.status) {
        case 'open':
        case 'fenced':
          return { outcome: 'never_started' };
        case 'running':
          return { outcome: 'running', startedAt: state.supervisor.startedAt };
        case 'exited':
          return { outcome: 'exited', exit: await stepExit(run, state) };
        case 'unknown':
          return { outcome: 'unknown', reason: state.reason };
      }
    },

    async wait(key, signal) {
      signal.throwIfAborted();
      const run = await find(key);
      if (!run) return { outcome: 'unknown', reason: 'nothing was started under this key' };
      const changes = watchDirectory(run.path);
      const outputs = ['stdout', 'stderr'].map((name) => boundOutput(join(run.path, name)));
      try {
        for (;;) {
          for (const output of outputs) await output.look();
          const state = await inspectRun(run, processes);
          signal.throwIfAborted();
          if (state.status === 'exited') return { outcome: 'exited', exit: await stepExit(run, state) };
          if (state.status === 'unknown') return { outcome: 'unknown', reason: state.reason };
          if (state.status === 'fenced') return { outcome: 'unknown', reason: 'nothing was started under this key' };
          await changes.next(LIVENESS_CHECK_MS, signal);
        }
      } finally {
        changes.close();
      }
    },

    async readOutput(key, from) {
      const run = await find(key);
      if (!run) return { stdout: new Uint8Array(), stderr: new Uint8Array() };
      const [stdout, stderr] = await Promise.all([
        readFrom(join(run.path, 'stdout'), from.stdout),
        readFrom(join(run.path, 'stderr'), from.stderr),
      ]);
      return { stdout, stderr };
    },

    async kill(key, { graceMs = DEFAULT_GRACE_MS } = {}) {
      const run = await find(key);
      if (run) await killRun(run, { graceMs, processes });
    },

    async forget(key) {
      const run = await find(key);
      if (run && !(await fence(run)) && (await inspectRun(run, processes)).status === 'running') {
        throw new Error(`the step ${key} is still running: its records cannot be removed`);
      }
      const path = keyDirectory(root, key);
      const gone = `${path}.gone`;
      await rm(gone, { recursive: true, force: true });
      // Renamed first: half a removed directory could be taken for a step that never began.
      await rename(path, gone).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
      await rm(gone, { recursive: true, force: true });
    },
  };

  async function startOnce(command: StepCommand): Promise<StartOutcome> {
    const existing = await find(command.key);
    if (existing && !(await fence(existing))) return begun(existing);
    const line = await commandLine(command);
    if (line.outcome === 'failed') return line;
    const run = await createRun({
      keyPath: keyDirectory(root, command.key),
      key: command.key,
      generation: (existing?.generation ?? 0) + 1,
      token: 'open',
    });
    if (!run)
      return {
        outcome: 'failed',
        code: 'SPAWN_FAILED',
        reason: 'another server decided about this step at the same moment',
      };
    const changes = watchDirectory(run.path);
    const failure = new AbortController();
    try {
      const child = spawn('/bin/sh', [script, run.path, command.cwd, line.path, ...line.argv], {
        cwd: '/',
        detached: true,
        stdio: 'ignore',
        env: { ...line.env, POINTSMAN_STEP: await runMarker(run) },
      });
      child.once('error', (error) => failure.abort(error));
      child.once('exit', (code) =>
        failure.abort(new Error(`the supervisor ended with status ${code} before it could claim the step`)),
      );
      child.unref();
      const deadline = Date.now() + CLAIM_WITHIN_MS;
      while ((await inspectRun(run, processes)).status === 'open' && !failure.signal.aborted && Date.now() < deadline) {
        await changes.next(LIVENESS_CHECK_MS, failure.signal);
      }
    } catch (error) {
      failure.abort(error);
    } finally {
      changes.close();
    }
    // Won by us: nothing ran and nothing will. Won by the supervisor: it began, whatever happened since.
    if (!(await fence(run))) return begun(run);
    const reason: unknown =
      failure.signal.reason ?? 'the supervisor did not begin in time, or another server gave the step up';
    return {
      outcome: 'failed',
      code: 'SPAWN_FAILED',
      reason: reason instanceof Error ? reason.message : String(reason),
    };
  }

  /** It runs or ran under this key: starting it again would run it twice. */
  async function begun(run: RunDirectory): Promise<StartOutcome> {
    const pid = Number((await readFrom(join(run.path, 'pid'), 0)).toString().split('\n')[0]) || 0;
    const state = await inspectRun(run, processes);
    const startedAt =
      state.status === 'running'
        ? state.supervisor.startedAt
        : state.status === 'exited'
          ? state.startedAt
          : state.status === 'unknown'
            ? state.supervisor?.startedAt
            : undefined;
    return { outcome: 'started', pid, startedAt: startedAt ?? new Date(0).toISOString() };
  }
}

async function stepExit(run: RunDirectory, state: Extract<RunState, { status: 'exited' }>): Promise<StepExit> {
  const [stdout, stderr] = await Promise.all([
    readLimited(join(run.path, 'stdout'), OUTPUT_LIMIT_BYTES),
    readLimited(join(run.path, 'stderr'), OUTPUT_LIMIT_BYTES),
  ]);
  return { exitCode: state.exitCode, stdout, stderr, startedAt: state.startedAt, finishedAt: state.finishedAt };
}

async function readFrom(file: string, offset: number): Promise<Buffer> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return Buffer.alloc(0);
  try {
    const size = Math.min(READ_LIMIT_BYTES, Math.max(0, (await handle.stat()).size - offset));
    const buffer = Buffer.alloc(size);
    const { bytesRead } = await handle.read(buffer, 0, size, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
