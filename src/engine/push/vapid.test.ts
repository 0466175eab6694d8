import { expect, it } from 'vitest';
import { vapidClaims } from '../../../test/support/push-browser.ts';
import { makeVapidKeys, vapidAuthorization } from './vapid.ts';

it('signs for the origin of the push service, for half a day', () => {
  const keys = makeVapidKeys();
  const now = new Date('2026-03-01T10:00:00Z');
  const about = { endpoint: 'https://push.example:8443/send/abc?x=1', contact: 'https://team.example', now };
  expect(vapidClaims(vapidAuthorization(keys, about))).toEqual({
    key: keys.publicKey,
    claims: {
      aud: 'https://push.example:8443',
      sub: 'https://team.example',
      exp: Date.parse('2026-03-01T22:00:00Z') / 1000,
    },
  });
});
it('makes keys of full length', () => {
  for (let n = 0; n < 50; n++) {
    const { publicKey, privateKey } = makeVapidKeys();
    expect([publicKey.length, privateKey.length]).toEqual([87, 43]);
  }
});
