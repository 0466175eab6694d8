/** Secrets encrypted with AES-256-GCM under a key made from the master key; rows hold only ciphertext. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { PointsmanError } from '../../contract/errors.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { SecretStore } from '../../ports/store/secrets.ts';

const FORMAT = 'v1';
const IV_BYTES = 12; // the size GCM is made for (NIST SP 800-38D)
const TAG_BYTES = 16;

export function createSecretVault({ store, masterKey }: { store: SecretStore; masterKey: Buffer }): Secrets {
  const key = Buffer.from(hkdfSync('sha256', masterKey, '', 'pointsman secrets', 32));
  return {
    put: async ({ name, value, by }) => store.put({ name, ciphertext: encrypt(key, name, value), by }),
    list: async (page) => store.list(page),
    remove: async (name) => store.remove(name),
    seal: (name, value) => encrypt(key, name, value),
    unseal: (name, ciphertext) => decrypt(key, name, ciphertext),
    isStored: async (name) => (await store.ciphertext(name)) !== null,
    async reveal(name) {
      const ciphertext = await store.ciphertext(name);
      return ciphertext === null ? null : decrypt(key, name, ciphertext);
    },
  };
}

/** The name is authenticated too: a value copied into the row of another name cannot be read. */
function encrypt(key: Buffer, name: string, value: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name));
  const sealed = Buffer.concat([iv, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${FORMAT}.${sealed.toString('base64url')}`;
}

function decrypt(key: Buffer, name: string, ciphertext: string): string {
  try {
    const [format, text = ''] = ciphertext.split('.');
    if (format !== FORMAT) throw new Error(`the format ${format} is not known`);
    const sealed = Buffer.from(text, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(name))
      .setAuthTag(sealed.subarray(-TAG_BYTES));
    return decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch (error) {
    throw new PointsmanError('SECRET_UNREADABLE', {
      detail: `The secret ${name} cannot be decrypted with the master key in use.`,
      cause: error,
    });
  }
}
