/** One look at every trigger that is due; what it finds it starts. Any worker may look, and several at once. */
import type { TriggerKind } from '../../contract/triggers.ts';
import type { TriggerRecord } from '../../ports/store/triggers.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Mailroom } from '../mailroom.ts';
import { fireTrigger } from './fire-trigger.ts';
import type { LookTrigger } from './trigger-kinds.ts';

const AT_ONCE = 200;

/** All but webhooks, which are called. */
export type TriggerKinds = Record<Exclude<TriggerKind, 'webhook'>, LookTrigger>;

export interface Looking {
  kinds: TriggerKinds;
  /** Of whose files it may look at; null: of none. */
  hostId: string | null;
}

/** `again`: there may be more of what was found; `failed`: some could not be looked at, and are due as before. */
export async function lookAtTriggers(
  context: EngineContext & { mailroom: Mailroom },
  { kinds, hostId }: Looking,
): Promise<'done' | 'again' | 'failed'> {
  const { store, clock, log } = context;
  let again = false;
  let failed = false;
  for (const trigger of await store.triggers.due({ now: clock.now().toISOString(), hostId, limit: AT_ONCE })) {
    try {
      again = (await lookAt(trigger)) || again;
    } catch (error) {
      failed = true;
      log.warn({ error, triggerId: trigger.id }, 'a trigger could not be looked at; it will be tried again');
    }
  }
  if (failed) return 'failed';
  return again ? 'again' : 'done';

  async function lookAt(trigger: TriggerRecord): Promise<boolean> {
    const look = kinds[trigger.kind as keyof TriggerKinds]; // a webhook is never due
    const { event, error, nextAt, cursor } = await look(trigger);
    const place = { nextAt, cursor };
    if (!event) {
      // What could not be read can be read again.
      const cleared = trigger.lastError?.code === 'TRIGGER_NOT_READABLE' ? null : trigger.lastError;
      const note = { ...lastOf(trigger), lastError: error ?? cleared };
      return (await store.triggers.advance(trigger, place, note)) && nextAt === null;
    }
    const fired = await fireTrigger(context, { trigger, event }, (transaction, { note }) =>
      transaction.triggers.advance(trigger, place, note),
    );
    if (fired.outcome === 'failed')
      log.warn({ triggerId: trigger.id, error: fired.error.message }, 'a trigger could not start its workflow');
    return fired.outcome !== 'taken';
  }
}

function lastOf({ lastFiredAt, lastOutcome, lastExecutionId }: TriggerRecord) {
  return { lastFiredAt, lastOutcome, lastExecutionId };
}
