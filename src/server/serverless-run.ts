/** `pointsman run` without a server: the engine in this process, for one execution. */
import { PointsmanError } from '../contract/errors.ts';
import { FINISHED_EXECUTION, type Execution } from '../contract/executions.ts';
import { PinnedOutcomes } from '../contract/pinned-outcomes.ts';
import type { UpdatesServerFrame } from '../contract/live.ts';
import { requireValid } from '../engine/save-workflow.ts';
import { startExecution } from '../engine/start-execution.ts';
import { executionView } from '../ports/store/executions.ts';
import { composeEngine } from './compose.ts';
import { loadConfig } from './config.ts';
import { claimHome, prepareHome } from './home.ts';
import { createPhases } from './phases.ts';

export interface ServerlessRun {
  /** JSON or YAML text. */
  document: string;
  inputs: Record<string, unknown>;
  pinned?: PinnedOutcomes;
  home: string;
  onEvent: (event: Extract<UpdatesServerFrame, { type: 'event' }>) => void;
  /** Ends when only people are waited for, instead of waiting with them. */
  stopWhenWaiting: boolean;
  signal: AbortSignal;
}

export async function runServerless({
  document: source,
  inputs,
  pinned: given,
  home: directory,
  onEvent,
  stopWhenWaiting,
  signal,
}: ServerlessRun): Promise<{ execution: Execution }> {
  const config = loadConfig({ flags: { home: directory } });
  const home = prepareHome(config.home);
  const claim = claimHome(home, new Date().toISOString());
  const quiet = () => undefined;
  const engine = await composeEngine({
    config,
    home,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    phases: createPhases(quiet),
  }).catch((error: unknown) => {
    claim.release();
    throw error;
  });
  try {
    const { context } = engine;
    const document = await requireValid(context, source);
    const pinned = given === undefined ? undefined : pinsOf(given);
    await engine.start();
    const { execution: started } = await startExecution(context, {
      workflowId: null,
      version: 0,
      document,
      inputs,
      pinned,
      by: { name: 'command line', role: 'admin' },
    });
    const topic = `execution:${started.id}`;
    let seq = 0;
    while (!signal.aborted) {
      for (const event of (await context.store.events.after(topic, seq, 500)) ?? []) {
        seq = event.seq;
        onEvent({ type: 'event', ...event });
      }
      const record = await context.store.executions.get(started.id);
      if (!record || FINISHED_EXECUTION.includes(record.status) || (stopWhenWaiting && record.status === 'waiting'))
        break;
      await nextEvent();
    }
    const record = await context.store.executions.get(started.id);
    return { execution: record ? executionView(record, await context.store.executions.steps(started.id)) : started };

    function nextEvent(): Promise<void> {
      return new Promise((resolve) => {
        const done = () => {
          unsubscribe();
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const unsubscribe = context.bus.subscribe(
          (notice) => (notice.channel === 'events' && notice.key === topic ? done() : undefined),
          done,
        );
        const timer = setTimeout(done, 1_000); // an event that came just before we listened
        signal.addEventListener('abort', done);
      });
    }
  } finally {
    await engine.close();
    claim.release();
  }
}

/** What a request would be checked for at the door. */
function pinsOf(given: unknown): PinnedOutcomes {
  const read = PinnedOutcomes.safeParse(given);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => ({
    path: `/pinned/${path.join('/')}`,
    code: 'INVALID_VALUE',
    message,
    severity: 'error' as const,
  }));
  throw new PointsmanError('INVALID_REQUEST', { detail: 'What is pinned is no outcome of a node.', problems });
}
