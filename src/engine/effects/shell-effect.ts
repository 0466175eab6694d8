/** A shell step: started under the supervisor, watched, and after a crash attached to again. */
import type { StartOutcome, StepExit, StepSupervisor } from '../../ports/step-supervisor.ts';
import type { EffectRecord } from '../../ports/store/executions.ts';
import { beginEffect, type EffectContext, type EffectKindRunner, finishEffect } from './effect-runner.ts';
import { longTimeout } from '../long-timeout.ts';
import { followOutput } from './follow-output.ts';
import { leftFiles, placeOf } from '../worktrees/execution-files.ts';
import type { StepWorkspace, WorkspaceOf } from './step-workspace.ts';

export interface ShellPayload {
  step: { id: string; nodeId: string; iteration: number; attempt: number };
  config: { command: string | string[]; cwd?: string; env?: Record<string, string>; allowFailure?: boolean };
  timeoutMs?: number;
}

export interface ShellEffectOptions {
  supervisor: StepSupervisor;
  workspaceOf: WorkspaceOf;
  /** What a step's command inherits; nothing of the server's secrets is in it. */
  environment: Readonly<Record<string, string>>;
}

export function shellEffect(
  context: EffectContext,
  { supervisor, workspaceOf, environment }: ShellEffectOptions,
): EffectKindRunner {
  return async (effect, { stop, cancel }) => {
    const payload = effect.payload as unknown as ShellPayload; // written by commitSuperstep from settle's effect
    const key = supervisorKey(effect);
    const begun = await begin(effect, payload, cancel);
    if (!begun) return;

    const following = followOutput(context, {
      effect,
      stepId: payload.step.id,
      nodeId: payload.step.nodeId,
      read: (from) => supervisor.readOutput(key, from),
    });
    const end = await untilEnd(key, { stop, cancel, timeoutMs: remaining(begun.startedAt, payload.timeoutMs) });
    if (end.how === 'stopped') return following.pause();
    await following.finish();
    const outcome = outcomeEvent(effect.key, end, payload);
    await finishEffect(context, effect, { ...outcome, ...(await filesOf(effect, begun.workspace)) });
    await supervisor.forget(key);
  };

  /** Null when it was finished here or belongs to another host. */
  async function begin(
    effect: EffectRecord,
    payload: ShellPayload,
    cancel: AbortSignal,
  ): Promise<{ startedAt: string; workspace?: StepWorkspace } | null> {
    const key = supervisorKey(effect);
    const at = context.clock.now().toISOString();
    if (effect.status === 'intended') {
      if (cancel.aborted) {
        await finishEffect(context, effect, { type: 'attempt_cancelled', key: effect.key, at });
        return null;
      }
      if (!(await beginEffect(context, effect, [{ type: 'attempt_started', key: effect.key, at }]))) return null;
    } else {
      const found = await supervisor.attach(key);
      if (found.outcome === 'running') return found;
      if (found.outcome === 'exited') return found.exit;
      if (found.outcome === 'unknown') {
        const outcome = { type: 'attempt_unknown', key: effect.key, at, reason: found.reason };
        await finishEffect(context, effect, { ...outcome, ...(await filesOf(effect)) });
        return null;
      }
      if (cancel.aborted) {
        await finishEffect(context, effect, { type: 'attempt_cancelled', key: effect.key, at });
        return null;
      }
    }
    const workspace = await workspaceOf(effect.executionId);
    const started = await start(effect, payload, workspace);
    if (started.outcome === 'started') return { ...started, workspace };
    await finishEffect(context, effect, {
      type: 'attempt_failed',
      key: effect.key,
      at,
      error: { code: started.code, message: started.reason },
    });
    return null;
  }

  /** What the command left in the execution's worktree; after a restart nobody knows yet which one that is. */
  async function filesOf(effect: EffectRecord, workspace?: StepWorkspace) {
    return leftFiles(context, effect.executionId, placeOf(workspace ?? (await workspaceOf(effect.executionId))));
  }

  async function start(
    effect: EffectRecord,
    { config, step }: ShellPayload,
    workspace: StepWorkspace,
  ): Promise<StartOutcome> {
    if (workspace.outcome === 'failed') return { outcome: 'failed', code: 'SPAWN_FAILED', reason: workspace.reason };
    return supervisor.start({
      key: supervisorKey(effect),
      command: config.command,
      cwd: config.cwd ? (config.cwd.startsWith('/') ? config.cwd : `${workspace.path}/${config.cwd}`) : workspace.path,
      env: { ...environment, ...config.env, POINTSMAN_EXECUTION: effect.executionId, POINTSMAN_NODE: step.nodeId },
    });
  }

  type End =
    | { how: 'exited' | 'cancelled' | 'timed_out'; exit: StepExit }
    | { how: 'unknown'; reason: string }
    | { how: 'stopped' };

  async function untilEnd(
    key: string,
    { stop, cancel, timeoutMs }: { stop: AbortSignal; cancel: AbortSignal; timeoutMs: number | null },
  ): Promise<End> {
    let how: 'exited' | 'cancelled' | 'timed_out' = 'exited';
    let killing: Promise<void> = Promise.resolve();
    const kill = (reason: 'cancelled' | 'timed_out') => {
      if (how !== 'exited') return;
      how = reason;
      killing = supervisor
        .kill(key)
        .catch((error: unknown) => context.log.error({ error, key }, 'a step could not be ended'));
    };
    const onCancel = () => kill('cancelled');
    cancel.addEventListener('abort', onCancel);
    if (cancel.aborted) onCancel();
    const timeout = timeoutMs === null ? null : longTimeout(() => kill('timed_out'), timeoutMs);
    try {
      const end = await supervisor.wait(key, stop);
      if (end.outcome === 'unknown') return stop.aborted ? { how: 'stopped' } : { how: 'unknown', reason: end.reason };
      // Also what the command left behind must be gone before its end counts.
      await killing;
      return { how, exit: end.exit };
    } catch (error) {
      if (stop.aborted) return { how: 'stopped' };
      throw error;
    } finally {
      timeout?.clear();
      cancel.removeEventListener('abort', onCancel);
    }
  }

  function remaining(startedAt: string, timeoutMs: number | undefined): number | null {
    return timeoutMs === undefined
      ? null
      : Math.max(0, Date.parse(startedAt) + timeoutMs - context.clock.now().getTime());
  }
}

