/**
 * Carries out what executions decided: one running effect per committed intent, picked up again after a restart.
 * Kinds are in their own files; this one only knows which effects are open, and who is on them.
 */
import type { EffectRecord } from '../../ports/store/executions.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Mailroom } from '../mailroom.ts';

export interface EffectContext extends EngineContext {
  mailroom: Mailroom;
}

/** Resolves when the effect is done or handed over; `stop` fires at shutdown, `cancel` when the execution no longer wants it. */
export type EffectKindRunner = (
  effect: EffectRecord,
  signals: { stop: AbortSignal; cancel: AbortSignal },
) => Promise<void>;

export class EffectRunner {
  readonly #context: EffectContext;
  readonly #kinds: Readonly<Record<string, EffectKindRunner>>;
  readonly #running = new Map<string, { cancel: AbortController; done: Promise<void> }>();
  readonly #stop = new AbortController();
  #unsubscribe: (() => void) | null = null;
  #sweep: Promise<void> = Promise.resolve();

  constructor(context: EffectContext, kinds: Readonly<Record<string, EffectKindRunner>>) {
    this.#context = context;
    this.#kinds = kinds;
  }

  start(): void {
    const unsubscribe = this.#context.bus.subscribe(
      (notice) => {
        if (notice.channel === 'effects') this.sweep(notice.key);
      },
      () => this.sweep(),
    );
    const resign = this.#context.mailroom.carriesOut((intents) => {
      for (const effect of intents) this.#begin(effect, { isNew: true });
    });
    this.#unsubscribe = () => {
      unsubscribe();
      resign();
    };
    this.sweep();
  }

  /** Looks at the open effects of one or all executions and sees that somebody is on each. */
  sweep(executionId?: string): void {
    this.#sweep = this.#sweep
      .then(() => this.#pickUp(executionId))
      .catch((error: unknown) => this.#context.log.warn({ error }, 'open effects could not be read'));
  }

  async close(): Promise<void> {
    this.#unsubscribe?.();
    this.#stop.abort();
    await this.#sweep;
    await Promise.allSettled([...this.#running.values()].map((running) => running.done));
  }

  async #pickUp(executionId?: string): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const open = await this.#context.store.executions.openEffects(executionId ? { executionId } : undefined);
    for (const effect of open) this.#begin(effect, { isNew: false });
  }

  /** Sees that somebody is on an effect, once, and hears of it when it shall end. */
  #begin(effect: EffectRecord, { isNew }: { isNew: boolean }): void {
    if (this.#stop.signal.aborted) return;
    const id = `${effect.executionId} ${effect.key}`;
    const running = this.#running.get(id);
    if (running) {
      if (effect.cancel) running.cancel.abort(effect.cancel);
      return;
    }
    const cancel = new AbortController();
    if (effect.cancel) cancel.abort(effect.cancel);
    const done = this.#run(effect, { cancel: cancel.signal, isNew }).finally(() => this.#running.delete(id));
    this.#running.set(id, { cancel, done });
  }

  async #run(effect: EffectRecord, { cancel, isNew }: { cancel: AbortSignal; isNew: boolean }): Promise<void> {
    const run = this.#kinds[effect.kind] ?? this.#refuse;
    try {
      // It may have ended, or begun elsewhere, since the list was read; from here on nobody else here takes it.
      const now = isNew ? effect : await this.#context.store.executions.effect(effect.executionId, effect.key);
      if (!now || now.status === 'done' || (now.status === 'started' && now.hostId !== this.#context.hostId)) return;
      await run(now, { stop: this.#stop.signal, cancel });
    } catch (error) {
      // The intent stays open: the next sweep takes it up again.
      if (!this.#stop.signal.aborted)
        this.#context.log.error(
          { error, executionId: effect.executionId, key: effect.key },
          'an effect could not be carried out; it will be tried again',
        );
    }
  }

  readonly #refuse: EffectKindRunner = async (effect) => {
    await finishEffect(this.#context, effect, {
      type: 'attempt_failed',
      key: effect.key,
      at: this.#context.clock.now().toISOString(),
      error: { code: 'FEATURE_UNAVAILABLE', message: `Steps of type ${effect.kind} cannot be run yet.` },
    });
  };
}

/** Closes an effect and tells its execution the outcome, once: within the commit of a visit here, or by mail. */
export async function finishEffect(
  { mailroom }: Pick<EffectContext, 'mailroom'>,
  { executionId, key }: EffectRecord,
  outcome: object,
): Promise<boolean> {
  if (await mailroom.hand(executionId, key, outcome)) return true;
  return mailroom.post(executionId, [outcome], (transaction) => transaction.executions.finishEffect(executionId, key));
}

/** Marks an intent as begun, once; what `events` say is posted with it. */
export function beginEffect(context: EffectContext, effect: EffectRecord, events: readonly object[]): Promise<boolean> {
  return context.mailroom.post(effect.executionId, events, (transaction) =>
    transaction.executions.startEffect(effect.executionId, effect.key, context.hostId),
  );
}
