/** Sends one note to one browser through its push service, and says what became of it. Knows no rows but the server's own keys. */
import type { PushNote } from '../../contract/push.ts';
import type { EgressOutcome, HttpEgress } from '../../ports/http-egress.ts';
import type { EngineContext } from '../engine-context.ts';
import { type BrowserKeys, pushMessage } from './push-message.ts';
import { makeVapidKeys, type VapidKeys, vapidAuthorization } from './vapid.ts';

const KEY_NAME = 'push private key';
const ANSWER_MAX_BYTES = 16_384;
const SHOWN_CHARACTERS = 300;

/** Where a browser is reached: kept as one ciphertext. */
export interface Address {
  endpoint: string;
  keys: BrowserKeys;
}

export type PushOutcome =
  | { outcome: 'sent' }
  /** The browser has unsubscribed, or its service has forgotten it. */
  | { outcome: 'gone' }
  /** Nothing has arrived; it may be tried again. */
  | { outcome: 'later'; reason: string; afterSeconds: number | null }
  /** It would be refused again. */
  | { outcome: 'refused'; reason: string }
  /** It may have arrived. */
  | { outcome: 'unknown'; reason: string };

export interface PushSender {
  publicKey(): Promise<string>;
  send(
    address: Address,
    push: { note: PushNote; ttlSeconds: number; topic: string | null },
    signal: AbortSignal,
  ): Promise<PushOutcome>;
}

export function createPushSender(
  { store, secrets, clock }: Pick<EngineContext, 'store' | 'secrets' | 'clock'>,
  { egress, contact }: { egress: HttpEgress; contact: string },
): PushSender {
  async function keys(): Promise<VapidKeys> {
    let kept = await store.push.keys();
    if (!kept) {
      const made = makeVapidKeys();
      kept = await store.push.keepKeys({
        publicKey: made.publicKey,
        privateKey: secrets.seal(KEY_NAME, made.privateKey),
      });
    }
    return { publicKey: kept.publicKey, privateKey: secrets.unseal(KEY_NAME, kept.privateKey) };
  }

  return {
    publicKey: async () => (await keys()).publicKey,
    async send({ endpoint, keys: browser }, { note, ttlSeconds, topic }, signal) {
      const outcome = await egress.send(
        {
          method: 'POST',
          url: endpoint,
          headers: {
            authorization: vapidAuthorization(await keys(), { endpoint, contact, now: clock.now() }),
            'content-encoding': 'aes128gcm',
            'content-type': 'application/octet-stream',
            ttl: String(ttlSeconds),
            urgency: 'high',
            ...(topic === null ? {} : { topic }),
          },
          body: pushMessage(JSON.stringify(note), browser),
          follow: false,
          maxBodyBytes: ANSWER_MAX_BYTES,
        },
        signal,
      );
      return meaningOf(outcome);
    },
  };
}

function meaningOf(outcome: EgressOutcome): PushOutcome {
  switch (outcome.outcome) {
    case 'answered':
      return answered(
        outcome.status,
        Buffer.from(outcome.body).toString('utf8').trim(),
        outcome.headers['retry-after'],
      );
    case 'too_large':
      return answered(outcome.status, '', undefined);
    case 'refused':
      return { outcome: 'refused', reason: outcome.reason };
    case 'unreachable':
      return { outcome: 'later', reason: outcome.reason, afterSeconds: null };
    case 'broken':
      return { outcome: 'unknown', reason: outcome.reason };
    case 'aborted':
      return { outcome: 'unknown', reason: 'there was no answer in time' };
  }
}

function answered(status: number, said: string, retryAfter: string | string[] | undefined): PushOutcome {
  if (status >= 200 && status < 300) return { outcome: 'sent' };
  if (status === 404 || status === 410) return { outcome: 'gone' };
  const reason = `the push service answered ${status}${said === '' ? '' : `: ${said.slice(0, SHOWN_CHARACTERS)}`}`;
  if (status === 429 || status >= 500) {
    const seconds = Number(retryAfter);
    return { outcome: 'later', reason, afterSeconds: Number.isFinite(seconds) && seconds > 0 ? seconds : null };
  }
  return { outcome: 'refused', reason };
}
