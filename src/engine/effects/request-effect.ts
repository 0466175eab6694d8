/**
 * A step that is one request to another machine. What was sent cannot be seen again after a crash, so a request that
 * may have been sent is `unknown` then, and sent again only where that changes nothing.
 */
import { isPointsmanError } from '../../contract/errors.ts';
import type { StepError } from '../../contract/executions.ts';
import type { EgressAnswer, EgressOutcome, EgressRequest, HttpEgress } from '../../ports/http-egress.ts';
import type { EffectRecord } from '../../ports/store/executions.ts';
import { longTimeout } from '../long-timeout.ts';
import type { Concealed } from './concealed.ts';
import { beginEffect, type EffectContext, type EffectKindRunner, finishEffect } from './effect-runner.ts';

/** Of a step without a `timeout`. */
const DEFAULT_TIMEOUT_MS = 60_000;
/** How long a stopping server waits for the answer to a request that must not be sent twice. */
const STOP_GRACE_MS = 5_000;
const STORE_AGAIN_MS = 1_000;

export type Judgement = { output: unknown; error?: StepError };

export type Prepared =
  | {
      outcome: 'ready';
      request: EgressRequest;
      /** Hides the secrets in the request. */
      secrets: Concealed;
      judge: (answer: EgressAnswer & { body: Uint8Array }) => Judgement;
    }
  | { outcome: 'failed'; error: StepError };

export interface RequestKind {
  /** Whether it may be sent a second time without anybody's leave. */
  repeatable: (effect: EffectRecord) => boolean;
  prepare: (effect: EffectRecord) => Promise<Prepared>;
}

type Ending =
  | { type: 'attempt_succeeded'; output: unknown }
  | { type: 'attempt_failed'; error: StepError; output?: unknown }
  | { type: 'attempt_cancelled' }
  | { type: 'attempt_unknown'; reason: string };

