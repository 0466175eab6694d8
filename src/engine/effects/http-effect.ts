/** An http step: its request with the secrets filled in, and what its answer means. */
import type { HttpEgress } from '../../ports/http-egress.ts';
import type { EffectRecord } from '../../ports/store/executions.ts';
import { secretNamed } from '../agents/reveal-environment.ts';
import { answerBody } from './answer-body.ts';
import { concealed } from './concealed.ts';
import type { EffectContext, EffectKindRunner } from './effect-runner.ts';
import { type Judgement, type Prepared, requestEffect } from './request-effect.ts';

/** Of a body, either way; an output is state, and state is read at every step. */
export const BODY_MAX_BYTES = 1024 * 1024;

/** Asking again changes nothing (RFC 9110 §9.2.1); PUT and DELETE do change something, if only once. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

interface HttpPayload {
  config: {
    method?: string;
    url: string;
    headers?: Record<string, string>;
    body?: unknown;
    secret?: string;
    expect?: number | number[];
  };
}

export function httpEffect(context: EffectContext, { egress }: { egress: HttpEgress }): EffectKindRunner {
  return requestEffect(context, {
    egress,
    kind: { repeatable: (effect) => SAFE.has(methodOf(effect)), prepare },
  });

  async function prepare(effect: EffectRecord): Promise<Prepared> {
    const { config } = effect.payload as unknown as HttpPayload; // written by commitSuperstep from settle's effect
    const secrets: string[] = [];
    const headers: Record<string, string> = { 'user-agent': 'pointsman', accept: '*/*', 'accept-encoding': 'identity' };
    const reveal = async (name: string): Promise<string | null> => {
      const value = await context.secrets.reveal(name);
      if (value !== null) secrets.push(value, value.trim());
      return value === null ? null : value.trim(); // stored from a file, most have a line end that no header can hold
    };
    const { text: body, type } = bodyOf(config.body);
    if (body !== undefined && Buffer.byteLength(body) > BODY_MAX_BYTES)
      return failed('HTTP_REQUEST_INVALID', `The body has more than ${BODY_MAX_BYTES} bytes.`);
    if (type !== undefined) headers['content-type'] = type;
    for (const [name, given] of Object.entries(config.headers ?? {})) {
      const named = secretNamed(given);
      const value = named === null ? given : await reveal(named);
      if (value === null) return noSecret(named ?? '');
      headers[name.toLowerCase()] = value;
    }
    if (config.secret !== undefined) {
      const value = await reveal(config.secret);
      if (value === null) return noSecret(config.secret);
      headers['authorization'] = `Bearer ${value}`;
    }
    return {
      outcome: 'ready',
      request: {
        method: methodOf(effect),
        url: config.url,
        headers,
        ...(body === undefined ? {} : { body }),
        follow: !expects(config.expect, (status) => status >= 300 && status < 400),
        maxBodyBytes: BODY_MAX_BYTES,
      },
      secrets: concealed(secrets),
      judge: (answer) => judge(answer, config.expect),
    };
  }
}

function judge(
  { status, headers, body }: Parameters<Extract<Prepared, { outcome: 'ready' }>['judge']>[0],
  expected: number | number[] | undefined,
): Judgement {
  const type = headers['content-type'];
  const output = { status, headers, body: answerBody(typeof type === 'string' ? type : undefined, body) };
  if (expected === undefined ? status >= 200 && status < 300 : expects(expected, (one) => one === status))
    return { output };
  const { location } = headers;
  const where = status >= 300 && status < 400 && typeof location === 'string' ? `, which leads to ${location}` : '';
  return { output, error: { code: 'HTTP_STATUS', message: `It answered with status ${status}${where}.` } };
}

function expects(expected: number | number[] | undefined, fits: (status: number) => boolean): boolean {
  return expected !== undefined && [expected].flat().some(fits);
}

function methodOf(effect: EffectRecord): string {
  return (effect.payload as unknown as HttpPayload).config.method ?? 'GET';
}

/** Text goes as it is; anything else as JSON. */
function bodyOf(body: unknown): { text?: string; type?: string } {
  if (body === undefined) return {};
  return typeof body === 'string'
    ? { text: body, type: 'text/plain; charset=utf-8' }
    : { text: JSON.stringify(body), type: 'application/json' };
}

function noSecret(name: string): Prepared {
  return failed('SECRET_NOT_FOUND', `The secret ${name} is not stored: \`pointsman secrets set ${name}\`.`);
}

function failed(code: string, message: string): Prepared {
  return { outcome: 'failed', error: { code, message } };
}
