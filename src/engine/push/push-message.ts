/** A text encrypted for one browser and nobody between: aes128gcm as RFC 8291 has it for web push. */
import { createCipheriv, createECDH, type ECDH, hkdfSync, randomBytes } from 'node:crypto';

const CURVE = 'prime256v1';
const RECORD_BYTES = 4096;
const TAG_BYTES = 16;
/** Every text up to here makes a message of the same size, so that its size tells nothing. */
const PADDED_TO_BYTES = 512;

export interface BrowserKeys {
  /** Both as base64url. */
  p256dh: string;
  auth: string;
}

/** The pair and the salt are made anew for each message; only a test gives them. */
export function pushMessage(
  text: string,
  browser: BrowserKeys,
  { pair = freshPair(), salt = randomBytes(16), paddedTo = PADDED_TO_BYTES }: PushMessageOptions = {},
): Buffer {
  const theirs = Buffer.from(browser.p256dh, 'base64url');
  const ours = pair.getPublicKey();
  const about = Buffer.concat([Buffer.from('WebPush: info\0'), theirs, ours]);
  const shared = derived({
    secret: pair.computeSecret(theirs),
    salt: Buffer.from(browser.auth, 'base64url'),
    about,
    bytes: 32,
  });
  const key = derived({ secret: shared, salt, about: Buffer.from('Content-Encoding: aes128gcm\0'), bytes: 16 });
  const nonce = derived({ secret: shared, salt, about: Buffer.from('Content-Encoding: nonce\0'), bytes: 12 });

  const plain = Buffer.from(text, 'utf8');
  // 2 ends the last record; zeros after it are padding.
  const record = Buffer.concat([plain, Buffer.from([2]), Buffer.alloc(Math.max(0, paddedTo - plain.length))]);
  if (record.length + TAG_BYTES > RECORD_BYTES) throw new Error('the text is too long for a push');
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  const sealed = Buffer.concat([cipher.update(record), cipher.final(), cipher.getAuthTag()]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(RECORD_BYTES);
  return Buffer.concat([salt, size, Buffer.from([ours.length]), ours, sealed]);
}

interface PushMessageOptions {
  pair?: ECDH;
  salt?: Buffer;
  paddedTo?: number;
}

/** Whether these are keys that something can be encrypted for: a point of the curve, not just as many bytes. */
export function areBrowserKeys({ p256dh, auth }: BrowserKeys): boolean {
  try {
    freshPair().computeSecret(Buffer.from(p256dh, 'base64url'));
    return Buffer.from(auth, 'base64url').length === 16;
  } catch {
    return false;
  }
}

function freshPair(): ECDH {
  const pair = createECDH(CURVE);
  pair.generateKeys();
  return pair;
}

function derived({
  secret,
  salt,
  about,
  bytes,
}: {
  secret: Buffer;
  salt: Buffer;
  about: Buffer;
  bytes: number;
}): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, about, bytes));
}
