/** Web push: the browsers in which a person is told that something waits in the inbox. */
import { z } from 'zod';
import { Id, Timestamp } from './identifiers.ts';
import { InboxItemType } from './inbox.ts';

/** What a browser gives when it subscribes (`PushSubscription.toJSON()`), without its expiry. */
const Endpoint = z.url({ protocol: /^https?$/, error: 'must be the address of a push service' }).max(2048);
const PublicKey = z.string().regex(/^[A-Za-z0-9_-]{87}=?$/, 'must be 65 bytes as base64url');
const AuthSecret = z.string().regex(/^[A-Za-z0-9_-]{22}={0,2}$/, 'must be 16 bytes as base64url');

const Kinds = z
  .array(InboxItemType)
  .max(InboxItemType.options.length)
  .refine((kinds) => new Set(kinds).size === kinds.length, 'must not name a kind twice');

export const PutPushSubscription = z
  .strictObject({
    endpoint: Endpoint,
    keys: z.strictObject({ p256dh: PublicKey, auth: AuthSecret }),
    /** How its owner tells it from others, such as “Firefox on Android”. */
    device: z.string().trim().min(1).max(120),
    /** Which items are told of; all of them without. */
    kinds: Kinds.optional(),
  })
  .meta({ id: 'PutPushSubscription' });
export type PutPushSubscription = z.infer<typeof PutPushSubscription>;

export const UpdatePushSubscription = z.strictObject({ kinds: Kinds }).meta({ id: 'UpdatePushSubscription' });

/** Everything of a subscription but its address and keys, which only its browser and this server know. */
export const PushSubscription = z
  .strictObject({
    id: Id,
    device: z.string(),
    /** The host of its push service. */
    service: z.string(),
    kinds: z.array(InboxItemType),
    createdAt: Timestamp,
    lastSentAt: Timestamp.optional(),
  })
  .meta({ id: 'PushSubscription' });
export type PushSubscription = z.infer<typeof PushSubscription>;

export const PushKey = z
  .strictObject({
    /** What a browser subscribes with (`applicationServerKey`), as base64url. */
    publicKey: z.string(),
  })
  .meta({ id: 'PushKey' });

/** What is in a push, encrypted for one browser: whose turn it is and how much waits, never what is asked. */
export const PushNote = z.strictObject({
  version: z.literal(1),
  /** The item; null in a test. */
  item: Id.nullable(),
  title: z.string(),
  body: z.string(),
  /** Open items, this one included. */
  waiting: z.int(),
});
export type PushNote = z.infer<typeof PushNote>;
