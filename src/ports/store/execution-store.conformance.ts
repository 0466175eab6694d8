/** What every Store must do for executions, as sentences. Run by the tests of each implementation. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '../../contract/tasks.ts';
import {
  type ExecutionQuery,
  type ExecutionRecord,
  firstLease,
  type FirstVisit,
  type Lease,
  type Superstep,
} from './executions.ts';
import type { InboxRecord } from './inbox.ts';
import type { Store } from './store.ts';

const MINUTE_MS = 60_000;
const NOW = '2026-01-01T00:00:00.000Z';

export function executionStoreConformance(
  subject: string,
  place: () => Store,
  /** A saved workflow that executions can be of. */
  workflow: (store: Store) => Promise<string>,
): void {
  describe(`${subject} as a store of executions`, () => {
    async function begun(): Promise<{ store: Store; id: string; lease: Lease }> {
      const store = place();
      const record = execution();
      await store.executions.insert(record);
      const lease = (await store.executions.claim(record.id, 'host:a', MINUTE_MS)) ?? expect.fail('it is free');
      return { store, id: record.id, lease };
    }
    const commit = (store: Store, lease: Lease, changes: Partial<Superstep>) =>
      store.transaction((transaction) => transaction.executions.commit(superstep(lease, changes)));

    it('stores a new execution with its mail and its announcement, for nobody or already claimed', async () => {
      const store = place();
      const events = [{ n: 1 }, { n: 2 }];
      const announced = (id: string) => ({
        events: [{ topic: `execution:${id}`, event: 'execution.created' as const, data: {} }],
        notices: [],
      });
      const free = execution();
      const mail = await store.executions.begin({ execution: free, events, claim: null }, announced(free.id));
      expect(mail.map(({ event }) => event)).toEqual(events);
      expect(await store.executions.mail(free.id, 10)).toEqual(mail);
      expect(await store.executions.get(free.id)).toEqual(free);
      expect(await store.events.seq(`execution:${free.id}`)).toBe(1);
      expect(await store.executions.stranded(1_000)).toContain(free.id);

      const held = execution();
      const claim = { owner: 'host:a', ttlMs: MINUTE_MS };
      const taken = await store.executions.begin({ execution: held, events, claim }, announced(held.id));
      expect(await store.executions.claim(held.id, 'host:b', MINUTE_MS)).toBeNull();
      const given = firstLease(held.id, claim.owner);
      await commit(store, given, { takenMail: taken.map((letter) => letter.id) });
      expect(await store.executions.mail(held.id, 10)).toEqual([]);
      await store.executions.release(given);
      expect((await store.executions.claim(held.id, 'host:b', MINUTE_MS))?.epoch).toBe(given.epoch + 1);
    });

    it('stores a new execution as it is after its first visit, with all that was decided', async () => {
      const store = place();
      const claim = { owner: 'host:a', ttlMs: MINUTE_MS };
      const events = [{ type: 'execution_started', at: NOW }];
      const visit = (id: string): FirstVisit => ({
        steps: [{ id: randomUUID(), nodeId: 'n', iteration: 1, attempt: 1, status: 'waiting', startedAt: NOW }],
        newEffects: [{ key: 'n:1:-:1', kind: 'shell', payload: { command: 'true' } }],
        setTimers: [{ timerId: 'timeout:n:1:-:1', at: NOW }],
        checkpoints: [
          {
            threadId: id,
            namespace: '',
            checkpointId: 'first',
            parentId: null,
            checkpoint: { v: 4 },
            changes: { map: { state: { value: 1 } } },
            complete: true,
            metadata: { step: 1 },
          },
        ],
      });
      const announced = (id: string) => ({
        events: [{ topic: `execution:${id}`, event: 'execution.created' as const, data: {} }],
        notices: [],
      });
      const open = execution();
      const decided = visit(open.id);
      const mail = await store.executions.begin({ execution: open, events, claim, visit: decided }, announced(open.id));
      expect(mail.map(({ event }) => event)).toEqual(events);
      expect(await store.executions.mail(open.id, 10), 'it has been taken').toEqual([]);
      expect(await store.executions.steps(open.id)).toEqual(decided.steps);
      expect(await store.executions.openEffects({ executionId: open.id })).toMatchObject([
        { ...decided.newEffects[0], executionId: open.id, status: 'intended', cancel: null },
      ]);
      expect(await store.checkpoints.get(open.id, '')).toMatchObject({ checkpointId: 'first', values: { state: 1 } });
      expect(await store.events.seq(`execution:${open.id}`)).toBe(1);
      expect(await store.executions.claim(open.id, 'host:b', MINUTE_MS), 'it is held').toBeNull();
      await commit(store, firstLease(open.id, claim.owner), { clearTimers: ['timeout:n:1:-:1'] });
      expect(await store.executions.fireTimers(NOW)).not.toContain(open.id);

      const over = { ...execution(), status: 'succeeded' as const, outputs: { a: 1 }, startedAt: NOW, finishedAt: NOW };
      await store.executions.begin(
        { execution: over, events, claim, visit: { ...visit(over.id), newEffects: [], setTimers: [] } },
        announced(over.id),
      );
      expect(await store.executions.get(over.id)).toEqual(over);
      expect(await store.executions.renew(firstLease(over.id, claim.owner), MINUTE_MS)).toBe(false);
      expect(await store.executions.stranded(1_000)).not.toContain(over.id);
    });

    it('gives an execution back with the commit of its end', async () => {
      const { store, id, lease } = await begun();
      await commit(store, lease, { execution: { status: 'succeeded', finishedAt: NOW } });
      expect(await store.executions.renew(lease, MINUTE_MS)).toBe(false);
      expect(await store.executions.claim(id, 'host:b', MINUTE_MS)).toBeNull();
    });

    it('passes an execution on whose lease reaches further ahead than any: the clock has been set back', async () => {
      const { store, id, lease } = await begun();
      await store.executions.renew(lease, 6 * 60 * MINUTE_MS);
      await store.executions.post(id, [{ type: 'pause', at: NOW }]);
      expect(await store.executions.stranded(1_000)).toContain(id);
      expect((await store.executions.claim(id, 'host:b', MINUTE_MS))?.epoch).toBe(lease.epoch + 1);
      expect(await store.executions.renew(lease, MINUTE_MS)).toBe(false);
    });

    it('gives an execution to one worker at a time, each under a higher epoch', async () => {
      const { store, id, lease } = await begun();
      expect(await store.executions.claim(id, 'host:b', MINUTE_MS)).toBeNull();
      expect(await store.executions.renew({ ...lease, epoch: 0 }, MINUTE_MS)).toBe(false);
      await store.executions.release({ ...lease, owner: 'host:b' });
      expect(await store.executions.claim(id, 'host:b', MINUTE_MS)).toBeNull();
      await store.executions.release(lease);
      expect((await store.executions.claim(id, 'host:b', MINUTE_MS))?.epoch).toBe(lease.epoch + 1);
    });

    it('keeps those in line from workers until they leave it, first come first', async () => {
      const store = place();
      const workflowId = await workflow(store);
      const [first, second] = [1, 2].map((n) => ({
        ...execution(),
        workflowId,
        inLine: true,
        createdAt: `2026-01-01T00:00:0${n}.000Z`,
      })) as [ExecutionRecord, ExecutionRecord];
      const running = { ...execution(), workflowId };
      for (const record of [second, first, running]) await store.executions.insert(record);
      const mine = async () =>
        (await store.executions.leavingLine(NOW)).leaving.flatMap((one) =>
          one.workflowId === workflowId ? [one.id] : [],
        );
      await store.executions.post(first.id, [{ type: 'x' }]);
      expect(await store.executions.stranded(1_000)).not.toContain(first.id);
      expect(await store.executions.claim(first.id, 'host:a', MINUTE_MS)).toBeNull();
      expect(await store.executions.openOf(workflowId, null)).toEqual([
        { id: running.id, inLine: false },
        { id: first.id, inLine: true },
        { id: second.id, inLine: true },
      ]);
      expect(await mine()).toEqual([]);
      const lease = (await store.executions.claim(running.id, 'host:a', MINUTE_MS)) ?? expect.fail('it is free');
      await commit(store, lease, { execution: { status: 'succeeded', finishedAt: NOW } });
      expect(await mine()).toEqual([first.id]);
      expect(await store.executions.leaveLine(first.id)).toBe(true);
      expect(await store.executions.leaveLine(first.id)).toBe(false);
      expect(await mine()).toEqual([]);
      expect(await store.executions.stranded(1_000)).toContain(first.id);
      expect(await store.executions.claim(first.id, 'host:a', MINUTE_MS)).not.toBeNull();
    });

    it('lets a child wait in line for all but those that cannot end before it', async () => {
      const store = place();
      const [ours, theirs] = [await workflow(store), await workflow(store)];
      const add = async (changes: Partial<ExecutionRecord>) => {
        const record = { ...execution(), ...changes };
        await store.executions.insert(record);
        return record;
      };
      const below = ({ id }: ExecutionRecord) => ({ parent: { executionId: id, stepId: id, effectKey: randomUUID() } });
      const second = (n: number) => ({ createdAt: `2026-01-01T00:00:0${n}.000Z` });
      const top = await add({ workflowId: ours, ...second(1) });
      const behind = await add({ workflowId: ours, inLine: true, ...second(2) });
      const middle = await add({ workflowId: theirs, ...below(top), ...second(3) });
      const open = async (forChildOf: string | null) =>
        (await store.executions.openOf(ours, forChildOf)).map(({ id }) => id);
      expect(await open(null)).toEqual([top.id, behind.id]);
      expect(await open(middle.id), 'what started it, and who waits for that').toEqual([]);
      const beside = await add({ workflowId: theirs, inLine: true, ...below(behind), ...second(4) });
      expect(await open(beside.id)).toEqual([top.id]);
      const other = await add({ workflowId: ours, ...second(5) });
      expect(await open(middle.id)).toEqual([other.id]);

      const child = await add({ workflowId: ours, inLine: true, ...below(middle), ...second(6) });
      const leaving = async (now: string) =>
        (await store.executions.leavingLine(now)).leaving.filter(({ workflowId }) => workflowId === ours);
      expect(await leaving(NOW)).toEqual([]);
      const lease = (await store.executions.claim(other.id, 'host:a', MINUTE_MS)) ?? expect.fail('it is free');
      await commit(store, lease, { execution: { status: 'succeeded', finishedAt: NOW } });
      expect(await leaving(NOW)).toEqual([{ id: child.id, workflowId: ours, deadline: null }]);
    });

    it('does not take one in line for somebody who waits for those above it', async () => {
      const store = place();
      const [ours, theirs] = [await workflow(store), await workflow(store)];
      const add = async (changes: Partial<ExecutionRecord>) => {
        const record = { ...execution(), ...changes };
        await store.executions.insert(record);
        return record;
      };
      const below = ({ id }: ExecutionRecord) => ({ parent: { executionId: id, stepId: id, effectKey: randomUUID() } });
      const second = (n: number) => ({ createdAt: `2026-01-01T00:00:0${n}.000Z` });
      const top = await add({ workflowId: theirs, ...second(1) });
      const child = await add({ workflowId: ours, ...below(top), ...second(2) });
      await add({ workflowId: theirs, inLine: true, ...below(child), ...second(3) });
      // Its sibling's child is in line of the workflow of both their parent, and does not wait for that one.
      expect((await store.executions.openOf(ours, top.id)).map(({ id }) => id)).toEqual([child.id]);
    });

    it('finds in random families who cannot end before another one', async () => {
      const store = place();
      const one = fc.record({ ours: fc.boolean(), inLine: fc.boolean(), parent: fc.nat(12) });
      for (const shape of fc.sample(fc.array(one, { minLength: 6, maxLength: 12 }), { seed: 7, numRuns: 25 })) {
        const workflows = [await workflow(store), await workflow(store)] as const;
        const family: ExecutionRecord[] = [];
        for (const [index, { ours, inLine, parent: at }] of shape.entries()) {
          const above = family[at];
          const parent = above ? { executionId: above.id, stepId: above.id, effectKey: randomUUID() } : null;
          const createdAt = `2026-01-01T00:00:${String(index + 10)}.000Z`;
          family.push({ ...execution(), workflowId: workflows[ours ? 0 : 1], inLine, parent, createdAt });
        }
        for (const record of family) await store.executions.insert(record);
        for (const { id } of family) {
          const ends = endingBefore(family, id);
          for (const workflowId of workflows)
            expect((await store.executions.openOf(workflowId, id)).map((open) => open.id)).toEqual(
              family.flatMap((record) => (record.workflowId === workflowId && ends.has(record.id) ? [record.id] : [])),
            );
        }
      }
    });

    it('says of a child in line when the time of its step is up', async () => {
      const { store, id, lease } = await begun();
      const workflowId = await workflow(store);
      await store.executions.insert({ ...execution(), workflowId });
      await commit(store, lease, { newEffects: [{ key: 'sub', kind: 'workflow', payload: { timeoutMs: 1_500 } }] });
      const parent = { executionId: id, stepId: id, effectKey: 'sub' };
      const child = { ...execution(), workflowId, parent, inLine: true, createdAt: NOW };
      await store.executions.insert(child);
      const leaving = async (now: string) =>
        (await store.executions.leavingLine(now)).leaving.filter((one) => one.workflowId === workflowId);
      expect(await leaving('2026-01-01T00:00:01.499Z')).toEqual([]);
      const deadline = '2026-01-01T00:00:01.500Z';
      expect((await store.executions.leavingLine(NOW)).nextDeadline).toBe(deadline);
      expect(await leaving(deadline)).toEqual([{ id: child.id, workflowId, deadline }]);
    });

    it('refuses the commit of an older epoch, with everything beside it', async () => {
      const { store, id, lease } = await begun();
      expect(await store.executions.expireLeases('host:')).toBeGreaterThan(0);
      const newer = (await store.executions.claim(id, 'host:b', MINUTE_MS)) ?? expect.fail('it is free');
      await expect(
        store.transaction(async (transaction) => {
          transaction.publish({ topic: `execution:${id}`, event: 'execution.changed', data: {} });
          await transaction.executions.post(id, [{ type: 'x' }]);
          await transaction.executions.commit(superstep(lease, { setTimers: [{ timerId: 't', at: NOW }] }));
        }),
      ).rejects.toMatchObject({ code: 'LEASE_LOST' });
      expect(await store.executions.mail(id, 10)).toEqual([]);
      expect(await store.events.seq(`execution:${id}`)).toBe(0);
      await commit(store, newer, { execution: { status: 'waiting' } });
      expect((await store.executions.get(id))?.status).toBe('waiting');
    });

    it('finds executions by status, name, beginning or end of the id and time, newest first', async () => {
      const store = place();
      const name = `Release ${randomUUID()} 100%_`;
      const at = (hour: number) => `2026-03-01T0${hour}:00:00.000Z`;
      const [one, two, three] = ['0190', '0191', '0192'].map((first, hour) => ({
        ...execution(),
        id: `${first}${randomUUID().slice(4)}`,
        name,
        status: (['failed', 'cancelled', 'failed'] as const)[hour] ?? 'failed',
        startedAt: hour === 2 ? null : at(hour + 1),
        origin: hour === 1 ? { kind: 'retry' as const, executionId: '' } : null,
      })) as [ExecutionRecord, ExecutionRecord, ExecutionRecord];
      two.origin = { kind: 'retry', executionId: one.id };
      for (const record of [one, two, three]) await store.executions.insert(record);
      const found = async (filter: ExecutionQuery, page: { limit: number; before?: string } = { limit: 10 }) =>
        (await store.executions.list({ search: name, ...filter }, page)).map(({ id }) => id);
      expect(await found({})).toEqual([three.id, two.id, one.id]);
      expect(await found({}, { limit: 1, before: three.id })).toEqual([two.id]);
      expect(await found({ statuses: ['failed'] })).toEqual([three.id, one.id]);
      expect(await found({ statuses: ['failed', 'cancelled'], notRetried: true })).toEqual([three.id, two.id]);
      expect(await found({ startedAfter: at(1) })).toEqual([two.id]);
      expect(await found({ startedBefore: at(2) })).toEqual([one.id]);
      expect(await found({ parent: null })).toHaveLength(3);
      expect(await found({ search: name.slice(0, 40).toUpperCase() })).toHaveLength(3);
      expect(await found({ search: name.replace('%_', '__') })).toEqual([]);
      expect(await found({ search: two.id.slice(0, 13).toUpperCase() })).toEqual([two.id]);
      expect(await found({ search: two.id.slice(-6).toUpperCase() })).toEqual([two.id]);
      for (const search of [two.id.slice(4, -4), two.id.slice(-5)]) expect(await found({ search })).toEqual([]);
    });

    it('hands out mail in order until it is taken, and offers what nobody holds', async () => {
      const { store, id, lease } = await begun();
      await store.executions.post(id, [{ n: 1 }, { n: 2 }]);
      await store.executions.post(id, [{ n: 3 }]);
      expect(await store.executions.stranded(1_000)).not.toContain(id);
      const mail = await store.executions.mail(id, 2);
      expect(mail.map(({ event }) => event)).toEqual([{ n: 1 }, { n: 2 }]);
      await commit(store, lease, { takenMail: mail.map((letter) => letter.id) });
      expect((await store.executions.mail(id, 10)).map(({ event }) => event)).toEqual([{ n: 3 }]);
      await store.executions.release(lease);
      expect(await store.executions.stranded(1_000)).toContain(id);
    });

    it('lets an effect begin once and end once, and decides none twice', async () => {
      const { store, id, lease } = await begun();
      const newEffects = [{ key: 'k', kind: 'shell', payload: { a: 1 } }];
      await commit(store, lease, { newEffects });
      await commit(store, lease, { newEffects, cancelEffects: [{ key: 'k', reason: 'cancelled' }] });
      const twice = () =>
        Promise.all([store.executions.startEffect(id, 'k', 'h'), store.executions.startEffect(id, 'k', 'h')]);
      expect((await twice()).filter(Boolean)).toHaveLength(1);
      expect(await store.executions.openEffects({ executionId: id })).toMatchObject([
        { key: 'k', status: 'started', cancel: 'cancelled', hostId: 'h', payload: { a: 1 } },
      ]);
      expect(await store.executions.finishEffect(id, 'k')).toBe(true);
      expect(await store.executions.finishEffect(id, 'k')).toBe(false);
      expect(await store.executions.openEffects({ executionId: id })).toEqual([]);
    });

    it('fires a due timer once, and none that was cleared', async () => {
      const { store, id, lease } = await begun();
      const setTimers = ['due', 'cleared', 'later'].map((timerId) => ({
        timerId,
        at: timerId === 'later' ? '2999-01-01T00:00:00.000Z' : NOW,
      }));
      await commit(store, lease, { setTimers });
      await commit(store, lease, { clearTimers: ['cleared'] });
      const fired = await Promise.all([store.executions.fireTimers(NOW), store.executions.fireTimers(NOW)]);
      expect(fired.flat().filter((one) => one === id)).toEqual([id]);
      expect((await store.executions.mail(id, 10)).map(({ event }) => event)).toEqual([
        { type: 'timer_fired', timerId: 'due', at: NOW },
      ]);
    });

    it('brings a step up to date, but never out of its end', async () => {
      const { store, id, lease } = await begun();
      const step = {
        id: randomUUID(),
        nodeId: 'n',
        iteration: 1,
        attempt: 1,
        status: 'pending' as const,
        input: { a: 1 },
      };
      await commit(store, lease, { steps: [step] });
      await store.executions.setStepTask(step.id, step.id);
      const { input: _, ...later } = step;
      await commit(store, lease, { steps: [{ ...later, status: 'failed', error: { code: 'X', message: 'x' } }] });
      await commit(store, lease, { steps: [{ ...later, status: 'running' }] });
      expect(await store.executions.steps(id)).toEqual([
        { ...step, status: 'failed', error: { code: 'X', message: 'x' }, taskId: step.id },
      ]);
    });

    it('opens one item for an attempt, and takes one answer', async () => {
      const { store, id } = await begun();
      const one = item(id);
      expect(await store.inbox.open(one)).toBe('opened');
      expect(await store.inbox.open({ ...one, id: randomUUID() })).toBe('exists');
      const resolution = { decision: 'approve' as const, by: 'ada', at: NOW };
      const closed = await Promise.all([
        store.inbox.close(one.id, { state: 'resolved', resolution }),
        store.inbox.close(one.id, { state: 'resolved', resolution }),
      ]);
      expect(closed.filter((row) => row !== null)).toMatchObject([{ state: 'resolved', resolution }]);
      expect(await store.inbox.openOf({ executionId: id })).toEqual([]);
      expect(await store.inbox.open({ ...one, id: randomUUID() })).toBe('opened');
    });

    it('shows nobody what is not committed, and keeps nothing of what was rolled back', async () => {
      const { store, id } = await begun();
      await expect(
        store.transaction(async (transaction) => {
          await transaction.executions.post(id, [{ n: 1 }]);
          expect(await transaction.executions.mail(id, 10)).toHaveLength(1);
          expect(await store.executions.mail(id, 10)).toEqual([]);
          throw new Error('enough');
        }),
      ).rejects.toThrow('enough');
      expect(await store.executions.mail(id, 10)).toEqual([]);
    });

    it('makes whoever wants a row wait for its transaction, and look again', async () => {
      const { store, id } = await begun();
      const one = item(id);
      await store.inbox.open(one);
      const held = Promise.withResolvers<void>();
      const first = store.transaction(async (transaction) => {
        await transaction.inbox.close(one.id, { state: 'expired' });
        held.resolve();
        await new Promise((resolve) => setImmediate(resolve));
      });
      await held.promise;
      expect(await store.inbox.close(one.id, { state: 'withdrawn' })).toBeNull();
      await first;
      expect((await store.inbox.get(one.id))?.state).toBe('expired');
    });

    it('folds a checkpoint from the differences before it', async () => {
      const { store, id } = await begun();
      const put = (checkpointId: string, parentId: string | null, changes: object) =>
        store.checkpoints.put({
          threadId: id,
          namespace: '',
          checkpointId,
          parentId,
          checkpoint: { id: checkpointId },
          changes: changes as never,
          complete: parentId === null,
          metadata: {},
        });
      await put('1', null, { map: { a: { value: { x: 1, y: 2 } }, gone: { value: 1 } } });
      await put('2', '1', { map: { a: { map: { x: { value: 3 } } } }, removed: ['gone'] });
      expect(await store.checkpoints.get(id, '')).toMatchObject({
        checkpointId: '2',
        folded: 1,
        values: { a: { x: 3, y: 2 } },
      });
      expect((await store.checkpoints.get(id, '', '1'))?.values).toEqual({ a: { x: 1, y: 2 }, gone: 1 });
    });
  });
}

