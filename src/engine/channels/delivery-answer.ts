/** What the answer of a channel's receiver means. */
import type { Channel, DeliveryReceipt } from '../../contract/channels.ts';
import type { StepError } from '../../contract/executions.ts';

const SHOWN_CHARACTERS = 300;

export function deliveryAnswer(
  { status, body }: { status: number; body: Uint8Array },
  { channel, id, at }: { channel: Channel; id: string; at: string },
): { receipt: DeliveryReceipt; error?: StepError } {
  const receipt = { id, channel: channel.name, kind: channel.kind, status, at };
  if (status >= 200 && status < 300) return { receipt };
  const said = Buffer.from(body).toString('utf8').trim().slice(0, SHOWN_CHARACTERS);
  const message = `${channel.name} answered with status ${status}${said === '' ? '' : `: ${said}`}`;
  return { receipt, error: { code: 'CHANNEL_REFUSED', message } };
}
