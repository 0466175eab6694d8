/** What http and notify steps send, and what becomes of them, with an egress that answers as a test says. */
import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Channel } from '../../contract/channels.ts';
import { PointsmanError } from '../../contract/errors.ts';
import type { EgressOutcome, EgressRequest, HttpEgress } from '../../ports/http-egress.ts';
import type { EffectRecord } from '../../ports/store/executions.ts';
import type { EffectContext } from './effect-runner.ts';
import { httpEffect } from './http-effect.ts';
import { notifyEffect } from './notify-effect.ts';

const NOW = new Date('2026-03-01T10:00:00.000Z');
const SECRETS: Record<string, string> = {
  TOKEN: 'top-"s3cret"\n',
  HOOK: 'https://hooks.example/T0/B0/xyz',
  KEY: 'signing-key',
};
const CHANNELS: Record<string, Pick<Channel, 'name' | 'kind' | 'url' | 'secret'>> = {
  deploys: { name: 'deploys', kind: 'webhook', url: 'https://in.example/x', secret: 'KEY' },
  ops: { name: 'ops', kind: 'slack', url: 'secret:HOOK' },
  lost: { name: 'lost', kind: 'slack', url: 'secret:GONE' },
};

interface Ending {
  type?: string;
  error?: { code: string; message: string };
  output?: { body?: unknown };
}

let events: Ending[];
let sent: EgressRequest[];
let answer: EgressOutcome | ((signal: AbortSignal) => Promise<EgressOutcome>);
let failingCommits: number;

beforeEach(() => {
  events = [];
  sent = [];
  failingCommits = 0;
  answer = answered(200, { ok: true });
});

const egress: HttpEgress = {
  send: async (request, signal) => {
    sent.push(request);
    return typeof answer === 'function' ? answer(signal) : answer;
  },
};

const context = {
  clock: { now: () => NOW, sleep: async () => 'elapsed' },
  log: { warn: () => undefined },
  hostId: 'here',
  secrets: {
    reveal: async (name: string) => {
      if (name === 'OTHER_KEY') throw new PointsmanError('SECRET_UNREADABLE');
      return SECRETS[name] ?? null;
    },
  },
  store: {
    channels: { get: async (name: string) => CHANNELS[name] ?? null },
    executions: { get: async () => ({ workflowId: 'w', name: 'Ship it' }) },
  },
  mailroom: {
    hand: async () => false,
    post: async (_id: string, posted: Ending[]) => {
      if (posted[0]?.type !== 'attempt_started' && failingCommits-- > 0) throw new Error('no database');
      events.push(...posted);
      return true;
    },
  },
} as unknown as EffectContext;

function answered(status: number, body: unknown, headers: Record<string, string> = {}): EgressOutcome {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return { outcome: 'answered', status, headers: { 'content-type': 'application/json', ...headers }, body: bytes };
}

interface Run {
  kind?: 'http' | 'notify';
  started?: boolean;
  timeoutMs?: number;
  startedAt?: string;
  stop?: AbortSignal;
  cancel?: AbortSignal;
}

