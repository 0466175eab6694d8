/** The client of workflows against real servers on loopback; names are answered by resolvers of the tests. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { parseAllowEntry } from '../../domain/egress/allow-list.ts';
import type { EgressRequest } from '../../ports/http-egress.ts';
import type { Resolve } from './checked-address.ts';
import { createHttpEgress } from './http-egress.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const nobody: Resolve = async (host) => {
  throw Object.assign(new Error(`nobody should ask for ${host}`), { code: 'ENOTFOUND' });
};

function egress({
  allow = [],
  ownPort = null,
  resolve = nobody,
}: { allow?: string[]; ownPort?: number | null; resolve?: Resolve } = {}) {
  const entries = allow.map((text) => {
    const entry = parseAllowEntry(text);
    if (!entry) throw new Error(text);
    return entry;
  });
  return createHttpEgress({ allow: entries, ownPort: () => ownPort, resolve });
}

function request(url: string, more: Partial<EgressRequest> = {}): EgressRequest {
  return { method: 'GET', url, headers: {}, follow: true, maxBodyBytes: 1_000_000, ...more };
}

const never = (): AbortSignal => new AbortController().signal;

/** A server on loopback, the requests that came, and its port. */
async function endpoint(answer: http.RequestListener = (_, response) => response.end('hello')) {
  const seen: http.IncomingMessage[] = [];
  const server = http.createServer((incoming, response) => {
    seen.push(incoming);
    answer(incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => (server.close(), server.closeAllConnections()));
  return { seen, port: (server.address() as AddressInfo).port };
}

describe('what is not on the public internet is not reached, however it is written', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '127.255.255.254',
    '2130706433',
    '0x7f000001',
    '0x7f.0x0.0x0.0x1',
    '0x7f.1',
    '0177.0.0.1',
    '0177.1',
    '017700000001',
    '00000177.0.0.01',
    '127.0.0.1.',
    '127.0.0.0x1',
    '0',
    '0.0.0.0',
    '%31%32%37.0.0.1',
    '127%2e0%2e0%2e1',
    '１２７.0.0.1',
    '①②⑦.⓪.⓪.①',
    '127。0。0。1',
    '127．0．0．1',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0000:0000:0000:0000:0000:FFFF:127.0.0.1]',
    '[::127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b::a9fe:a9fe]',
    '[2002:7f00:1::]',
    '[2002:a9fe:a9fe::1]',
    '[::ffff:169.254.169.254]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '[fc00::1]',
    '[ff02::1]',
    '169.254.169.254',
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
    '100.100.100.200',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '192.0.0.192',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
  ])('http://%s/', async (host) => {
    expect(await egress().send(request(`http://${host}/`), never())).toMatchObject({
      outcome: 'refused',
      code: 'HTTP_ADDRESS_BLOCKED',
    });
  });

  it.each(['localhost', 'LOCALHOST.', 'metadata.google.internal', 'xn--nxasmq6b.example', 'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ'])(
    'the name %s that leads there',
    async (host) => {
      const resolve: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];
      expect(await egress({ resolve }).send(request(`http://${host}/`), never())).toMatchObject({
        code: 'HTTP_ADDRESS_BLOCKED',
      });
    },
  );

  it('a name of which one address of several is private', async () => {
    const resolve: Resolve = async () => [
      { address: '93.184.216.34', family: 4 },
      { address: 'fd00::1', family: 6 },
    ];
    expect(await egress({ resolve }).send(request('http://half.example/'), never())).toMatchObject({
      code: 'HTTP_ADDRESS_BLOCKED',
      reason: expect.stringContaining('fd00::1'),
    });
  });

  it.each([
    'file:///etc/passwd',
    'ftp://example.com/',
    'gopher://127.0.0.1:6379/_FLUSHALL',
    'data:text/plain,x',
    'http://',
    'http://user:word@example.com/',
    'http://example.com@127.0.0.1/',
    'http://[fe80::1%25eth0]/',
    'http://1.2.3.4.5/',
    'http://256.256.256.256/',
    '/relative',
    'not a url',
  ])('%s is no request', async (url) => {
    expect(await egress({ allow: ['127.0.0.0/8'] }).send(request(url), never())).toMatchObject({
      outcome: 'refused',
      code: 'HTTP_REQUEST_INVALID',
    });
  });

  it('what comes after a backslash is not the host', async () => {
    const { outcome, ...more } = await egress().send(request(String.raw`http://127.0.0.1\@example.com/`), never());
    expect({ outcome, ...more }).toMatchObject({ code: 'HTTP_ADDRESS_BLOCKED' });
  });
});

