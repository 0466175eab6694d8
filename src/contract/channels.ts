/** Where workflows send messages: named by an administrator, their credentials stored as secrets. */
import { z } from 'zod';
import { Timestamp } from './identifiers.ts';
import { SecretName } from './secrets.ts';

export const ChannelName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'must be letters, digits, and _ . - after the first');

/** Any name: one that a channel cannot have is refused as a field, not as an address. */
export const ChannelParams = z.strictObject({ name: z.string().min(1).max(200) });

export const ChannelKind = z.enum(['webhook', 'slack']);

const SecretReference = z.string().regex(/^secret:[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'must be secret:NAME');
const PlainUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address, or secret:NAME' })
  .max(2048)
  .refine((text) => !/^https?:\/\/[^/?#]*@/i.test(text), 'must not hold a name or password; store it as a secret');

/** A Slack webhook's address is its credential, so it is always a secret. */
export const PutChannel = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('webhook'),
      url: z.union([SecretReference, PlainUrl]),
      /** The secret that signs what is sent. */
      secret: SecretName,
    }),
    z.strictObject({ kind: z.literal('slack'), url: SecretReference }),
  ])
  .meta({ id: 'PutChannel' });
export type PutChannel = z.infer<typeof PutChannel>;

export const Channel = z
  .strictObject({
    name: ChannelName,
    kind: ChannelKind,
    url: z.string(),
    secret: SecretName.optional(),
    createdBy: z.string(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Channel' });
export type Channel = z.infer<typeof Channel>;

/** What a `notify` step gives, and a test of a channel. */
export const DeliveryReceipt = z
  .strictObject({
    /** The receiver sees it too: a webhook as `webhook-id`. */
    id: z.string(),
    channel: ChannelName,
    kind: ChannelKind,
    /** What the receiver answered. */
    status: z.int(),
    at: Timestamp,
  })
  .meta({ id: 'DeliveryReceipt' });
export type DeliveryReceipt = z.infer<typeof DeliveryReceipt>;
