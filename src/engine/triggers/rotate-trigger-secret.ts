/** Gives a webhook a new secret. It is said once; what was signed with the one before is refused from now on. */
import { randomBytes } from 'node:crypto';
import { PointsmanError } from '../../contract/errors.ts';
import type { TriggerSecret } from '../../contract/triggers.ts';
import { hookAddress } from '../../ports/store/triggers.ts';
import type { Actor, EngineContext } from '../engine-context.ts';

/** As Standard Webhooks write a secret, so that their libraries take it. */
const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

export async function rotateTriggerSecret(
  { store, secrets }: Pick<EngineContext, 'store' | 'secrets'>,
  { id, by }: { id: string; by: Actor },
): Promise<TriggerSecret> {
  const secret = PREFIX + randomBytes(SECRET_BYTES).toString('base64');
  return store.transaction(async (transaction) => {
    const trigger = await transaction.triggers.get(id);
    if (!trigger) throw new PointsmanError('TRIGGER_NOT_FOUND');
    if (trigger.kind !== 'webhook') throw new PointsmanError('TRIGGER_NOT_A_WEBHOOK');
    await transaction.triggers.setSecret(id, secrets.seal(sealName(id), secret));
    await transaction.identity.audit({
      actor: by.name,
      action: 'trigger.secret',
      subject: id,
      detail: { workflowId: trigger.workflowId, trigger: trigger.config },
    });
    return { id, address: hookAddress(id), secret };
  });
}

/** What the secret of a trigger is sealed under. */
export function sealName(triggerId: string): string {
  return `trigger ${triggerId}`;
}
