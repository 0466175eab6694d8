/** The other end of web push: keys as a browser makes them, and what it does with a message. Written from RFC 8291 and 8292. */
import { createDecipheriv, createECDH, createPublicKey, type ECDH, hkdfSync, randomBytes, verify } from 'node:crypto';

export interface PushBrowser {
  keys: { p256dh: string; auth: string };
  pair: ECDH;
}

export function pushBrowser(): PushBrowser {
  const pair = createECDH('prime256v1');
  const p256dh = pair.generateKeys().toString('base64url');
  return { pair, keys: { p256dh, auth: randomBytes(16).toString('base64url') } };
}

/** Throws when the message is not for this browser, or was changed on the way. */
export function decryptPush(message: Buffer, { pair, keys }: PushBrowser): string {
  const [salt, idLength] = [message.subarray(0, 16), message[20] ?? 0];
  const sender = message.subarray(21, 21 + idLength);
  const sealed = message.subarray(21 + idLength);
  const about = Buffer.concat([Buffer.from('WebPush: info\0'), pair.getPublicKey(), sender]);
  const expand = (secret: Buffer, from: Buffer, info: Buffer, bytes: number) =>
    Buffer.from(hkdfSync('sha256', secret, from, info, bytes));
  const shared = expand(pair.computeSecret(sender), Buffer.from(keys.auth, 'base64url'), about, 32);
  const key = expand(shared, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
  const nonce = expand(shared, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
  const decipher = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(sealed.subarray(-16));
  const record = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  const end = record.lastIndexOf(2);
  if (record.subarray(end + 1).some((byte) => byte !== 0)) throw new Error('the padding is not zeros');
  return record.subarray(0, end).toString('utf8');
}

/** The claims of `Authorization: vapid t=…, k=…`, once its signature is found to be that key's. */
export function vapidClaims(authorization: string): { key: string; claims: Record<string, unknown> } {
  const [, token = '', key = ''] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(authorization) ?? [];
  const [header = '', payload = '', signature = ''] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const publicKey = createPublicKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
  });
  const signed = verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!signed) throw new Error('the signature is not of this key');
  const read = (text: string): Record<string, unknown> => JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  if (read(header)['alg'] !== 'ES256') throw new Error('it is not ES256');
  return { key, claims: read(payload) };
}
