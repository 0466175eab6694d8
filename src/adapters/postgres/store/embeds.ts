/** The rows of views in other pages. */
import { and, desc, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import type { EmbedRecord, IdentityStore } from '../../../ports/store/identity.ts';
import { type Database, often } from '../database.ts';
import { agents, embeds, executions, tokens, users } from '../schema.ts';

const byId = often('embed-by-id', (db) =>
  db
    .select()
    .from(embeds)
    .where(and(eq(embeds.id, sql.placeholder('id')), isNull(embeds.revokedAt))),
);

export function embedMethods(
  db: Database,
): Pick<IdentityStore, 'insertEmbed' | 'embed' | 'embeds' | 'revokeEmbed' | 'touchEmbed' | 'pruneEmbeds'> {
  return {
    async insertEmbed(embed) {
      await db.insert(embeds).values(embed);
    },
    async embed(id) {
      const [row] = await byId(db, { id });
      return row ? toRecord(row) : null;
    },
    async embeds({ owner, now }, { limit, before }) {
      const rows = await db
        .select({ embed: embeds, subjectName: sql<string | null>`coalesce(${agents.name}, ${executions.name})` })
        .from(embeds)
        // It ends with the account or token of whoever made it.
        .leftJoin(users, and(eq(users.id, embeds.ownerId), eq(users.disabled, false)))
        .leftJoin(tokens, and(eq(tokens.id, embeds.ownerId), isNull(tokens.revokedAt)))
        .leftJoin(agents, and(eq(agents.id, embeds.subjectId), isNull(agents.deletedAt)))
        .leftJoin(executions, and(eq(executions.id, embeds.subjectId), eq(executions.deleting, false)))
        .where(
          and(
            isNull(embeds.revokedAt),
            gt(embeds.expiresAt, now),
            sql`(${users.id} IS NOT NULL OR ${tokens.id} IS NOT NULL AND (${tokens.expiresAt} IS NULL OR ${tokens.expiresAt} > ${now}))`,
            owner === null ? undefined : eq(embeds.ownerId, owner),
            before === undefined ? undefined : lt(embeds.id, before),
          ),
        )
        .orderBy(desc(embeds.id))
        .limit(limit);
      return rows.map(({ embed, subjectName }) => ({ ...toRecord(embed), subjectName }));
    },
    async revokeEmbed(id, owner) {
      const rows = await db
        .update(embeds)
        .set({ revokedAt: sql`clock_timestamp()` as unknown as string })
        .where(and(eq(embeds.id, id), isNull(embeds.revokedAt), owner === null ? undefined : eq(embeds.ownerId, owner)))
        .returning({ id: embeds.id });
      return rows.length > 0;
    },
    async touchEmbed(id, at) {
      await db.update(embeds).set({ lastUsedAt: at }).where(eq(embeds.id, id));
    },
    async pruneEmbeds(before) {
      await db.delete(embeds).where(lt(embeds.expiresAt, before));
    },
  };
}

function toRecord({ revokedAt: _revokedAt, ...row }: typeof embeds.$inferSelect): EmbedRecord {
  return { ...row, show: row.show as EmbedRecord['show'] }; // written by this store alone
}
