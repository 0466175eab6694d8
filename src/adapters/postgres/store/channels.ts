/** The channels' rows. */
import { asc, eq, gt, sql } from 'drizzle-orm';
import type { Channel } from '../../../contract/channels.ts';
import type { ChannelStore } from '../../../ports/store/channels.ts';
import type { Database } from '../database.ts';
import { channels } from '../schema.ts';

export function channelStore(db: Database): ChannelStore {
  return {
    async put({ name, kind, url, secret = null, by }) {
      const [row] = await db
        .insert(channels)
        .values({ name, kind, url, secret, createdBy: by })
        .onConflictDoUpdate({ target: channels.name, set: { kind, url, secret, updatedAt: sql`now()` } })
        .returning();
      return toChannel(row as typeof channels.$inferSelect); // an upsert always returns its row
    },
    async get(name) {
      const [row] = await db.select().from(channels).where(eq(channels.name, name));
      return row ? toChannel(row) : null;
    },
    async list(page) {
      const query = db
        .select()
        .from(channels)
        .where(page?.after === undefined ? undefined : gt(channels.name, page.after))
        .orderBy(asc(channels.name));
      return (await (page ? query.limit(page.limit) : query)).map(toChannel);
    },
    async remove(name) {
      return (await db.delete(channels).where(eq(channels.name, name)).returning({ name: channels.name })).length > 0;
    },
  };
}

function toChannel({ secret, kind, ...row }: typeof channels.$inferSelect): Channel {
  // Written by this store alone, so the column holds exactly the enum of the contract.
  return { ...row, kind: kind as Channel['kind'], ...(secret === null ? {} : { secret }) };
}