export function requestEffect(
  context: EffectContext,
  { egress, kind }: { egress: HttpEgress; kind: RequestKind },
): EffectKindRunner {
  return async (effect, { stop, cancel }) => {
    const repeatable = kind.repeatable(effect);
    const end = (ending: Ending) => finish(effect, ending, stop);
    if (effect.status === 'started' && !repeatable)
      return end({
        type: 'attempt_unknown',
        reason: 'The server ended while the request was on its way; whether it had its effect is not known.',
      });
    if (cancel.aborted) return end({ type: 'attempt_cancelled' });
    const prepared = await prepare(effect);
    if (prepared.outcome === 'failed') return end({ type: 'attempt_failed', error: prepared.error });
    const now = context.clock.now();
    const begun = [{ type: 'attempt_started', key: effect.key, at: now.toISOString() }];
    if (effect.status === 'intended' && !(await beginEffect(context, effect, begun))) return;

    const { timeoutMs = DEFAULT_TIMEOUT_MS } = effect.payload as { timeoutMs?: number };
    const since = effect.startedAt === null ? now.getTime() : Date.parse(effect.startedAt);
    const remainingMs = Math.max(0, since + timeoutMs - now.getTime());
    const { outcome, aborted } = await send(prepared.request, { stop, cancel, repeatable, remainingMs });
    if (aborted === 'stopped') return; // taken up again, or called unknown, at the next start
    if (aborted === 'cancelled') return end({ type: 'attempt_cancelled' });
    if (aborted === 'timed_out')
      return end({
        type: 'attempt_failed',
        error: { code: 'TIMEOUT', message: `There was no complete answer within ${timeoutMs / 1000} s.` },
      });
    await end(endingOf(outcome, { prepared, repeatable }));
  };

  async function prepare(effect: EffectRecord): Promise<Prepared> {
    try {
      return await kind.prepare(effect);
    } catch (error) {
      // No later try would read it either.
      if (!isPointsmanError(error, 'SECRET_UNREADABLE')) throw error;
      return { outcome: 'failed', error: { code: error.code, message: error.message } };
    }
  }

  async function send(
    request: EgressRequest,
    {
      stop,
      cancel,
      repeatable,
      remainingMs,
    }: { stop: AbortSignal; cancel: AbortSignal; repeatable: boolean; remainingMs: number },
  ): Promise<{ outcome: EgressOutcome; aborted: 'cancelled' | 'timed_out' | 'stopped' | null }> {
    let aborted: 'cancelled' | 'timed_out' | 'stopped' | null = null;
    const ending = new AbortController();
    const abort = (why: 'cancelled' | 'timed_out' | 'stopped') => {
      aborted ??= why;
      ending.abort();
    };
    let grace: NodeJS.Timeout | undefined;
    const onCancel = () => abort('cancelled');
    const onStop = () => {
      if (repeatable) abort('stopped');
      else grace = setTimeout(() => abort('stopped'), STOP_GRACE_MS);
    };
    cancel.addEventListener('abort', onCancel);
    stop.addEventListener('abort', onStop);
    if (cancel.aborted) onCancel();
    if (stop.aborted) onStop();
    const timeout = longTimeout(() => abort('timed_out'), remainingMs);
    try {
      const outcome = await egress.send(request, ending.signal);
      // An answer that came at the same moment is an answer.
      return { outcome, aborted: outcome.outcome === 'aborted' ? aborted : null };
    } finally {
      timeout.clear();
      clearTimeout(grace);
      cancel.removeEventListener('abort', onCancel);
      stop.removeEventListener('abort', onStop);
    }
  }

  /** The answer is nowhere but here: while the database is away it is kept and stored later. */
  async function finish(effect: EffectRecord, ending: Ending, stop: AbortSignal): Promise<void> {
    const event = { ...ending, key: effect.key, at: context.clock.now().toISOString() };
    for (;;) {
      try {
        return void (await finishEffect(context, effect, event));
      } catch (error) {
        if (stop.aborted) throw error;
        context.log.warn(
          { error, executionId: effect.executionId, key: effect.key },
          'the answer to a request could not be stored yet',
        );
        await context.clock.sleep(STORE_AGAIN_MS, stop);
      }
    }
  }
}

function endingOf(
  outcome: EgressOutcome,
  { prepared, repeatable }: { prepared: Extract<Prepared, { outcome: 'ready' }>; repeatable: boolean },
): Ending {
  const { secrets } = prepared;
  const failed = (code: string, message: string): Ending => ({
    type: 'attempt_failed',
    error: { code, message: sentence(secrets.text(message)) },
  });
  switch (outcome.outcome) {
    case 'answered': {
      const { output, error } = prepared.judge({
        ...withoutSecrets(outcome, secrets),
        body: secrets.bytes(outcome.body),
      });
      return error ? { type: 'attempt_failed', error, output } : { type: 'attempt_succeeded', output };
    }
    case 'too_large':
      return {
        type: 'attempt_failed',
        output: withoutSecrets(outcome, secrets),
        error: {
          code: 'HTTP_RESPONSE_TOO_LARGE',
          message: `The answer has more than ${prepared.request.maxBodyBytes} bytes.`,
        },
      };
    case 'refused':
      return failed(outcome.code, outcome.reason);
    case 'unreachable':
      return failed('HTTP_UNREACHABLE', outcome.reason);
    case 'broken':
      return repeatable
        ? failed('HTTP_CONNECTION_LOST', outcome.reason)
        : {
            type: 'attempt_unknown',
            reason: `${sentence(secrets.text(outcome.reason))} Whether the request had its effect is not known.`,
          };
    case 'aborted':
      return { type: 'attempt_cancelled' };
  }
}

function withoutSecrets({ status, headers }: EgressAnswer, secrets: Concealed): EgressAnswer {
  const hidden = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(secrets.text) : secrets.text(value),
  ]);
  return { status, headers: Object.fromEntries(hidden) as EgressAnswer['headers'] };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
