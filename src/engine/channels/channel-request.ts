/** A message as the receiver of a channel wants it: signed JSON for a webhook, the payload of its own for Slack. */
import { createHmac } from 'node:crypto';
import type { Channel } from '../../contract/channels.ts';
import type { EgressRequest } from '../../ports/http-egress.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { secretNamed } from '../agents/reveal-environment.ts';

/** A receiver says little; what it says goes into an error. */
const ANSWER_MAX_BYTES = 65_536;
/** Slack refuses longer texts. */
const SLACK_MAX_CHARACTERS = 40_000;

export interface Message {
  /** The same for each try of one delivery. */
  id: string;
  at: Date;
  text: string;
  /** What it is about; only a webhook is told. */
  about: Readonly<Record<string, unknown>>;
}

export type ChannelRequest =
  | { outcome: 'ready'; request: EgressRequest; secrets: string[] }
  | { outcome: 'missing'; secret: string };

export async function channelRequest(channel: Channel, message: Message, secrets: Secrets): Promise<ChannelRequest> {
  const named = secretNamed(channel.url);
  const url = named === null ? channel.url : (await secrets.reveal(named))?.trim();
  if (url === undefined) return { outcome: 'missing', secret: named ?? '' };
  const post = (body: string, headers: Record<string, string>): EgressRequest => ({
    method: 'POST',
    url,
    headers: { 'user-agent': 'pointsman', 'content-type': 'application/json', ...headers },
    body,
    follow: false,
    maxBodyBytes: ANSWER_MAX_BYTES,
  });
  if (channel.kind === 'slack')
    return { outcome: 'ready', request: post(JSON.stringify({ text: slackText(message.text) }), {}), secrets: [url] };
  const key = channel.secret === undefined ? null : ((await secrets.reveal(channel.secret))?.trim() ?? null);
  if (key === null) return { outcome: 'missing', secret: channel.secret ?? '' };
  const { id, at, text, about } = message;
  const body = JSON.stringify({
    type: 'notification',
    id,
    at: at.toISOString(),
    channel: channel.name,
    message: text,
    ...about,
  });
  const headers = signature({ id, at, body, key });
  return { outcome: 'ready', request: post(body, headers), secrets: named === null ? [key] : [key, url] };
}

/** As Standard Webhooks has it, so that receivers find a library: HMAC-SHA256 over id, seconds and the exact body. */
function signature({ id, at, body, key }: { id: string; at: Date; body: string; key: string }): Record<string, string> {
  const seconds = String(Math.floor(at.getTime() / 1000));
  const bytes = key.startsWith('whsec_') ? Buffer.from(key.slice('whsec_'.length), 'base64') : Buffer.from(key);
  const mac = createHmac('sha256', bytes).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${mac}` };
}

/** Without Slack's own marks: what an agent wrote mentions nobody and hides no address behind another. */
function slackText(text: string): string {
  const plain = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return plain.length > SLACK_MAX_CHARACTERS ? `${plain.slice(0, SLACK_MAX_CHARACTERS - 1)}…` : plain;
}
