/** The browsers of one person or program: subscribed, changed, tried and let go by nobody but their owner. */
import { createHash } from 'node:crypto';
import { PointsmanError } from '../../contract/errors.ts';
import { InboxItemType } from '../../contract/inbox.ts';
import type { PushSubscription, PutPushSubscription } from '../../contract/push.ts';
import { TEST_NOTE } from '../../domain/push-words.ts';
import type { PushSubscriptionRecord } from '../../ports/store/push.ts';
import type { EngineContext } from '../engine-context.ts';
import { areBrowserKeys } from './push-message.ts';
import type { Address, PushSender } from './push-sender.ts';

/** More than anybody carries; browsers that are reinstalled leave the old ones behind. */
const MOST_OF_ONE_OWNER = 20;
const TEST_TTL_SECONDS = 60;
const ANSWER_WITHIN_MS = 15_000;
const SEALED_NAME = 'push subscription';

type Context = Pick<EngineContext, 'store' | 'secrets' | 'ids' | 'clock'>;

export async function subscribe(
  { store, secrets, ids, clock }: Context,
  { ownerId, body: { endpoint, keys, device, kinds } }: { ownerId: string; body: PutPushSubscription },
): Promise<PushSubscription> {
  if (!areBrowserKeys(keys))
    throw new PointsmanError('INVALID_REQUEST', {
      detail: 'Nothing can be encrypted for these keys.',
      problems: [
        { path: '/keys/p256dh', code: 'INVALID_VALUE', message: 'It is not a point of P-256.', severity: 'error' },
      ],
    });
  const at = clock.now().toISOString();
  const record = await store.transaction((transaction) =>
    transaction.push.put(
      {
        id: ids.next(),
        ownerId,
        endpointHash: createHash('sha256').update(endpoint).digest('hex'),
        service: new URL(endpoint).host,
        device,
        kinds: kinds ?? [...InboxItemType.options],
        sealed: secrets.seal(SEALED_NAME, JSON.stringify({ endpoint, keys } satisfies Address)),
        since: at,
        createdAt: at,
        lastSentAt: null,
      },
      MOST_OF_ONE_OWNER,
    ),
  );
  return subscriptionView(record);
}

export function addressOf({ sealed }: { sealed: string }, secrets: Context['secrets']): Address {
  return JSON.parse(secrets.unseal(SEALED_NAME, sealed)) as Address; // sealed above
}

export async function tryOut(
  { store, secrets }: Context,
  { id, ownerId, sender }: { id: string; ownerId: string; sender: PushSender },
): Promise<void> {
  const found = await store.push.get(id, ownerId);
  if (!found) throw new PointsmanError('PUSH_SUBSCRIPTION_NOT_FOUND');
  const push = { note: TEST_NOTE, ttlSeconds: TEST_TTL_SECONDS, topic: null };
  const sent = await sender.send(addressOf(found, secrets), push, AbortSignal.timeout(ANSWER_WITHIN_MS));
  if (sent.outcome === 'sent') return;
  if (sent.outcome === 'gone') {
    await store.push.remove(id);
    throw new PointsmanError('PUSH_SUBSCRIPTION_NOT_FOUND', {
      detail: 'This browser has unsubscribed, so the subscription was removed.',
    });
  }
  throw new PointsmanError('PUSH_REFUSED', {
    detail: `${sent.reason.charAt(0).toUpperCase()}${sent.reason.slice(1)}.`,
  });
}

export function subscriptionView({
  id,
  device,
  service,
  kinds,
  createdAt,
  lastSentAt,
}: PushSubscriptionRecord): PushSubscription {
  return { id, device, service, kinds, createdAt, ...(lastSentAt === null ? {} : { lastSentAt }) };
}