function execution(): ExecutionRecord {
  return {
    id: randomUUID(),
    workflowId: null,
    version: 0,
    name: 'conformance',
    document: {},
    status: 'running',
    inputs: {},
    origin: null,
    parent: null,
    depth: 0,
    trigger: null,
    chain: 0,
    inLine: false,
    outputs: null,
    error: null,
    usage: NO_USAGE,
    budget: null,
    pausedAt: null,
    pausedMs: 0,
    createdBy: 'test',
    createdAt: NOW,
    startedAt: null,
    finishedAt: null,
  };
}

function superstep(lease: Lease, changes: Partial<Superstep>): Superstep {
  return {
    lease,
    execution: { status: 'running' },
    steps: [],
    takenMail: [],
    endedEffects: [],
    newEffects: [],
    cancelEffects: [],
    setTimers: [],
    clearTimers: [],
    checkpoints: [],
    ...changes,
  };
}

function item(executionId: string): InboxRecord {
  return {
    id: randomUUID(),
    type: 'approval',
    state: 'open',
    title: 'May it?',
    payload: {},
    hash: 'hash',
    executionId,
    choices: ['approve', 'reject'],
    createdAt: NOW,
    effectKey: 'n:1:-:1',
    roles: null,
    form: null,
    requestId: null,
  };
}

/** Those of a family, in the order of their creation, that wait for this one nowhere down the way. */
function endingBefore(family: readonly ExecutionRecord[], id: string): Set<string> {
  const isAbove = (above: string, { parent }: ExecutionRecord): boolean => {
    const next = family.find((record) => record.id === parent?.executionId);
    return next !== undefined && (next.id === above || isAbove(above, next));
  };
  const waitsFor = (record: ExecutionRecord, place: number) =>
    family.filter(
      (other, at) =>
        other.parent?.executionId === record.id ||
        (record.inLine &&
          other.workflowId === record.workflowId &&
          (!other.inLine || at < place) &&
          !isAbove(other.id, record)),
    );
  const leadsHere = (record: ExecutionRecord, seen = new Set<string>()): boolean => {
    if (record.id === id || seen.has(record.id)) return record.id === id;
    seen.add(record.id);
    return waitsFor(record, family.indexOf(record)).some((next) => leadsHere(next, seen));
  };
  return new Set(family.flatMap((record) => (leadsHere(record) ? [] : [record.id])));
}
