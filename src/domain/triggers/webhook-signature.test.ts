import { expect, test } from 'vitest';
import { isTimely, readSignature, replayKey, TOLERANCE_MS } from './webhook-signature.ts';

const T = 1_700_000_000;
const NOW = T * 1000;
const CODE = 'ab'.repeat(32);

test('our own header signs its time before the body, with one secret or two', () => {
  expect(readSignature({ 'pointsman-signature': `t=${T}, v1=${CODE.toUpperCase()},v1=cd` })).toMatchObject({
    encoding: 'hex',
    prefix: `${T}.`,
    codes: [CODE, 'cd'],
    signedAtMs: NOW,
    messageId: null,
  });
});

test('Standard Webhooks sign the id and the time before the body', () => {
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(T),
    'webhook-signature': 'v1,AA== v1a,x v1,BB==',
  };
  expect(readSignature(headers)).toMatchObject({
    encoding: 'base64',
    prefix: `msg_1.${T}.`,
    codes: ['AA==', 'BB=='],
    messageId: 'msg_1',
    decodesSecret: true,
  });
});

test('GitHub signs the body alone', () => {
  expect(readSignature({ 'x-hub-signature-256': `sha256=${CODE}` })).toMatchObject({
    prefix: '',
    codes: [CODE],
    signedAtMs: null,
  });
});

test.each([
  {},
  { 'pointsman-signature': '' },
  { 'pointsman-signature': `v1=${CODE}` },
  { 'pointsman-signature': `t=${T}` },
  { 'pointsman-signature': `t=-1,v1=${CODE}` },
  { 'pointsman-signature': `t=1e9,v1=${CODE}` },
  { 'webhook-id': 'a', 'webhook-signature': 'v1,AA==' },
  { 'webhook-timestamp': String(T), 'webhook-signature': 'v1,AA==' },
  { 'x-hub-signature-256': CODE },
  { 'x-hub-signature-256': `sha256=${CODE}00` },
  { 'x-hub-signature': `sha1=${CODE}` },
])('%o is no signature', (headers) => {
  expect(readSignature(headers)).toBeNull();
});

test('a time counts for five minutes in both directions', () => {
  const call = readSignature({ 'pointsman-signature': `t=${T},v1=${CODE}` }) ?? expect.fail('it is a signature');
  expect([-TOLERANCE_MS, 0, TOLERANCE_MS].map((ms) => isTimely(call, NOW + ms))).toEqual([true, true, true]);
  expect([-TOLERANCE_MS - 1, TOLERANCE_MS + 1].map((ms) => isTimely(call, NOW + ms))).toEqual([false, false]);
});

test('a call is remembered until its time refuses it by itself, and without a time for ever', () => {
  const own = readSignature({ 'pointsman-signature': `t=${T},v1=${CODE}` }) ?? expect.fail('it is a signature');
  const { key, expiresAt } = replayKey(own, { code: CODE, nowMs: NOW });
  expect(key).toBe(`code ${CODE}`);
  expect(isTimely(own, Date.parse(expiresAt ?? ''))).toBe(false);
  const github = readSignature({ 'x-hub-signature-256': `sha256=${CODE}` }) ?? expect.fail('it is a signature');
  expect(replayKey(github, { code: CODE, nowMs: NOW }).expiresAt).toBeNull();
});
