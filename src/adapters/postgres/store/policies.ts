/** The rules' rows. */
import { asc, eq, gt } from 'drizzle-orm';
import type { Policy } from '../../../contract/policies.ts';
import type { PolicyStore } from '../../../ports/store/policies.ts';
import type { Database } from '../database.ts';
import { policies } from '../schema.ts';

export function policyStore(db: Database): PolicyStore {
  return {
    async insert(policy) {
      await db.insert(policies).values(policy);
    },
    async list(page) {
      const query = db
        .select()
        .from(policies)
        .where(page?.after ? gt(policies.id, page.after) : undefined)
        .orderBy(asc(policies.id));
      return (await (page ? query.limit(page.limit) : query)).map(toPolicy);
    },
    async remove(id) {
      return (await db.delete(policies).where(eq(policies.id, id)).returning({ id: policies.id })).length > 0;
    },
  };
}

function toPolicy({ agentId, role, pattern, note, ...row }: typeof policies.$inferSelect): Policy {
  return {
    ...row,
    // Written by this store alone, so the column holds exactly the enum of the contract.
    effect: row.effect as Policy['effect'],
    ...(agentId ? { agentId } : {}),
    ...(role ? { role } : {}),
    ...(pattern === null ? {} : { pattern }),
    ...(note ? { note } : {}),
  };
}
