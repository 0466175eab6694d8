import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { SecretStore } from '../../ports/store/secrets.ts';
import { createSecretVault } from './secret-vault.ts';

/** Rows in memory: what is asserted here is what the vault writes into them. */
function rows() {
  const written = new Map<string, string>();
  const store: SecretStore = {
    async put({ name, ciphertext, by }) {
      written.set(name, ciphertext);
      const at = '2026-01-01T00:00:00.000Z';
      return { name, createdBy: by, createdAt: at, updatedAt: at };
    },
    list: async () => [],
    remove: async (name) => written.delete(name),
    ciphertext: async (name) => written.get(name) ?? null,
  };
  return { store, written };
}

describe('a stored secret', () => {
  const masterKey = randomBytes(32);
  const value = 'sk-ünïcode-🔑\nsecond line';

  test('is revealed as it was put, and is nowhere in the row', async () => {
    const { store, written } = rows();
    const vault = createSecretVault({ store, masterKey });
    await vault.put({ name: 'KEY', value, by: 'ada' });
    expect(await vault.reveal('KEY')).toBe(value);
    const row = written.get('KEY') ?? '';
    for (const trace of [value, Buffer.from(value).toString('base64url')]) expect(row).not.toContain(trace);
  });

  test('that is put twice looks different each time', async () => {
    const { store, written } = rows();
    const vault = createSecretVault({ store, masterKey });
    await vault.put({ name: 'KEY', value, by: 'ada' });
    const first = written.get('KEY');
    await vault.put({ name: 'KEY', value, by: 'ada' });
    expect(written.get('KEY')).not.toBe(first);
  });

  test('copied to another name, changed, or under another master key cannot be read', async () => {
    const { store, written } = rows();
    const vault = createSecretVault({ store, masterKey });
    await vault.put({ name: 'KEY', value, by: 'ada' });
    const row = written.get('KEY') ?? '';
    written.set('OTHER', row);
    await expect(vault.reveal('OTHER')).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
    const middle = Math.floor(row.length / 2);
    written.set('KEY', `${row.slice(0, middle)}${row[middle] === 'A' ? 'B' : 'A'}${row.slice(middle + 1)}`);
    await expect(vault.reveal('KEY')).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
    written.set('KEY', row);
    const stranger = createSecretVault({ store, masterKey: randomBytes(32) });
    await expect(stranger.reveal('KEY')).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
  });

  test('that does not exist is null', async () => {
    expect(await createSecretVault({ store: rows().store, masterKey }).reveal('NONE')).toBeNull();
  });
});
