import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createTestDatabase } from '../../../test/support/postgres.ts';
import type { Store } from '../../ports/store/store.ts';
import { connect } from './database.ts';
import { migrate, migrationState } from './migrate.ts';
import { createPostgresStore } from './postgres-store.ts';
import { executionStoreConformance } from '../../ports/store/execution-store.conformance.ts';
import { dumpSchema } from './schema-dump.ts';
import { createMigratedDatabase, MIGRATIONS, type MigratedDatabase } from './testing/migrated-database.ts';
import { agentRow, executionRow, superstep } from './testing/rows.ts';

let database: MigratedDatabase;
let store: Store;
beforeAll(async () => {
  database = await createMigratedDatabase();
  store = createPostgresStore(database);
});
afterAll(() => database.drop());

const HOSTILE = 'NUL \0 half \ud800 halves \udc00 \\u0000 \\ud800 "quoted" 🎉';
const HARMLESS = 'NUL \ufffd half \ufffd halves \ufffd \\u0000 \\ud800 "quoted" 🎉';
/** In a key too, and where one escape follows another. */
const hostileJson = { [HOSTILE]: [HOSTILE, '\0\0', '\\\0', '\ud800\ud800', { deep: '\udfff' }] };
const harmlessJson = { [HARMLESS]: [HARMLESS, '\ufffd\ufffd', '\\\ufffd', '\ufffd\ufffd', { deep: '\ufffd' }] };

executionStoreConformance('PostgreSQL', () => store, savedWorkflow);

describe('migrations', () => {
  test('run once when two processes start together', async () => {
    const empty = await createTestDatabase();
    const pools = Array.from({ length: 4 }, () => connect({ ...empty.connection, max: 1 }).pool);
    const states = await Promise.all(pools.map((pool) => migrate(pool, MIGRATIONS)));
    const { known } = await migrationState(pools[0] as pg.Pool, MIGRATIONS);
    expect(states.map((state) => state.applied).toSorted((a, b) => a - b)).toEqual([0, known, known, known]);
    expect(await migrationState(pools[0] as pg.Pool, MIGRATIONS)).toEqual({ applied: known, known });
    await Promise.all(pools.map((pool) => pool.end()));
    await empty.drop();
  });

  test('refuse a database of a newer version', async () => {
    const newer = await createMigratedDatabase();
    await newer.pool.query(
      `INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('of the future', 99999999999999)`,
    );
    await expect(migrate(newer.pool, MIGRATIONS)).rejects.toMatchObject({ code: 'DATABASE_TOO_NEW' });
    await newer.drop();
  });

  test('lead to the schema in migrations/schema.sql', async () => {
    await expect(await dumpSchema(database.pool)).toMatchFileSnapshot(`${MIGRATIONS}/schema.sql`);
  });

  test('that were released are not edited', async () => {
    const applied = await database.pool.query<{ hash: string }>(
      'SELECT hash FROM drizzle.__drizzle_migrations ORDER BY id',
    );
    const journal = JSON.parse(await readFile(`${MIGRATIONS}/meta/_journal.json`, 'utf8')) as {
      entries: { tag: string }[];
    };
    const files = await Promise.all(journal.entries.map(({ tag }) => readFile(`${MIGRATIONS}/${tag}.sql`)));
    expect(applied.rows.map(({ hash }) => hash)).toEqual(
      files.map((file) => createHash('sha256').update(file).digest('hex')),
    );
  });
});