async function run(config: object, { kind = 'http', started = false, timeoutMs, startedAt, stop, cancel }: Run = {}) {
  const effect: EffectRecord = {
    executionId: 'e',
    key: 'n:1:-:1',
    kind,
    payload: { step: { id: 's', nodeId: 'n' }, config, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    status: started ? 'started' : 'intended',
    cancel: null,
    hostId: started ? 'here' : null,
    startedAt: startedAt ?? null,
    progress: null,
  };
  const never = new AbortController().signal;
  const runner = kind === 'http' ? httpEffect(context, { egress }) : notifyEffect(context, { egress });
  await runner(effect, { stop: stop ?? never, cancel: cancel ?? never });
  return events.at(-1) ?? {};
}

describe('an http step', () => {
  it('sends JSON, and gives status, headers and what the JSON says', async () => {
    const end = await run({ method: 'POST', url: 'https://a.example/', headers: { 'X-One': '1' }, body: { a: [1] } });
    expect(sent).toMatchObject([
      {
        method: 'POST',
        url: 'https://a.example/',
        headers: { 'content-type': 'application/json', 'x-one': '1', 'user-agent': 'pointsman' },
        body: '{"a":[1]}',
      },
    ]);
    expect(events.map(({ type }) => type)).toEqual(['attempt_started', 'attempt_succeeded']);
    expect(end.output).toEqual({ status: 200, headers: { 'content-type': 'application/json' }, body: { ok: true } });
  });

  it('sends text as it is, and a content type of its own when it is given one', async () => {
    await run({ method: 'PUT', url: 'https://a.example/', headers: { 'Content-Type': 'text/csv' }, body: 'a,b' });
    expect(sent).toMatchObject([{ headers: { 'content-type': 'text/csv' }, body: 'a,b' }]);
    await run({ url: 'https://a.example/' });
    expect(sent[1]).toMatchObject({ method: 'GET', follow: true });
    expect(sent[1]).not.toHaveProperty('body');
  });

  it.each([
    ['application/problem+json', '{"a":1}', { a: 1 }],
    ['application/json; charset=utf-8', '[1', '[1'],
    ['application/json', `${'['.repeat(5000)}${']'.repeat(5000)}`, `${'['.repeat(5000)}${']'.repeat(5000)}`],
    ['text/json-like', '{"a":1}', '{"a":1}'],
    ['text/plain', 'ünï', 'ünï'],
    ['application/json', '', null],
  ])('reads %s', async (type, text, body) => {
    answer = answered(200, text, { 'content-type': type });
    expect((await run({ url: 'https://a.example/' })).output?.body).toEqual(body);
  });

  it('gives bytes that are no text as base64', async () => {
    answer = { outcome: 'answered', status: 200, headers: {}, body: Uint8Array.of(0xff, 0xfe, 0) };
    expect((await run({ url: 'https://a.example/' })).output?.body).toEqual({ base64: '//4A' });
  });

  it('fails on a status that was not expected, and keeps what came with it', async () => {
    answer = answered(404, { why: 'gone' });
    expect(await run({ url: 'https://a.example/' })).toMatchObject({
      type: 'attempt_failed',
      error: { code: 'HTTP_STATUS', message: 'It answered with status 404.' },
      output: { status: 404, body: { why: 'gone' } },
    });
    expect(await run({ url: 'https://a.example/', expect: [200, 404] })).toMatchObject({ type: 'attempt_succeeded' });
    expect(await run({ url: 'https://a.example/', expect: 201 })).toMatchObject({ type: 'attempt_failed' });
    answer = answered(302, '', { location: 'https://b.example/' });
    expect(await run({ url: 'https://a.example/', expect: 302 })).toMatchObject({ type: 'attempt_succeeded' });
    expect(sent.at(-1)).toMatchObject({ follow: false });
    expect((await run({ method: 'POST', url: 'https://a.example/' })).error?.message).toContain('https://b.example/');
  });

  it('sends a secret as a bearer or in a header, and hides it when the other side repeats it', async () => {
    const value = 'top-"s3cret"';
    answer = answered(200, { you: { sent: `Bearer ${value}` } }, { 'x-echo': value });
    const end = await run({ url: 'https://a.example/', secret: 'TOKEN', headers: { 'X-Key': 'secret:KEY' } });
    expect(sent[0]?.headers).toMatchObject({ authorization: `Bearer ${value}`, 'x-key': 'signing-key' });
    expect(end.output).toMatchObject({ headers: { 'x-echo': '***' }, body: { you: { sent: 'Bearer ***' } } });
    answer = { outcome: 'unreachable', reason: `the name ${value} is not known` };
    expect(JSON.stringify(await run({ url: 'https://a.example/', secret: 'TOKEN' }))).not.toContain('s3cret');
    expect(JSON.stringify(events)).not.toContain('s3cret');
  });

  it('sends nothing when its secret is not stored or cannot be read, or its body is too large', async () => {
    expect(await run({ url: 'https://a.example/', secret: 'OTHER_KEY' })).toMatchObject({
      error: { code: 'SECRET_UNREADABLE' },
    });
    expect(await run({ url: 'https://a.example/', secret: 'NONE' })).toMatchObject({
      error: { code: 'SECRET_NOT_FOUND' },
    });
    const body = 'x'.repeat(1024 * 1024 + 1);
    expect(await run({ method: 'PUT', url: 'https://a.example/', body })).toMatchObject({
      error: { code: 'HTTP_REQUEST_INVALID' },
    });
    expect(sent).toEqual([]);
  });

  it.each<[EgressOutcome, string]>([
    [{ outcome: 'refused', code: 'HTTP_ADDRESS_BLOCKED', reason: 'x' }, 'HTTP_ADDRESS_BLOCKED'],
    [{ outcome: 'unreachable', reason: 'x' }, 'HTTP_UNREACHABLE'],
    [{ outcome: 'too_large', status: 200, headers: {} }, 'HTTP_RESPONSE_TOO_LARGE'],
  ])('fails when it was %j', async (outcome, code) => {
    answer = outcome;
    expect(await run({ method: 'POST', url: 'https://a.example/' })).toMatchObject({
      type: 'attempt_failed',
      error: { code },
    });
  });

  it('does not know what became of a request that acts when its connection broke', async () => {
    answer = { outcome: 'broken', reason: 'it broke' };
    expect(await run({ method: 'POST', url: 'https://a.example/' })).toMatchObject({ type: 'attempt_unknown' });
    expect(await run({ method: 'DELETE', url: 'https://a.example/' })).toMatchObject({ type: 'attempt_unknown' });
    expect(await run({ url: 'https://a.example/' })).toMatchObject({ error: { code: 'HTTP_CONNECTION_LOST' } });
  });

  it('that was begun before a crash is sent again only when that changes nothing', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expect(await run({ method, url: 'https://a.example/' }, { started: true }), method).toMatchObject({
        type: 'attempt_unknown',
      });
    expect(sent).toEqual([]);
    for (const method of ['GET', 'HEAD', 'OPTIONS'])
      expect(await run({ method, url: 'https://a.example/' }, { started: true }), method).toMatchObject({
        type: 'attempt_succeeded',
      });
    expect(sent).toHaveLength(3);
    expect(events.map(({ type }) => type)).not.toContain('attempt_started');
  });

  it('ends at its timeout, which goes on over a restart', async () => {
    answer = untilAborted;
    expect(await run({ method: 'POST', url: 'https://a.example/' }, { timeoutMs: 5 })).toMatchObject({
      type: 'attempt_failed',
      error: { code: 'TIMEOUT' },
    });
    const startedAt = new Date(NOW.getTime() - 3_600_000).toISOString();
    expect(await run({ url: 'https://a.example/' }, { started: true, startedAt })).toMatchObject({
      error: { code: 'TIMEOUT' },
    });
  });

  it('is broken off when the execution is cancelled, and not begun when it was before', async () => {
    answer = untilAborted;
    const cancel = new AbortController();
    const running = run({ method: 'POST', url: 'https://a.example/' }, { cancel: cancel.signal });
    await untilSent(1);
    cancel.abort();
    expect(await running).toMatchObject({ type: 'attempt_cancelled' });
    expect(await run({ url: 'https://a.example/' }, { cancel: cancel.signal })).toMatchObject({
      type: 'attempt_cancelled',
    });
    expect(sent).toHaveLength(1);
  });

  it('is left to the next start when the server stops, but what acts gets the time for its answer', async () => {
    answer = untilAborted;
    const stop = new AbortController();
    const reading = run({ url: 'https://a.example/' }, { stop: stop.signal });
    await untilSent(1);
    let told = (_outcome: EgressOutcome): void => undefined;
    answer = () => new Promise((resolve) => (told = resolve));
    const acting = run({ method: 'POST', url: 'https://a.example/' }, { stop: stop.signal });
    await untilSent(2);
    stop.abort();
    await reading;
    expect(events.map(({ type }) => type)).toEqual(['attempt_started', 'attempt_started']);
    told(answered(201, {}));
    expect(await acting).toMatchObject({ type: 'attempt_succeeded', output: { status: 201 } });
  });

  it('keeps its answer while the database is away', async () => {
    failingCommits = 3;
    expect(await run({ method: 'POST', url: 'https://a.example/' })).toMatchObject({ type: 'attempt_succeeded' });
    expect(sent).toHaveLength(1);
  });
});

