/** The secrets' rows. */
import { asc, eq, gt, sql } from 'drizzle-orm';
import type { Secret } from '../../../contract/secrets.ts';
import type { SecretStore } from '../../../ports/store/secrets.ts';
import type { Database } from '../database.ts';
import { secrets } from '../schema.ts';

const VIEW = {
  name: secrets.name,
  createdBy: secrets.createdBy,
  createdAt: secrets.createdAt,
  updatedAt: secrets.updatedAt,
};

export function secretStore(db: Database): SecretStore {
  return {
    async put({ name, ciphertext, by }) {
      const [row] = await db
        .insert(secrets)
        .values({ name, ciphertext, createdBy: by })
        .onConflictDoUpdate({ target: secrets.name, set: { ciphertext, updatedAt: sql`now()` } })
        .returning(VIEW);
      return row as Secret; // an upsert always returns its row
    },
    async list({ limit, after }) {
      return db
        .select(VIEW)
        .from(secrets)
        .where(after === undefined ? undefined : gt(secrets.name, after))
        .orderBy(asc(secrets.name))
        .limit(limit);
    },
    async remove(name) {
      return (await db.delete(secrets).where(eq(secrets.name, name)).returning({ name: secrets.name })).length > 0;
    },
    async ciphertext(name) {
      const [row] = await db.select({ ciphertext: secrets.ciphertext }).from(secrets).where(eq(secrets.name, name));
      return row?.ciphertext ?? null;
    },
  };
}
