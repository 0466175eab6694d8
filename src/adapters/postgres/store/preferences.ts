/** The rows of preferences. */
import { and, eq, sql } from 'drizzle-orm';
import type { PreferenceStore } from '../../../ports/store/preferences.ts';
import type { Database } from '../database.ts';
import { preferences } from '../schema.ts';

type Row = typeof preferences.$inferSelect;

export function preferenceStore(db: Database): PreferenceStore {
  const here = (ownerId: string, key: string) => and(eq(preferences.ownerId, ownerId), eq(preferences.key, key));
  return {
    async get(ownerId, key) {
      const [row] = await db.select().from(preferences).where(here(ownerId, key));
      return row ? view(row) : { value: null, version: 0, updatedAt: null };
    },
    async put(ownerId, key, { value, ifVersion }) {
      const updatedAt = sql`clock_timestamp()` as unknown as string; // drizzle takes an expression for any column
      const changed = { value, version: sql`${preferences.version} + 1`, updatedAt };
      const insert = db.insert(preferences).values({ ownerId, key, value, version: 1, updatedAt });
      const target = [preferences.ownerId, preferences.key];
      const [row] =
        ifVersion === null
          ? await insert.onConflictDoUpdate({ target, set: changed }).returning()
          : ifVersion === 0
            ? await insert.onConflictDoNothing({ target }).returning()
            : await db
                .update(preferences)
                .set(changed)
                .where(and(here(ownerId, key), eq(preferences.version, ifVersion)))
                .returning();
      return row ? view(row) : null;
    },
  };
}

const view = ({ value, version, updatedAt }: Row) => ({ value, version, updatedAt });
