/**
 * A step of type `langgraph`: runs a registered graph, puts what it asks into the inbox, and goes on with the answers.
 * The graph's own checkpoints are in the store, so after a crash it goes on from the newest: nodes that were
 * checkpointed do not run again.
 */
import type { StepError } from '../../contract/executions.ts';
import type { GraphOutcome, RegisteredGraphs } from '../../ports/registered-graphs.ts';
import type { EffectRecord } from '../../ports/store/executions.ts';
import { longTimeout } from '../long-timeout.ts';
import { beginEffect, type EffectContext, type EffectKindRunner, finishEffect } from './effect-runner.ts';
import { graphCheckpoints } from './graph-checkpoints.ts';
import { type AskingStep, askQuestions, untilAnswered, withdrawQuestions } from './graph-questions.ts';

interface LanggraphPayload {
  step: { id: string; nodeId: string };
  config: { graph: string; input?: unknown };
  timeoutMs?: number;
}

type Ending =
  | { type: 'attempt_succeeded'; output: unknown }
  | { type: 'attempt_failed'; error: StepError }
  | { type: 'attempt_cancelled' };

export function langgraphEffect(context: EffectContext, { graphs }: { graphs: RegisteredGraphs }): EffectKindRunner {
  return async (effect, { stop, cancel }) => {
    const payload = effect.payload as unknown as LanggraphPayload; // written by commitSuperstep from settle's effect
    if (cancel.aborted) return end(effect, { type: 'attempt_cancelled' });
    const now = context.clock.now();
    const begun = [{ type: 'attempt_started', key: effect.key, at: now.toISOString() }];
    if (effect.status === 'intended' && !(await beginEffect(context, effect, begun))) return;

    const { timeoutMs } = payload;
    const since = effect.startedAt === null ? now.getTime() : Date.parse(effect.startedAt);
    const timeUp = new AbortController();
    const timeout =
      timeoutMs === undefined
        ? null
        : longTimeout(() => timeUp.abort(), Math.max(0, since + timeoutMs - now.getTime()));
    try {
      const ending = await run(effect, payload, AbortSignal.any([stop, cancel, timeUp.signal]));
      if (ending !== 'aborted') return await end(effect, ending);
      if (cancel.aborted) return await end(effect, { type: 'attempt_cancelled' });
      if (!timeUp.signal.aborted) return; // the server stops: it goes on from its checkpoint at the next start
      const message = `It did not end within ${(timeoutMs ?? 0) / 1000} s.`;
      await end(effect, { type: 'attempt_failed', error: { code: 'TIMEOUT', message } });
    } finally {
      timeout?.clear();
    }
  };

  /** Until the graph has ended; each turn ends with an answer, an end, or questions. */
  async function run(
    effect: EffectRecord,
    { step, config }: LanggraphPayload,
    signal: AbortSignal,
  ): Promise<Ending | 'aborted'> {
    const asking: AskingStep = { effect, stepId: step.id, nodeId: step.nodeId, graph: config.graph };
    let answers: Record<string, unknown> | undefined;
    while (!signal.aborted) {
      const checkpoints = graphCheckpoints(context.store.checkpoints, effect);
      const outcome = await graphs.run({
        graph: config.graph,
        threadId: `${effect.executionId}/${effect.key}`,
        input: config.input,
        ...(answers === undefined ? {} : { answers }),
        checkpoints,
        trace: {
          name: config.graph,
          ...(context.traces ? { parent: context.traces.placeOf(effect.executionId, step.id) } : {}),
          metadata: { execution: effect.executionId, node: step.nodeId, graph: config.graph },
        },
        signal,
      });
      if (outcome.outcome === 'aborted') return 'aborted';
      // The intent stays open, and the next sweep goes on from the newest checkpoint.
      if (outcome.outcome !== 'finished' && checkpoints.failure() !== null) throw checkpoints.failure();
      if (outcome.outcome === 'displaced') {
        answers = undefined; // whether they were taken is seen when it is asked again
        continue;
      }
      if (outcome.outcome !== 'interrupted') return endingOf(outcome);
      const { interrupts } = outcome;
      const repeated = interrupts.find(({ id }) => answers !== undefined && Object.hasOwn(answers, id));
      if (repeated) return failed('GRAPH_FAILED', 'It asks again what was answered.');
      await askQuestions(context, asking, interrupts);
      const answered = await untilAnswered(context, asking, { interrupts, signal });
      if (answered.outcome === 'aborted') return 'aborted';
      if (answered.outcome === 'denied')
        return failed(
          'GRAPH_DENIED',
          `${answered.by ?? 'Somebody'} denied it${answered.note ? `: ${answered.note}` : '.'}`,
        );
      ({ answers } = answered);
      await goesOn(effect);
    }
    return 'aborted';
  }

  async function goesOn({ executionId, key }: EffectRecord): Promise<void> {
    const at = context.clock.now().toISOString();
    await context.mailroom.post(executionId, [{ type: 'attempt_waiting', key, at, waiting: false }]);
  }

  async function end(effect: EffectRecord, ending: Ending): Promise<void> {
    await withdrawQuestions(context, effect);
    await finishEffect(context, effect, { ...ending, key: effect.key, at: context.clock.now().toISOString() });
  }
}

function endingOf(outcome: Extract<GraphOutcome, { outcome: 'finished' | 'failed' | 'unavailable' }>): Ending {
  if (outcome.outcome === 'finished') return { type: 'attempt_succeeded', output: outcome.state };
  return failed(outcome.code, outcome.reason);
}

function failed(code: string, message: string): Ending {
  return { type: 'attempt_failed', error: { code, message } };
}
