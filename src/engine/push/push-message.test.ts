import { createECDH } from 'node:crypto';
import { expect, it } from 'vitest';
import { decryptPush, pushBrowser } from '../../../test/support/push-browser.ts';
import { areBrowserKeys, pushMessage } from './push-message.ts';

it('encrypts the example of RFC 8291 to its very bytes', () => {
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(Buffer.from('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw', 'base64url'));
  const message = pushMessage(
    'When I grow up, I want to be a watermelon',
    {
      p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
      auth: 'BTBZMqHH6r4Tts7J_aSIgg',
    },
    { pair, salt: Buffer.from('DGv6ra1nlYgDCS1FRnbzlw', 'base64url'), paddedTo: 0 },
  );
  expect(message.toString('base64url')).toBe(
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
  );
});
it('is read by its browser alone, and its size tells nothing of the text', () => {
  const [browser, other] = [pushBrowser(), pushBrowser()];
  const messages = ['a', 'ä'.repeat(200)].map((text) => pushMessage(text, browser.keys));
  expect(messages.map((message) => decryptPush(message, browser))).toEqual(['a', 'ä'.repeat(200)]);
  expect(new Set(messages.map(({ length }) => length)).size).toBe(1);
  expect(() => decryptPush(messages[0] ?? Buffer.alloc(0), other)).toThrow('unable to authenticate');
});
it('knows keys from bytes that are none', () => {
  expect(areBrowserKeys(pushBrowser().keys)).toBe(true);
  const { auth } = pushBrowser().keys;
  expect(areBrowserKeys({ p256dh: Buffer.alloc(65, 4).toString('base64url'), auth })).toBe(false);
});