describe('events', () => {
  const topics = () => Array.from({ length: 4 }, (_, index) => `topic-${index}-${randomUUID()}`);
  const publish = (topic: string, data: unknown = {}) => ({ topic, event: 'agent.changed' as never, data });

  test('are numbered without a gap, in the order of their commits, by 20 transactions on overlapping topics of which some roll back', async () => {
    const all = topics();
    const committed = new Map(all.map((topic) => [topic, 0]));
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const mine = all.filter((__, topic) => (index + topic) % 3 !== 0);
        // In different orders, which must not lock them against each other.
        if (index % 2) mine.reverse();
        const fails = index % 5 === 0;
        await store
          .transaction(async (transaction) => {
            for (const topic of mine)
              transaction.publish(publish(topic, { index, place: 1 }), publish(topic, { index, place: 2 }));
            if (fails && index % 2) throw new Error('rolled back');
            if (fails) await transaction.executions.setStepTask('no uuid', 'no uuid');
          })
          .then(
            () => mine.forEach((topic) => committed.set(topic, (committed.get(topic) ?? 0) + 2)),
            () => expect(fails).toBe(true),
          );
      }),
    );
    for (const topic of all) {
      const events = (await store.events.after(topic, 0, 1_000)) ?? [];
      expect(events.map(({ seq }) => seq)).toEqual(
        Array.from({ length: committed.get(topic) ?? 0 }, (_, index) => index + 1),
      );
      expect(await store.events.seq(topic)).toBe(committed.get(topic));
      expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted());
      // Both of a transaction follow each other.
      const pairs = events.map(({ data }) => data as { index: number; place: number });
      for (let i = 0; i < pairs.length; i += 2) expect(pairs[i + 1]).toEqual({ index: pairs[i]?.index, place: 2 });
    }
  });

  test('are seen by nobody before those with smaller numbers', async () => {
    const [topic = ''] = topics();
    const gate = Promise.withResolvers<void>();
    const seen: number[] = [];
    let writing = true;
    const reader = (async () => {
      while (writing) {
        for (const { seq } of (await store.events.after(topic, seen.length, 100)) ?? []) seen.push(seq);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await Promise.all(
      Array.from({ length: 20 }, () => store.transaction(async (transaction) => transaction.publish(publish(topic)))),
    );
    gate.resolve();
    await vi.waitFor(() => expect(seen).toHaveLength(20));
    writing = false;
    await reader;
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  test('are never said to be gone while others are being added', async () => {
    const [topic = ''] = topics();
    let writing = true;
    const gone: number[] = [];
    const reader = (async () => {
      let since = 0;
      while (writing) {
        const page = await store.events.after(topic, since, 1_000);
        if (page === null) gone.push(since);
        else since = page.at(-1)?.seq ?? since;
      }
    })();
    for (let i = 0; i < 150; i++) await store.transaction(async (transaction) => transaction.publish(publish(topic)));
    writing = false;
    await reader;
    expect(gone).toEqual([]);
  });

  test('that are no longer kept, or of another database, are told from none', async () => {
    const [topic = ''] = topics();
    for (let i = 0; i < 3; i++) await store.transaction(async (transaction) => transaction.publish(publish(topic)));
    expect(await store.events.after(topic, 3, 10)).toEqual([]);
    expect(await store.events.after(topic, 4, 10)).toBeNull();
    await database.pool.query('DELETE FROM events WHERE topic = $1 AND seq < 3', [topic]);
    expect(await store.events.after(topic, 1, 10)).toBeNull();
    expect(await store.events.after(topic, 2, 10)).toHaveLength(1);
    await database.pool.query('DELETE FROM events WHERE topic = $1', [topic]);
    expect(await store.events.after(topic, 0, 10)).toBeNull();
    expect(await store.events.after('nothing-ever-happened', 0, 10)).toEqual([]);
  });

  test('of one kind are found newest, in their order, beside many of another', async () => {
    const topic = 'newest';
    for (const turn of [1, 2, 3])
      await store.transaction(async (transaction) => {
        transaction.publish({ topic, event: 'task.progress', data: turn });
        for (let line = 0; line < 20; line++) transaction.publish({ topic, event: 'log.appended', data: line });
      });
    expect((await store.events.newest(topic, 'task.progress', 2)).map(({ data }) => data)).toEqual([2, 3]);
    expect(await store.events.newest('nothing-ever-happened', 'task.progress', 2)).toEqual([]);
  });

  test('carry any data, and none', async () => {
    const [topic = ''] = topics();
    const data = [null, 'text', 7, [], { nothing: null }, hostileJson];
    await store.transaction(async (transaction) => transaction.publish(...data.map((each) => publish(topic, each))));
    expect((await store.events.after(topic, 0, 10))?.map((event) => event.data)).toEqual([
      null,
      'text',
      7,
      [],
      { nothing: null },
      harmlessJson,
    ]);
  });
});

describe('claims', () => {
  async function newExecution(): Promise<string> {
    const row = executionRow();
    await store.executions.insert(row);
    return row.id;
  }
  const MINUTE_MS = 60_000;

  test('give an execution to one of many workers', async () => {
    const id = await newExecution();
    const leases = await Promise.all(
      Array.from({ length: 10 }, (_, index) => store.executions.claim(id, `worker-${index}`, MINUTE_MS)),
    );
    expect(leases.filter((lease) => lease !== null)).toHaveLength(1);
  });

  test('pass to another worker once expired or released, each time under a higher epoch', async () => {
    const id = await newExecution();
    const first = await store.executions.claim(id, 'a', 0);
    const second = await store.executions.claim(id, 'b', MINUTE_MS);
    expect([first?.epoch, second?.epoch]).toEqual([1, 2]);
    expect(await store.executions.claim(id, 'c', MINUTE_MS)).toBeNull();
    await store.executions.release(first ?? expect.fail());
    expect(await store.executions.claim(id, 'c', MINUTE_MS)).toBeNull();
    await store.executions.release(second ?? expect.fail());
    expect((await store.executions.claim(id, 'c', MINUTE_MS))?.epoch).toBe(3);
  });

  test('are renewed by their holder alone', async () => {
    const id = await newExecution();
    const old = (await store.executions.claim(id, 'a', 0)) ?? expect.fail();
    expect(await store.executions.renew(old, 0)).toBe(true);
    const now = (await store.executions.claim(id, 'a', MINUTE_MS)) ?? expect.fail();
    expect(await store.executions.renew(old, MINUTE_MS)).toBe(false);
    expect(await store.executions.renew(now, MINUTE_MS)).toBe(true);
  });

  test('refuse the late commit of a worker that lost its lease, wholly', async () => {
    const id = await newExecution();
    const late = (await store.executions.claim(id, 'a', 0)) ?? expect.fail();
    const held = (await store.executions.claim(id, 'b', MINUTE_MS)) ?? expect.fail();
    const newEffects = [{ key: 'effect', kind: 'shell', payload: {} }];
    await expect(
      store.transaction(async (transaction) => {
        await transaction.checkpoints.put({
          threadId: id,
          namespace: '',
          checkpointId: 'late',
          parentId: null,
          checkpoint: {},
          changes: { value: {} },
          complete: true,
          metadata: {},
        });
        transaction.publish({ topic: `execution:${id}`, event: 'execution.changed' as never, data: {} });
        await transaction.executions.commit(superstep(late, { execution: { status: 'failed' }, newEffects }));
      }),
    ).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect((await store.executions.get(id))?.status).toBe('running');
    expect(await store.checkpoints.get(id, '')).toBeNull();
    expect(await store.executions.openEffects({ executionId: id })).toEqual([]);
    expect(await store.events.seq(`execution:${id}`)).toBe(0);
    await store.transaction((transaction) => transaction.executions.commit(superstep(held, { newEffects })));
    expect(await store.executions.openEffects({ executionId: id })).toHaveLength(1);
  });

  test('refuse a commit that a claim overtakes while it is on its way', async () => {
    const id = await newExecution();
    const late = (await store.executions.claim(id, 'a', 0)) ?? expect.fail();
    const claimed = Promise.withResolvers<void>();
    const claiming = store.transaction(async (transaction) => {
      await transaction.executions.claim(id, 'b', MINUTE_MS);
      claimed.resolve();
      // The late commit waits for this row until the end of this transaction.
      await vi.waitFor(async () => {
        const waiting = await database.pool.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        expect(waiting.rowCount).toBe(1);
      });
    });
    await claimed.promise;
    await expect(
      store.transaction((transaction) => transaction.executions.commit(superstep(late))),
    ).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await claiming;
  });

  test('of a finished execution are refused, and those of a dead process end', async () => {
    const [open, finished] = [await newExecution(), await newExecution()];
    const lease = (await store.executions.claim(finished, 'host_1:a', MINUTE_MS)) ?? expect.fail();
    await store.transaction((transaction) =>
      transaction.executions.commit(
        superstep(lease, { execution: { status: 'completed' as never, finishedAt: new Date().toISOString() } }),
      ),
    );
    await store.executions.release(lease);
    expect(await store.executions.claim(finished, 'b', MINUTE_MS)).toBeNull();
    await store.executions.claim(open, 'host_1:a', MINUTE_MS);
    expect(await store.executions.expireLeases('host_2:')).toBe(0);
    expect(await store.executions.expireLeases('host%')).toBe(0);
    expect(await store.executions.expireLeases('host_1:')).toBe(1);
    expect((await store.executions.claim(open, 'b', MINUTE_MS))?.epoch).toBe(2);
  });

  test('are offered where mail waits and nobody holds the execution', async () => {
    const [held, free, silent] = [await newExecution(), await newExecution(), await newExecution()];
    await store.executions.post(held, [{ type: 'x' }]);
    await store.executions.post(free, [{ type: 'x' }]);
    await store.executions.claim(held, 'a', MINUTE_MS);
    const stranded = await store.executions.stranded(1_000);
    expect([held, free, silent].map((id) => stranded.includes(id))).toEqual([false, true, false]);
  });
});

describe('mail and effects', () => {
  test('timers fire once, however many look at them', async () => {
    const row = executionRow();
    await store.executions.insert(row);
    const lease = (await store.executions.claim(row.id, 'a', 60_000)) ?? expect.fail();
    const setTimers = [
      { timerId: 'due', at: '2020-01-01T00:00:00.000Z' },
      { timerId: 'later', at: '2999-01-01T00:00:00.000Z' },
    ];
    await store.transaction((transaction) => transaction.executions.commit(superstep(lease, { setTimers })));
    const fired = await Promise.all(
      Array.from({ length: 5 }, () => store.executions.fireTimers('2021-01-01T00:00:00.000Z')),
    );
    expect(fired.flat()).toEqual([row.id]);
    expect((await store.executions.mail(row.id, 10)).map(({ event }) => event)).toEqual([
      { type: 'timer_fired', timerId: 'due', at: '2021-01-01T00:00:00.000Z' },
    ]);
  });

  test('an effect is started and finished by one', async () => {
    const row = executionRow();
    await store.executions.insert(row);
    const lease = (await store.executions.claim(row.id, 'a', 60_000)) ?? expect.fail();
    await store.transaction((transaction) =>
      transaction.executions.commit(
        superstep(lease, { newEffects: [{ key: 'k', kind: 'shell', payload: hostileJson }] }),
      ),
    );
    const started = await Promise.all(
      Array.from({ length: 5 }, (_, index) => store.executions.startEffect(row.id, 'k', `host-${index}`)),
    );
    expect(started.filter(Boolean)).toHaveLength(1);
    const finished = await Promise.all(Array.from({ length: 5 }, () => store.executions.finishEffect(row.id, 'k')));
    expect(finished.filter(Boolean)).toHaveLength(1);
    expect((await store.executions.effect(row.id, 'k'))?.payload).toEqual(harmlessJson);
  });

  test('a superstep and a log may be of any size', async () => {
    const row = executionRow();
    await store.executions.insert(row);
    const lease = (await store.executions.claim(row.id, 'a', 60_000)) ?? expect.fail();
    const many = Array.from({ length: 20_000 }, (_, index) => `key-${index}`);
    await store.executions.post(
      row.id,
      many.map((key) => ({ key })),
    );
    const mail = await store.executions.mail(row.id, 100_000);
    const at = '2999-01-01T00:00:00.000Z';
    await store.transaction((transaction) =>
      transaction.executions.commit(
        superstep(lease, {
          takenMail: mail.map(({ id }) => id),
          newEffects: many.map((key) => ({ key, kind: 'shell', payload: {} })),
          cancelEffects: many.slice(0, 100).map((key) => ({ key, reason: 'cancelled' })),
          setTimers: many.map((timerId) => ({ timerId, at })),
        }),
      ),
    );
    expect(await store.executions.mail(row.id, 1)).toEqual([]);
    expect(await store.executions.openEffects({ executionId: row.id })).toHaveLength(many.length);
    const lines = many.map((text) => ({ at, stream: 'stdout' as const, text }));
    const stored = await store.executions.appendLogs(row.id, lines);
    expect(stored.map(({ text }) => text)).toEqual(many);
    expect(stored.map(({ seq }) => seq)).toEqual(stored.map(({ seq }) => seq).toSorted((a, b) => a - b));
    const read = await store.executions.logs(row.id, { after: 0, limit: 100_000 });
    expect(read).toEqual(stored);
    const outline = await store.executions.logOutline(row.id, { every: 1_000 });
    expect(outline).toEqual({
      lines: stored.length,
      every: 1_000,
      marks: stored.filter((_line, index) => index % 1_000 === 0).map(({ seq }) => seq),
      last: stored.at(-1)?.seq,
    });
    await store.transaction((transaction) => transaction.executions.commit(superstep(lease, { clearTimers: many })));
    await database.pool.query('DELETE FROM executions WHERE id = $1', [row.id]);
  });
});

describe('checkpoints', () => {
  const put = (threadId: string, checkpointId: string, parentId: string | null, complete: boolean, changes: object) =>
    store.checkpoints.put({
      threadId,
      namespace: '',
      checkpointId,
      parentId,
      checkpoint: { id: checkpointId },
      changes: changes as never,
      complete,
      metadata: {},
    });

  test('are folded along their own parents, also where a fork has a complete one in between', async () => {
    const thread = randomUUID();
    await put(thread, '1', null, true, { map: { a: { value: 1 }, gone: { value: 1 } } });
    await put(thread, '2', '1', false, { map: { b: { value: 2 } }, removed: ['gone'] });
    await put(thread, '3', '1', true, { map: { fork: { value: 3 } } });
    await put(thread, '4', '3', false, { map: { c: { value: 'of the fork' } } });
    await put(thread, '5', '2', false, { map: { c: { map: { deep: { value: 5 } } } } });
    expect((await store.checkpoints.get(thread, '', '5'))?.values).toEqual({ a: 1, b: 2, c: { deep: 5 } });
    expect((await store.checkpoints.get(thread, '', '4'))?.values).toEqual({ fork: 3, c: 'of the fork' });
    expect((await store.checkpoints.list(thread, {})).map(({ values }) => Object.keys(values).length)).toEqual([
      3, 2, 1, 2, 2,
    ]);
  });
});

describe('text that PostgreSQL cannot hold', () => {
  test('is stored harmlessly wherever people and programs write', async () => {
    const agent = agentRow({
      name: `name ${randomUUID()} ${HOSTILE}`,
      statusReason: HOSTILE,
      instructions: HOSTILE,
      env: { [HOSTILE]: HOSTILE },
    });
    expect(await store.agents.insert(agent)).toBe('inserted');
    expect(await store.agents.get(agent.id)).toMatchObject({
      statusReason: HARMLESS,
      instructions: HARMLESS,
      env: { [HARMLESS]: HARMLESS },
    });
    expect((await store.agents.getByName(agent.name))?.id).toBe(agent.id);
    const execution = executionRow({ name: HOSTILE, inputs: hostileJson });
    await store.executions.insert(execution);
    expect(await store.executions.get(execution.id)).toMatchObject({ name: HARMLESS, inputs: harmlessJson });
    await store.executions.post(execution.id, [hostileJson]);
    expect((await store.executions.mail(execution.id, 1))[0]?.event).toEqual(harmlessJson);
    await store.executions.appendLogs(execution.id, [
      { at: new Date().toISOString(), nodeId: 'node', stream: 'stdout', text: HOSTILE },
    ]);
    expect((await store.executions.logs(execution.id, { after: 0, limit: 1 }))[0]).toMatchObject({
      nodeId: 'node',
      text: HARMLESS,
    });
    const lease = (await store.executions.claim(execution.id, HOSTILE, 60_000)) ?? expect.fail();
    const step = {
      id: randomUUID(),
      nodeId: 'node',
      iteration: 1,
      attempt: 1,
      status: 'failed' as never,
      reason: HOSTILE,
      output: hostileJson,
    };
    await store.transaction((transaction) => transaction.executions.commit(superstep(lease, { steps: [step] })));
    expect((await store.executions.steps(execution.id))[0]).toMatchObject({ reason: HARMLESS, output: harmlessJson });
    await store.identity.audit({ actor: HOSTILE, action: 'x', subject: HOSTILE, detail: hostileJson });
    await store.identity.audit({ actor: 'x', action: 'x', subject: 'x', detail: null });
  });
});

describe('the audit', () => {
  const entry = (subject: string) => ({
    actor: 'ada',
    action: 'policy.create',
    subject,
    detail: { tool: 'Bash', n: 1 },
  });

  /** As somebody does it who may do everything in the database. */
  async function tamper(statement: string): Promise<void> {
    await database.pool.query(`ALTER TABLE audit DISABLE TRIGGER audit_append_only; ${statement};
      ALTER TABLE audit ENABLE TRIGGER audit_append_only`);
  }

  test('is only ever added to, sealed as it grows, and tells what was rewritten', async () => {
    for (const subject of ['one', 'two', 'three']) await store.identity.audit(entry(subject));
    expect(await store.auditSeals.seal()).toBe('sealed');
    expect(await store.auditSeals.seal()).toBe('nothing_new');
    for (const subject of ['four', 'five', 'six']) await store.identity.audit(entry(subject));
    expect(await store.auditSeals.seal()).toBe('sealed');
    await store.identity.audit(entry('not sealed yet'));
    const whole = await store.auditSeals.verify();
    expect(whole).toMatchObject({ intact: true, problems: [] });
    expect(whole.sealedTo).toBeGreaterThan(0);

    for (const statement of [`UPDATE audit SET actor = 'eve'`, 'DELETE FROM audit', 'TRUNCATE audit'])
      await expect(database.pool.query(statement)).rejects.toThrow('the audit is only ever added to');

    const seqOf = async (subject: string) =>
      Number((await database.pool.query('SELECT seq FROM audit WHERE subject = $1', [subject])).rows[0].seq);
    const two = await seqOf('two');
    await tamper(`UPDATE audit SET actor = 'eve' WHERE seq = ${two}`);
    expect((await store.auditSeals.verify()).problems).toEqual([{ seq: two, message: 'The entry was changed.' }]);
    // Who also makes its hash anew is given away by the seal.
    await tamper(`UPDATE audit SET hash = audit_hash(audit) WHERE seq = ${two}`);
    const sealed = (await store.auditSeals.verify()).problems;
    expect(sealed).toMatchObject([{ message: 'Entries or their seals were changed.' }]);
    expect(sealed[0]?.seq).toBeLessThanOrEqual(two);
    expect(sealed[0]?.to).toBeGreaterThanOrEqual(two);
    await tamper(`UPDATE audit SET actor = 'ada' WHERE seq = ${two};
      UPDATE audit SET hash = audit_hash(audit) WHERE seq = ${two}`);
    expect((await store.auditSeals.verify()).intact).toBe(true);

    const five = await seqOf('five');
    await tamper(`DELETE FROM audit WHERE seq = ${five}`);
    const verdict = await store.auditSeals.verify();
    expect(verdict.intact).toBe(false);
    expect(verdict.problems).toMatchObject([{ message: '3 entries were sealed, 2 are there.' }]);
  });

  test('is sealed without keeping anybody from writing, and what was under way is in the next seal', async () => {
    const client = await database.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query(
        `INSERT INTO audit (actor, action, subject, detail) VALUES ('slow', 'policy.create', 'late', '{}')`,
      );
      expect(await store.auditSeals.seal()).toBe('busy');
      await store.identity.audit(entry('meanwhile'));
      await client.query('COMMIT');
    } finally {
      client.release();
    }
    const before = (await store.auditSeals.verify()).problems.length;
    expect(await store.auditSeals.seal()).toBe('sealed');
    expect((await store.auditSeals.verify()).problems).toHaveLength(before);
  });
});

describe('the load of agents', () => {
  test('is what was measured since then, oldest first, of each that still is and was measured', async () => {
    const [busy, idle, gone] = [agentRow({}), agentRow({}), agentRow({})];
    for (const agent of [busy, idle, gone]) await store.agents.insert(agent);
    const sample = (at: string, cpu: number) =>
      store.agents.measured(
        at,
        [busy, gone].map(({ id }) => ({ agentId: id, cpu, memory: 1 })),
      );
    await sample('2026-01-01T00:00:05.000Z', 7);
    await sample('2026-01-01T00:00:15.000Z', 9);
    await sample('2026-01-01T00:00:10.000Z', 8);
    await store.agents.remove(gone.id);
    const own = new Set([busy.id, idle.id, gone.id]);
    const loads = async (since: string) => (await store.agents.loads(since)).filter(({ agentId }) => own.has(agentId));
    expect(await loads('2026-01-01T00:00:00.000Z')).toEqual([{ agentId: busy.id, cpu: [7, 8, 9] }]);
    expect(await loads('2026-01-01T00:00:05.000Z')).toEqual([{ agentId: busy.id, cpu: [8, 9] }]);
    expect(await loads('2026-01-01T00:00:15.000Z')).toEqual([]);
  });
});

describe('hosts', () => {
  test('tell how many agents they have', async () => {
    const startedAt = new Date().toISOString();
    const [busy, idle] = [`host-${randomUUID()}`, `host-${randomUUID()}`];
    for (const id of [busy, idle, busy]) await store.touchHost({ id, name: id, roles: ['host'], startedAt });
    for (let i = 0; i < 2; i++) await store.agents.insert(agentRow({ hostId: busy }));
    const gone = agentRow({ hostId: busy });
    await store.agents.insert(gone);
    await store.agents.remove(gone.id);
    const hosts = await store.hosts();
    expect([busy, idle].map((id) => hosts.find((host) => host.id === id)?.agents)).toEqual([2, 0]);
  });
});

describe('an idempotency key', () => {
  test('is claimed by one of many requests', async () => {
    const key = randomUUID();
    const claims = await Promise.all(Array.from({ length: 10 }, () => store.identity.claimKey('me', key, 'hash')));
    expect(claims.filter((claim) => claim === null)).toHaveLength(1);
    await store.identity.storeResponse('me', key, 201, hostileJson);
    expect(await store.identity.claimKey('me', key, 'hash')).toEqual({
      requestHash: 'hash',
      status: 201,
      response: harmlessJson,
    });
  });

  test('is always held by whoever was told that it is new, while others give it back', async () => {
    const key = randomUUID();
    let holders = 0;
    let most = 0;
    const request = async (): Promise<void> => {
      for (let i = 0; i < 30; i++) {
        if ((await store.identity.claimKey('me', key, 'hash')) !== null) continue;
        most = Math.max(most, ++holders);
        holders--;
        await store.identity.releaseKey('me', key);
      }
    };
    const watched = async (): Promise<void> => {
      for (let i = 0; i < 30; i++) {
        if ((await store.identity.claimKey('me', key, 'hash')) !== null) continue;
        const row = await database.pool.query('SELECT 1 FROM idempotency_keys WHERE key = $1', [key]);
        expect(row.rowCount).toBe(1);
        await store.identity.releaseKey('me', key);
      }
    };
    await Promise.all([watched(), request(), request(), request()]);
    expect(most).toBe(1);
  });
});

describe('a database that goes away', () => {
  test('fails what was under way with DATABASE_UNAVAILABLE, and serves the next', async () => {
    const away = await createMigratedDatabase();
    const its = createPostgresStore(away);
    const admin = new pg.Client(database.connection);
    await admin.connect();
    const cut = () =>
      admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
        away.connection.database,
      ]);
    await its.ping();
    await cut();
    await expect(
      its.transaction(async (transaction) => {
        await transaction.agents.list();
        // Between two statements, when nobody waits for an answer that could fail.
        await cut();
        await vi.waitFor(async () => {
          const left = await admin.query('SELECT 1 FROM pg_stat_activity WHERE datname = $1', [
            away.connection.database,
          ]);
          expect(left.rowCount).toBe(0);
        });
        await new Promise((resolve) => setTimeout(resolve, 50));
        await transaction.agents.list();
      }),
    ).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await vi.waitFor(async () => expect(await its.agents.list()).toEqual([]));
    await admin.end();
    await away.drop();
  });

  test('costs no connection of the pool for good, wherever in a transaction it goes away', async () => {
    const away = await createMigratedDatabase();
    const its = createPostgresStore(away);
    const admin = new pg.Client(database.connection);
    await admin.connect();
    // More often than the pool has connections, and first of all before BEGIN is answered.
    for (let i = 0; i < 30; i++) {
      await its.ping().catch(() => undefined);
      const cutting = admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
        away.connection.database,
      ]);
      await its
        .transaction((transaction) => transaction.agents.list())
        .catch((error: unknown) => expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE' }));
      await cutting;
    }
    await vi.waitFor(async () => expect(await its.agents.list()).toEqual([]));
    expect(away.pool.totalCount - away.pool.idleCount).toBe(0);
    await admin.end();
    await away.drop();
  });

  test('ends a transaction of which it hears nothing, so that its locks are free', async () => {
    const shown = await database.pool.query<Record<string, string>>('SHOW idle_in_transaction_session_timeout');
    expect(shown.rows).toEqual([{ idle_in_transaction_session_timeout: '15s' }]);
    const own = await createMigratedDatabase();
    own.pool.on('connect', (client) => void client.query('SET idle_in_transaction_session_timeout = 50'));
    const its = createPostgresStore(own);
    const row = executionRow();
    await its.executions.insert(row);
    await expect(
      its.transaction(async (transaction) => {
        await transaction.executions.lock(row.id);
        // Waits for the lock that is held here, so it ends only when that is free.
        expect((await its.executions.claim(row.id, 'another', 60_000))?.epoch).toBe(1);
        await transaction.executions.lock(row.id);
      }),
    ).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await own.drop();
  });

  test('is not blamed for what else goes wrong in a transaction', async () => {
    const missingFile = Object.assign(new Error('no such file'), { code: 'ENOENT', syscall: 'open' });
    await expect(store.transaction(() => Promise.reject(missingFile))).rejects.toBe(missingFile);
  });
});

/** A workflow that executions can be of. */
async function savedWorkflow(): Promise<string> {
  const id = randomUUID();
  const by = { createdAt: new Date().toISOString(), createdBy: 'test' };
  await store.workflows.insert(
    { id, name: 'test', metadata: {}, version: 1, liveVersion: 1, imported: null, updatedAt: by.createdAt, ...by },
    { workflowId: id, version: 1, document: {}, problems: [], draft: false, note: null, ...by },
    { nodes: [], edges: [] },
  );
  return id;
}
