/** How a statement is committed that is a transaction by itself. */
import type pg from 'pg';
import type { NewEvent } from '../../ports/store/events.ts';
import { type Database, prepared } from './database.ts';
import type { GroupCommit } from './group-commit.ts';
import type { LateNotices } from './late-notices.ts';

export interface CommitsAlone {
  late: LateNotices;
  shared: GroupCommit;
}

/** The topic of the list of executions: each that starts or ends counts it on. */
const SHARED_TOPIC = 'executions';

/** Together with others where it has to wait for them anyway; `alone` is null within a transaction. */
export function commitShared(
  db: Database,
  {
    alone,
    announced,
    name,
    text,
    values,
  }: {
    alone: CommitsAlone | null;
    announced: { events: readonly NewEvent[] };
    name: string;
    text: string;
    values: unknown[];
  },
): Promise<pg.QueryResult> {
  return alone && announced.events.some(({ topic }) => topic === SHARED_TOPIC)
    ? alone.shared.run({ name, text, values })
    : prepared(db, name, text, values);
}