describe('a notify step', () => {
  it('sends a webhook JSON that its receiver can check, and gives a receipt', async () => {
    answer = answered(202, '');
    const end = await run({ channel: 'deploys', message: 'Ünï <b>' }, { kind: 'notify' });
    const { headers, body: sentBody = '', ...request } = sent[0] as EgressRequest;
    const body = String(sentBody);
    expect(request).toMatchObject({ method: 'POST', url: 'https://in.example/x', follow: false });
    expect(JSON.parse(body)).toEqual({
      type: 'notification',
      id: 'e:n:1:-',
      at: NOW.toISOString(),
      channel: 'deploys',
      message: 'Ünï <b>',
      execution: { id: 'e', workflowId: 'w', name: 'Ship it', nodeId: 'n' },
    });
    const signed = `e:n:1:-.${NOW.getTime() / 1000}.${body}`;
    expect(headers['webhook-id']).toBe('e:n:1:-');
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', 'signing-key').update(signed).digest('base64')}`,
    );
    expect(end).toMatchObject({
      type: 'attempt_succeeded',
      output: { id: 'e:n:1:-', channel: 'deploys', kind: 'webhook', status: 202, at: NOW.toISOString() },
    });
  });

  it('signs with the bytes of a key that is written as whsec_', async () => {
    SECRETS['KEY'] = `whsec_${Buffer.from('raw bytes').toString('base64')}`;
    await run({ channel: 'deploys', message: 'm' }, { kind: 'notify' });
    const { headers, body } = sent[0] as EgressRequest;
    const signed = `e:n:1:-.${NOW.getTime() / 1000}.${String(body)}`;
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', 'raw bytes').update(signed).digest('base64')}`,
    );
    SECRETS['KEY'] = 'signing-key';
  });

  it('sends Slack text in which nothing mentions anybody', async () => {
    answer = answered(200, 'ok');
    await run({ channel: 'ops', message: '<!channel> & <https://evil.example|bank>' }, { kind: 'notify' });
    expect(sent[0]).toMatchObject({
      url: SECRETS['HOOK'],
      body: JSON.stringify({ text: '&lt;!channel&gt; &amp; &lt;https://evil.example|bank&gt;' }),
    });
  });

  it('fails with what the receiver says, and never tells its secret', async () => {
    answer = answered(403, `invalid_token for ${SECRETS['HOOK']}`);
    const end = await run({ channel: 'ops', message: 'm' }, { kind: 'notify' });
    expect(end).toMatchObject({
      type: 'attempt_failed',
      error: { code: 'CHANNEL_REFUSED', message: 'ops answered with status 403: invalid_token for ***' },
      output: { status: 403 },
    });
    expect(JSON.stringify(events)).not.toContain('/xyz');
  });

  it('fails without its channel or its secret, and is not sent again after a crash', async () => {
    expect(await run({ channel: 'none', message: 'm' }, { kind: 'notify' })).toMatchObject({
      error: { code: 'CHANNEL_NOT_FOUND' },
    });
    expect(await run({ channel: 'lost', message: 'm' }, { kind: 'notify' })).toMatchObject({
      error: { code: 'SECRET_NOT_FOUND' },
    });
    expect(await run({ channel: 'ops', message: 'm' }, { kind: 'notify', started: true })).toMatchObject({
      type: 'attempt_unknown',
    });
    expect(sent).toEqual([]);
  });
});

async function untilAborted(signal: AbortSignal): Promise<EgressOutcome> {
  await new Promise<void>((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve()),
  );
  return { outcome: 'aborted' };
}

async function untilSent(count: number): Promise<void> {
  while (sent.length < count) await new Promise((resolve) => setImmediate(resolve));
}
