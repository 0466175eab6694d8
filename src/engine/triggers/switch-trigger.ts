/** Enables or disables a trigger. What happens while it is disabled starts nothing, also later. */
import { PointsmanError } from '../../contract/errors.ts';
import type { Trigger } from '../../contract/triggers.ts';
import { triggerView } from '../../ports/store/triggers.ts';
import type { Actor, EngineContext } from '../engine-context.ts';
import { beginTrigger } from './begin-trigger.ts';

export async function switchTrigger(
  { store, clock }: Pick<EngineContext, 'store' | 'clock'>,
  { id, enabled, by }: { id: string; enabled: boolean; by: Actor },
): Promise<Trigger> {
  return store.transaction(async (transaction) => {
    const trigger = await transaction.triggers.get(id);
    if (!trigger) throw new PointsmanError('TRIGGER_NOT_FOUND');
    if (trigger.enabled === enabled) return triggerView(trigger);
    const place = enabled
      ? await beginTrigger(transaction, trigger.config, clock.now().toISOString())
      : { nextAt: trigger.nextAt, cursor: trigger.cursor };
    await transaction.triggers.setEnabled(id, enabled, place);
    await transaction.identity.audit({
      actor: by.name,
      action: enabled ? 'trigger.enable' : 'trigger.disable',
      subject: id,
      detail: { workflowId: trigger.workflowId, trigger: trigger.config },
    });
    transaction.notify({ channel: 'triggers', key: trigger.workflowId });
    return triggerView({ ...trigger, ...place, enabled });
  });
}
