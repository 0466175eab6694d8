/**
 * A call of a webhook: checked against the secret over the exact bytes, taken once, made into an execution. Until the
 * signature is found right, every refusal is the same one, whatever is wrong and whether there is such a trigger.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { PointsmanError } from '../../contract/errors.ts';
import type { WebhookAccepted } from '../../contract/triggers.ts';
import type { WorkflowTrigger } from '../../contract/workflow-document.ts';
import { isId } from '../../contract/written-ids.ts';
import { isTimely, readSignature, replayKey, type SignedCall } from '../../domain/triggers/webhook-signature.ts';
import type { TriggerRecord } from '../../ports/store/triggers.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Mailroom } from '../mailroom.ts';
import { fireTrigger } from './fire-trigger.ts';
import { sealName } from './rotate-trigger-secret.ts';

export interface WebhookCall {
  triggerId: string;
  headers: Readonly<Record<string, string | undefined>>;
  query: Readonly<Record<string, unknown>>;
  body: Uint8Array;
}

/** A secret that nobody has: checking against it takes as long as against a right one. */
const NOBODYS = randomBytes(32).toString('base64');
const SECRET_HEADERS = /^(authorization|cookie|proxy-authorization|.*signature.*)$/;

export async function receiveWebhook(
  context: EngineContext & { mailroom: Mailroom },
  call: WebhookCall,
): Promise<WebhookAccepted> {
  const { store, clock } = context;
  const now = clock.now();
  const trigger = isId(call.triggerId) ? await store.triggers.get(call.triggerId) : null;
  const usable = trigger?.kind === 'webhook' && trigger.enabled && trigger.secret !== null ? trigger : null;
  const secret = usable?.secret ? context.secrets.unseal(sealName(usable.id), usable.secret) : NOBODYS;
  const signature = readSignature(call.headers);
  const code = signature ? rightCode(signature, secret, call.body) : null;
  if (!usable || !signature || code === null || !isTimely(signature, now.getTime())) throw refused();

  const delivery = { triggerId: usable.id, ...replayKey(signature, { code, nowMs: now.getTime() }) };
  const data = { ...eventOf(usable, call), at: now.toISOString() };
  const fired = await fireTrigger(
    context,
    { trigger: usable, event: { data, chain: 0 } },
    async (transaction, { note, executionId }) => {
      // What could not be started may be sent again.
      const isNew =
        note.lastOutcome === 'failed' || (await transaction.triggers.remember({ ...delivery, executionId }));
      if (isNew) await transaction.triggers.note(usable.id, note);
      return isNew;
    },
  );
  switch (fired.outcome) {
    case 'failed':
      throw fired.error;
    case 'skipped':
      return { executionId: null, outcome: 'skipped' };
    case 'taken':
      return takenBefore();
    default:
      return fired;
  }

  /** A retry of a message is told what became of it; the same bytes again are nobody's retry. */
  async function takenBefore(): Promise<WebhookAccepted> {
    const before =
      signature?.messageId == null ? null : await store.triggers.delivery(delivery.triggerId, delivery.key);
    if (!before) throw refused();
    return { executionId: before.executionId, outcome: before.executionId === null ? 'skipped' : 'started' };
  }
}

function refused(): PointsmanError {
  return new PointsmanError('WEBHOOK_REFUSED');
}

/** The code that was sent and is right; null when none is. */
function rightCode(signature: SignedCall, secret: string, body: Uint8Array): string | null {
  const key =
    signature.decodesSecret && secret.startsWith('whsec_')
      ? Buffer.from(secret.slice('whsec_'.length), 'base64')
      : Buffer.from(secret);
  const right = createHmac('sha256', key).update(signature.prefix).update(body).digest();
  const sent = signature.codes.filter((code) => {
    const bytes = Buffer.from(code, signature.encoding);
    return bytes.length === right.length && timingSafeEqual(bytes, right);
  });
  // As we write it, not as it was sent: base64 has several ways to say the same.
  return sent.length > 0 ? right.toString('hex') : null;
}

/** What the inputs of the trigger may read. */
function eventOf({ config }: TriggerRecord, { headers, query, body }: WebhookCall): Record<string, unknown> {
  const shown = Object.entries(headers).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !SECRET_HEADERS.test(entry[0]),
  );
  return {
    kind: 'webhook',
    webhook: (config as Extract<WorkflowTrigger, { webhook: string }>).webhook, // a webhook was asked for
    headers: Object.fromEntries(shown),
    query,
    body: bodyOf(headers['content-type'] ?? '', Buffer.from(body).toString('utf8')),
  };
}

function bodyOf(type: string, text: string): unknown {
  if (text === '') return null;
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PointsmanError('MALFORMED_BODY', {
      detail: `The body is not valid JSON: ${cause instanceof Error ? cause.message : ''}`,
      cause,
    });
  }
}
