/** Sends a message to a channel at once, so that an administrator sees that it arrives. */
import type { DeliveryReceipt } from '../../contract/channels.ts';
import { type ErrorCode, PointsmanError } from '../../contract/errors.ts';
import type { HttpEgress } from '../../ports/http-egress.ts';
import { concealed } from '../effects/concealed.ts';
import type { Actor, EngineContext } from '../engine-context.ts';
import { channelRequest } from './channel-request.ts';
import { deliveryAnswer } from './delivery-answer.ts';

const ANSWER_WITHIN_MS = 15_000;

export async function testChannel(
  {
    store,
    secrets,
    ids,
    clock,
    egress,
  }: Pick<EngineContext, 'store' | 'secrets' | 'ids' | 'clock'> & { egress: HttpEgress },
  { name, by }: { name: string; by: Pick<Actor, 'name'> },
): Promise<DeliveryReceipt> {
  const channel = await store.channels.get(name);
  if (!channel) throw new PointsmanError('CHANNEL_NOT_FOUND');
  const at = clock.now();
  const id = ids.next();
  const text = `A test of the channel ${name}, by ${by.name}.`;
  const made = await channelRequest(channel, { id, at, text, about: { test: true } }, secrets);
  if (made.outcome === 'missing')
    throw new PointsmanError('SECRET_NOT_FOUND', {
      detail: `The channel uses the secret ${made.secret}, which is not stored.`,
    });
  const hide = concealed(made.secrets);
  const failed = (code: ErrorCode, detail: string) => new PointsmanError(code, { detail: hide.text(detail) });
  const outcome = await egress.send(made.request, AbortSignal.timeout(ANSWER_WITHIN_MS));
  switch (outcome.outcome) {
    case 'answered': {
      const { receipt, error } = deliveryAnswer(outcome, { channel, id, at: at.toISOString() });
      if (error) throw failed('CHANNEL_REFUSED', error.message);
      return receipt;
    }
    case 'refused':
      throw failed(outcome.code, outcome.reason);
    case 'unreachable':
      throw failed('HTTP_UNREACHABLE', outcome.reason);
    case 'broken':
      throw failed('HTTP_CONNECTION_LOST', outcome.reason);
    case 'too_large':
      throw failed('CHANNEL_REFUSED', `${name} answered with status ${outcome.status} and far too much.`);
    case 'aborted':
      throw failed('TIMEOUT', `${name} gave no answer within ${ANSWER_WITHIN_MS / 1000} s.`);
  }
}
