import { describe, expect, it } from 'vitest';
import { compileConfig } from './config-template.ts';
import type { KnownThings } from './node-problems.ts';
import { validateWorkflow } from './validate-workflow.ts';

function problemsOf(node: { type: string; config: object }, known: KnownThings = {}): string[] {
  const document = { inputs: { host: { type: 'string', default: 'x' } }, nodes: [{ id: 'a', ...node }] };
  return validateWorkflow(document, known).problems.map(({ code, path, message }) => `${code} ${path}: ${message}`);
}

const http = (config: object): string[] =>
  problemsOf({ type: 'http', config: { url: 'https://a.example/', ...config } });

describe('an http node', () => {
  it.each([
    [
      {
        method: 'POST',
        headers: { 'X-Key': 'secret:KEY', Accept: '{{ inputs.host }}' },
        body: { a: '{{ inputs.host }}' },
      },
    ],
    [{ url: 'http://[::1]:80/x?y#z', secret: 'TOKEN', expect: [200, 404] }],
    [{ url: '{{ inputs.host }}' }],
    [{ url: 'https://a.example/{{ inputs.host }}', secret: 'TOKEN' }],
    [{ url: 'https://a.example?x={{ inputs.host }}', headers: { A: 'secret:KEY' } }],
  ])('may be %j', (config) => expect(http(config)).toEqual([]));

  it.each([
    ['INVALID_URL /nodes/0/config/url', { url: 'a.example' }],
    ['INVALID_URL /nodes/0/config/url', { url: 'file:///etc/passwd' }],
    ['INVALID_URL /nodes/0/config/url', { url: 'https://' }],
    ['INVALID_URL /nodes/0/config/url', { url: 'https://user:word@a.example/' }],
    ['SECRET_TO_ANY_HOST /nodes/0/config/url', { url: 'https://{{ inputs.host }}/', secret: 'TOKEN' }],
    ['SECRET_TO_ANY_HOST /nodes/0/config/url', { url: 'https://a.example{{ inputs.host }}/', secret: 'TOKEN' }],
    ['SECRET_TO_ANY_HOST /nodes/0/config/url', { url: 'https://a.example@{{ inputs.host }}/', secret: 'TOKEN' }],
    ['SECRET_TO_ANY_HOST /nodes/0/config/url', { url: String.raw`https://a\{{ inputs.host }}/`, secret: 'TOKEN' }],
    ['SECRET_TO_ANY_HOST /nodes/0/config/url', { url: '{{ inputs.host }}/', headers: { A: 'secret:KEY' } }],
    ['TEMPLATE_NOT_ALLOWED /nodes/0/config/headers/A', { headers: { A: 'secret:{{ inputs.host }}' } }],
    ['TEMPLATE_NOT_ALLOWED /nodes/0/config/secret', { secret: '{{ inputs.host }}' }],
    ['INVALID_VALUE /nodes/0/config/secret', { secret: 'no-dash' }],
    ['INVALID_VALUE /nodes/0/config/headers/A', { headers: { A: 'secret:' } }],
    ['INVALID_HEADER /nodes/0/config/headers/a b', { headers: { 'a b': '1' } }],
    ['INVALID_HEADER /nodes/0/config/headers/x-a', { headers: { 'X-A': '1', 'x-a': '2' } }],
    ['HEADER_NOT_ALLOWED /nodes/0/config/headers/Host', { headers: { Host: 'b.example' } }],
    ['HEADER_NOT_ALLOWED /nodes/0/config/headers/transfer-encoding', { headers: { 'transfer-encoding': 'chunked' } }],
    ['HEADER_NOT_ALLOWED /nodes/0/config/headers/Authorization', { secret: 'T', headers: { Authorization: 'x' } }],
  ])('%s: %j', (problem, config) => expect(http(config)).toEqual([expect.stringContaining(problem)]));

  it('in a map is looked at as well', () => {
    const node = { type: 'http', config: { url: 'ftp://x/' } };
    expect(problemsOf({ type: 'map', config: { over: '[1]', node } })).toEqual([
      expect.stringContaining('INVALID_URL /nodes/0/config/node/config/url'),
    ]);
  });

  it('takes no secret’s name from what is filled in', () => {
    const { fill } = compileConfig('http', { url: 'x', headers: { A: '{{ inputs.a }}', B: 'secret:KEY' } }, []);
    expect(fill({ inputs: { a: 'plain' } })).toMatchObject({ headers: { A: 'plain', B: 'secret:KEY' } });
    expect(() => fill({ inputs: { a: 'secret:OTHER' } })).toThrow('would name a secret');
  });
});

describe('a notify node', () => {
  const notify = (channel: string, channels?: string[]): string[] =>
    problemsOf({ type: 'notify', config: { channel, message: 'm' } }, channels ? { channels } : {});

  it('names a channel that exists, or is told the nearest', () => {
    expect(notify('deploys', ['deploys', 'ops'])).toEqual([]);
    expect(notify('{{ inputs.host }}', ['ops'])).toEqual([]);
    expect(notify('anything')).toEqual([]);
    expect(notify('deplosy', ['deploys', 'ops'])).toEqual([
      expect.stringContaining(
        'UNKNOWN_CHANNEL /nodes/0/config/channel: There is no channel "deplosy". Did you mean deploys?',
      ),
    ]);
    expect(notify('ops', [])).toEqual([expect.stringContaining('There are no channels yet')]);
    expect(notify('#ops', ['ops'])).toEqual([
      expect.stringContaining('cannot be the name of a channel. Did you mean ops?'),
    ]);
  });
});
