/** A notify step: its message to a channel that an administrator has named, and the receipt. */
import type { HttpEgress } from '../../ports/http-egress.ts';
import { splitAttemptKey } from '../../domain/settle/keys.ts';
import type { EffectRecord } from '../../ports/store/executions.ts';
import { channelRequest } from '../channels/channel-request.ts';
import { deliveryAnswer } from '../channels/delivery-answer.ts';
import { concealed } from './concealed.ts';
import type { EffectContext, EffectKindRunner } from './effect-runner.ts';
import { type Prepared, requestEffect } from './request-effect.ts';

interface NotifyPayload {
  step: { nodeId: string };
  config: { channel: string; message: string };
}

export function notifyEffect(context: EffectContext, { egress }: { egress: HttpEgress }): EffectKindRunner {
  // A person reads a message twice when it is sent twice, so it is not sent again without leave.
  return requestEffect(context, { egress, kind: { repeatable: () => false, prepare } });

  async function prepare(effect: EffectRecord): Promise<Prepared> {
    const { step, config } = effect.payload as unknown as NotifyPayload; // written by commitSuperstep from settle's effect
    const channel = await context.store.channels.get(config.channel);
    if (!channel) return failed('CHANNEL_NOT_FOUND', `There is no channel ${JSON.stringify(config.channel)}.`);
    const at = context.clock.now();
    // The same for every attempt, so that a receiver can tell a second one from a second message.
    const id = `${effect.executionId}:${splitAttemptKey(effect.key)?.run ?? effect.key}`;
    const execution = await context.store.executions.get(effect.executionId);
    const about = {
      execution: {
        id: effect.executionId,
        workflowId: execution?.workflowId ?? null,
        name: execution?.name ?? '',
        nodeId: step.nodeId,
      },
    };
    const made = await channelRequest(channel, { id, at, text: config.message, about }, context.secrets);
    if (made.outcome === 'missing')
      return failed('SECRET_NOT_FOUND', `The channel uses the secret ${made.secret}, which is not stored.`);
    return {
      outcome: 'ready',
      request: made.request,
      secrets: concealed(made.secrets),
      judge(answer) {
        const { receipt, error } = deliveryAnswer(answer, { channel, id, at: at.toISOString() });
        return { output: receipt, ...(error ? { error } : {}) };
      },
    };
  }
}

function failed(code: string, message: string): Prepared {
  return { outcome: 'failed', error: { code, message } };
}