function outcomeEvent(
  key: string,
  end: { how: 'exited' | 'cancelled' | 'timed_out'; exit: StepExit } | { how: 'unknown'; reason: string },
  { config, timeoutMs }: ShellPayload,
): object {
  if (end.how === 'unknown') return { type: 'attempt_unknown', key, at: new Date().toISOString(), reason: end.reason };
  const { exitCode, stdout, stderr, finishedAt: at } = end.exit;
  const output = { exitCode, stdout, stderr };
  if (end.how === 'cancelled') return { type: 'attempt_cancelled', key, at, output };
  if (end.how === 'timed_out')
    return {
      type: 'attempt_failed',
      key,
      at,
      output,
      error: {
        code: 'TIMEOUT',
        message: `It ran longer than ${(timeoutMs ?? 0) / 1000} s and was ended with all its processes.`,
      },
    };
  if (exitCode === 0 || config.allowFailure) return { type: 'attempt_succeeded', key, at, output };
  const lastLine = stderr.trimEnd().split('\n').at(-1);
  return {
    type: 'attempt_failed',
    key,
    at,
    output,
    error: {
      code: 'NON_ZERO_EXIT',
      message: `Exit status ${exitCode}${lastLine ? `: ${lastLine.slice(0, 500)}` : '.'}`,
    },
  };
}

function supervisorKey(effect: EffectRecord): string {
  return `${effect.executionId}:${effect.key}`;
}
