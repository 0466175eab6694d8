/** Seals of the audit: a chain of hashes over the hashes of its entries. */
import { sql } from 'drizzle-orm';
import type { AuditVerdict } from '../../../contract/audit.ts';
import type { AuditSealStore } from '../../../ports/store/audit-seals.ts';
import { type Database, postgresCode } from '../database.ts';

/** Whoever writes the audit commits within milliseconds; longer than this nobody is kept from writing. */
const WAIT = '200ms';
const LOCK_TIMEOUT = '55P03';
const PROBLEMS_MAX = 100;

export function auditSealStore(db: Database): AuditSealStore {
  return {
    async seal() {
      try {
        return await db.transaction(async (tx) => {
          await tx.execute(sql.raw(`SET LOCAL lock_timeout = '${WAIT}'`));
          // Nobody is writing now: a number below the last one that is not there will never be.
          await tx.execute(sql`LOCK TABLE audit IN SHARE MODE`);
          const sealed = await tx.execute(sql`
            WITH last AS (SELECT to_seq, hash FROM audit_seals ORDER BY to_seq DESC LIMIT 1)
            INSERT INTO audit_seals (to_seq, entries, hash)
            SELECT max(seq), count(*), sha256(coalesce((SELECT hash FROM last), '') || string_agg(hash, '' ORDER BY seq))
            FROM audit WHERE seq > coalesce((SELECT to_seq FROM last), 0) HAVING count(*) > 0`);
          return sealed.rowCount === 0 ? 'nothing_new' : 'sealed';
        });
      } catch (error) {
        if (postgresCode(error) === LOCK_TIMEOUT) return 'busy';
        throw error;
      }
    },
    async verify() {
      return await db.transaction(
        async (tx): Promise<AuditVerdict> => {
          const changed = await tx.execute<{ seq: string }>(
            sql`SELECT seq FROM audit WHERE hash IS DISTINCT FROM audit_hash(audit) ORDER BY seq LIMIT ${PROBLEMS_MAX}`,
          );
          const broken = await tx.execute<{ from_seq: string; to_seq: string; entries: number; found: string }>(sql`
            WITH seal AS (
              SELECT to_seq, entries, hash, coalesce(lag(to_seq) OVER chain, 0) AS after, coalesce(lag(hash) OVER chain, '') AS before
              FROM audit_seals WINDOW chain AS (ORDER BY to_seq))
            SELECT seal.after + 1 AS from_seq, seal.to_seq, seal.entries, count(audit.seq) AS found
            FROM seal LEFT JOIN audit ON audit.seq > seal.after AND audit.seq <= seal.to_seq
            GROUP BY seal.to_seq, seal.after, seal.entries, seal.hash, seal.before
            HAVING seal.hash <> sha256(seal.before || coalesce(string_agg(audit.hash, '' ORDER BY audit.seq), ''))
            ORDER BY seal.to_seq LIMIT ${PROBLEMS_MAX}`);
          const totals = await tx.execute<{ entries: string; sealed_to: string | null }>(
            sql`SELECT (SELECT count(*) FROM audit) AS entries, (SELECT max(to_seq) FROM audit_seals) AS sealed_to`,
          );
          const problems = [
            ...changed.rows.map(({ seq }) => ({ seq: Number(seq), message: 'The entry was changed.' })),
            ...broken.rows.map(({ from_seq, to_seq, entries, found }) => ({
              seq: Number(from_seq),
              to: Number(to_seq),
              message:
                Number(found) === entries
                  ? 'Entries or their seals were changed.'
                  : `${entries} entries were sealed, ${found} are there.`,
            })),
          ].toSorted((one, other) => one.seq - other.seq);
          const [total] = totals.rows;
          return {
            intact: problems.length === 0,
            entries: Number(total?.entries ?? 0),
            sealedTo: total?.sealed_to === null || total === undefined ? null : Number(total.sealed_to),
            problems: problems.slice(0, PROBLEMS_MAX),
          };
        },
        { isolationLevel: 'repeatable read', accessMode: 'read only' },
      );
    },
  };
}