describe('a name', () => {
  it('is resolved once, and the connection goes to the address that was checked', async () => {
    const { seen, port } = await endpoint();
    let asked = 0;
    // The second answer, and what the system would say, lead elsewhere.
    const resolve: Resolve = async () => [{ address: ++asked === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }];
    const client = egress({ allow: ['127.0.0.1'], resolve });
    expect(await client.send(request(`http://rebinding.example:${port}/`), never())).toMatchObject({ status: 200 });
    expect(asked).toBe(1);
    expect(seen[0]?.headers.host).toBe(`rebinding.example:${port}`);
    expect(await client.send(request(`http://rebinding.example:${port}/`), never())).toMatchObject({
      code: 'HTTP_ADDRESS_BLOCKED',
    });
    expect(seen).toHaveLength(1);
  });

  it('that is on the list is reached wherever it is, by that name alone', async () => {
    const { port } = await endpoint();
    const resolve: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    const client = egress({ allow: [`build.internal:${port}`], resolve });
    expect(await client.send(request(`http://build.internal:${port}/`), never())).toMatchObject({ status: 200 });
    expect(await client.send(request(`http://127.0.0.1:${port}/`), never())).toMatchObject({
      code: 'HTTP_ADDRESS_BLOCKED',
    });
  });

  it('that nobody knows, and a port on which nobody listens, are unreachable', async () => {
    const client = egress({ allow: ['127.0.0.1'] });
    expect(await client.send(request('http://nowhere.example/'), never())).toMatchObject({ outcome: 'unreachable' });
    expect(await client.send(request('http://127.0.0.1:1/'), never())).toMatchObject({
      outcome: 'unreachable',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

it('this server itself is not reached, also where loopback is allowed', async () => {
  const { seen, port } = await endpoint();
  const resolve: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const client = egress({ allow: ['127.0.0.0/8', '::1', '0.0.0.0', 'self.example'], ownPort: port, resolve });
  for (const host of ['127.0.0.1', '127.0.0.2', '0.0.0.0', '[::1]', '[::ffff:127.0.0.1]', 'self.example'])
    expect(await client.send(request(`http://${host}:${port}/`), never()), host).toMatchObject({
      code: 'HTTP_ADDRESS_BLOCKED',
      reason: expect.stringContaining('this server itself'),
    });
  expect(seen).toHaveLength(0);
});

describe('a redirect', () => {
  it('into a private range is not followed', async () => {
    const { seen, port } = await endpoint((_, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    );
    expect(await egress({ allow: ['127.0.0.1'] }).send(request(`http://127.0.0.1:${port}/`), never())).toMatchObject({
      code: 'HTTP_ADDRESS_BLOCKED',
      reason: expect.stringContaining('after a redirect'),
    });
    expect(seen).toHaveLength(1);
  });

  it('to another origin takes no header along that could be a credential; on the same one all go', async () => {
    const other = await endpoint();
    const first = await endpoint((incoming, response) => {
      const location = incoming.url === '/' ? '/again' : `http://127.0.0.1:${other.port}/there`;
      response.writeHead(307, { location }).end();
    });
    const headers = { authorization: 'Bearer s3cret', 'x-api-key': 'k', cookie: 'c=1', accept: 'text/plain' };
    const answer = await egress({ allow: ['127.0.0.1'] }).send(
      request(`http://127.0.0.1:${first.port}/`, { headers }),
      never(),
    );
    expect(answer).toMatchObject({ status: 200 });
    expect(first.seen[1]?.headers).toMatchObject(headers);
    expect(other.seen[0]?.headers).toEqual({
      accept: 'text/plain',
      host: `127.0.0.1:${other.port}`,
      connection: 'close',
    });
  });

  it('is followed five times, and not at all where it would repeat what acts', async () => {
    const { seen, port } = await endpoint((_, response) => response.writeHead(302, { location: '/' }).end());
    const client = egress({ allow: ['127.0.0.1'] });
    expect(await client.send(request(`http://127.0.0.1:${port}/`), never())).toMatchObject({ status: 302 });
    expect(seen).toHaveLength(6);
    const post = request(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' });
    expect(await client.send(post, never())).toMatchObject({ status: 302 });
    expect(seen).toHaveLength(7);
  });
});

describe('an answer', () => {
  const client = egress({ allow: ['127.0.0.1'] });
  const ask = async (answer: http.RequestListener, more: Partial<EgressRequest> = {}, signal = never()) => {
    const { port } = await endpoint(answer);
    return client.send(request(`http://127.0.0.1:${port}/`, more), signal);
  };

  it('over the size is not read to its end, packed or not', async () => {
    const endless: http.RequestListener = (_, response) => {
      response.on('error', () => undefined);
      const write = (): void => void (!response.destroyed && response.write('x'.repeat(65_536), write));
      write();
    };
    expect(await ask(endless, { maxBodyBytes: 200_000 })).toMatchObject({ outcome: 'too_large', status: 200 });
    const bomb = gzipSync(Buffer.alloc(5_000_000));
    expect(bomb.length).toBeLessThan(10_000);
    expect(
      await ask((_, response) => response.setHeader('content-encoding', 'gzip').end(bomb), { maxBodyBytes: 200_000 }),
    ).toMatchObject({ outcome: 'too_large' });
  });

  it('that is packed is unpacked', async () => {
    const outcome = await ask((_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync('hello')));
    if (outcome.outcome !== 'answered') throw new Error(outcome.outcome);
    expect(Buffer.from(outcome.body).toString()).toBe('hello');
    expect(outcome.headers).not.toHaveProperty('content-encoding');
  });

  it('that breaks off, or is no HTTP, is broken', async () => {
    expect(
      await ask((_, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half', () => response.destroy());
      }),
    ).toMatchObject({ outcome: 'broken' });
    const server = net.createServer((socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    expect(await client.send(request(`http://127.0.0.1:${port}/`), never())).toMatchObject({ outcome: 'broken' });
  });

  it('that is no longer wanted is not waited for, nor is a name', async () => {
    const { seen, port } = await endpoint(() => undefined);
    const stop = new AbortController();
    const waiting = client.send(request(`http://127.0.0.1:${port}/`), stop.signal);
    const closed = new Promise((resolve) => setInterval(() => seen[0] && resolve(undefined), 5).unref());
    await closed;
    const gone = new Promise((resolve) => seen[0]?.socket.once('close', resolve));
    stop.abort();
    expect(await waiting).toEqual({ outcome: 'aborted' });
    await gone;
    const silent = egress({ resolve: () => new Promise(() => undefined) });
    const later = new AbortController();
    const asking = silent.send(request('http://slow.example/'), later.signal);
    later.abort();
    expect(await asking).toEqual({ outcome: 'aborted' });
  });

  it('to a header that no request can hold is a refusal that does not show its value', async () => {
    const outcome = await ask((_, response) => response.end(), { headers: { 'x-key': 'a\r\nx: s3cret' } });
    expect(outcome).toMatchObject({ outcome: 'refused', code: 'HTTP_REQUEST_INVALID' });
    expect(JSON.stringify(outcome)).not.toContain('s3cret');
  });

  it('has the length that every method says', async () => {
    const lengths: (string | undefined)[] = [];
    const note: http.RequestListener = (incoming, response) => {
      lengths.push(incoming.headers['content-length']);
      response.end();
    };
    await ask(note, { method: 'POST' });
    await ask(note, { method: 'POST', body: 'ä' });
    await ask(note, { method: 'GET', body: 'x' });
    await ask(note, { method: 'DELETE' });
    expect(lengths).toEqual(['0', '2', '1', undefined]);
  });
});

it('a certificate must be of the name, not of the address', async () => {
  const place = mkdtempSync(path.join(tmpdir(), 'pm-tls-'));
  closing.push(() => rmSync(place, { recursive: true }));
  const [key, cert] = [path.join(place, 'key.pem'), path.join(place, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '1',
      '-subj',
      '/CN=inside.example',
    ],
    { stdio: 'ignore' },
  );
  let asked: string | boolean = false;
  const server = https.createServer(
    { key: readFileSync(key), cert: readFileSync(cert), SNICallback: (name, done) => ((asked = name), done(null)) },
    (_, response) => response.end(),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  const resolve: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const url = `https://inside.example:${(server.address() as AddressInfo).port}/`;
  const outcome = await egress({ allow: ['127.0.0.1'], resolve }).send(request(url), never());
  expect(outcome).toMatchObject({ outcome: 'unreachable', reason: expect.stringMatching(/SELF_SIGNED|self.signed/i) });
  expect(asked).toBe('inside.example');
});
