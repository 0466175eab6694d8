/** Shared values with versions; the embedded adapter of the SharedState port. */
import { and, eq, sql } from 'drizzle-orm';
import type { SharedState } from '../../../ports/shared-state.ts';
import type { Database } from '../database.ts';
import { sharedState } from '../schema.ts';

type Row = typeof sharedState.$inferSelect;

export function sharedStateStore(db: Database): SharedState {
  const here = (namespace: string, key: string) => and(eq(sharedState.namespace, namespace), eq(sharedState.key, key));
  const get = async (namespace: string, key: string) => {
    const [row] = await db.select().from(sharedState).where(here(namespace, key));
    return row ? toEntry(row) : null;
  };
  return {
    get,
    async put(namespace, key, given, options) {
      // To drizzle, undefined means: leave it as it is.
      const value = given ?? null;
      const ifVersion = options?.ifVersion;
      const now = sql`clock_timestamp()` as unknown as string;
      const insert = db.insert(sharedState).values({ namespace, key, value, version: 1, updatedAt: now });
      let row: Row | undefined;
      if (ifVersion === 0) {
        [row] = await insert.onConflictDoNothing().returning();
      } else if (ifVersion === undefined) {
        [row] = await insert
          .onConflictDoUpdate({
            target: [sharedState.namespace, sharedState.key],
            set: { value, version: sql`${sharedState.version} + 1`, updatedAt: now },
          })
          .returning();
      } else {
        [row] = await db
          .update(sharedState)
          .set({ value, version: ifVersion + 1, updatedAt: now })
          .where(and(here(namespace, key), eq(sharedState.version, ifVersion)))
          .returning();
      }
      return row
        ? { outcome: 'stored', entry: toEntry(row) }
        : { outcome: 'conflict', current: await get(namespace, key) };
    },
    async delete(namespace, key, options) {
      const ifVersion = options?.ifVersion;
      const rows = await db
        .delete(sharedState)
        .where(and(here(namespace, key), ifVersion === undefined ? undefined : eq(sharedState.version, ifVersion)))
        .returning({ key: sharedState.key });
      if (rows.length > 0) return 'deleted';
      return (await get(namespace, key)) ? 'conflict' : 'absent';
    },
    async namespaces(page) {
      const { namespace } = sharedState;
      return db
        .select({
          namespace,
          entries: sql<number>`count(*)::int`,
          updatedAt: sql<string>`max(${sharedState.updatedAt})`.mapWith(sharedState.updatedAt),
        })
        .from(sharedState)
        .where(page.after === undefined ? undefined : sql`${namespace} COLLATE "C" > ${page.after}`)
        .groupBy(namespace)
        .orderBy(sql`${namespace} COLLATE "C"`)
        .limit(page.limit);
    },
    async list(namespace, page) {
      const rows = await db
        .select()
        .from(sharedState)
        .where(
          and(
            eq(sharedState.namespace, namespace),
            page.after === undefined ? undefined : sql`${sharedState.key} COLLATE "C" > ${page.after}`,
          ),
        )
        .orderBy(sql`${sharedState.key} COLLATE "C"`)
        .limit(page.limit);
      return rows.map((row) => ({ key: row.key, ...toEntry(row) }));
    },
  };
}

function toEntry(row: Row) {
  return { value: row.value, version: row.version, updatedAt: row.updatedAt };
}
