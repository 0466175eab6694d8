/** Lines of executions that start each other at random, by the code of the engine: nobody waits for ever, nor too little. */
import { expect, test } from 'vitest';
import type { Concurrency } from '../../src/contract/workflow-document.ts';
import { executionRow, superstep } from '../../src/adapters/postgres/testing/rows.ts';
import { admitExecution } from '../../src/engine/concurrency/admit-execution.ts';
import { releaseLines } from '../../src/engine/concurrency/release-lines.ts';
import type { EngineContext } from '../../src/engine/engine-context.ts';
import type { Mailroom } from '../../src/engine/mailroom.ts';
import type { ExecutionRecord } from '../../src/ports/store/executions.ts';
import type { Store } from '../../src/ports/store/store.ts';
import { seededChance } from '../support/seeded-chance.ts';
import { MemoryDatabase } from './store/memory-database.ts';
import { createMemoryStore } from './store/memory-store.ts';

const SEEDS = 300;
const RULES: readonly Concurrency[] = ['queue', 'queue', 'queue', 'allow', 'cancel_previous'];
const MOST_DEEP = 4;

test(`R24c: in ${SEEDS} random families of executions nobody waits for itself, and all come to their end`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) await play(seed);
}, 120_000);

test('R24c: also when all of them start at the same moment', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) await play(seed, { atOnce: true });
}, 120_000);

interface Member {
  record: ExecutionRecord;
  /** How many more it starts, each after the one before or beside it. */
  starts: number;
}

/** Begins, starts and ends executions in a random order until all have ended. */
async function play(seed: number, { atOnce = false } = {}): Promise<void> {
  const chance = seededChance(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance.fraction() * from.length)]!;
  const workflows = Array.from({ length: 1 + Math.floor(chance.fraction() * 3) }, (_, index) => `w${index}`);
  const rules = new Map(workflows.map((id) => [id, pick(RULES)]));
  const store = withWorkflows(createMemoryStore(new MemoryDatabase()));
  const members = new Map<string, Member>();
  let made = 0;

  const newMember = (parent: ExecutionRecord | null): Member => {
    const workflowId = pick(workflows);
    made += 1;
    const id = `e${String(made).padStart(4, '0')}`;
    const record = executionRow({
      id,
      workflowId,
      document: { concurrency: rules.get(workflowId) },
      parent: parent && { executionId: parent.id, stepId: parent.id, effectKey: id },
      depth: parent ? parent.depth + 1 : 0,
      createdAt: new Date(made).toISOString(),
    });
    const mayStart = record.depth < MOST_DEEP && made < 60;
    const member = { record, starts: mayStart ? Math.floor(chance.fraction() * 3) : 0 };
    members.set(id, member);
    return member;
  };

  /** Fails when what has just begun could have waited for something that ends without it. */
  const begin = async ({ record }: Member): Promise<void> => {
    const { outcome } = await store.transaction((transaction) => admitExecution(transaction, record));
    expect(['started', 'queued'], `seed ${seed}`).toContain(outcome);
    // At the same moment others begin, of whom it could not know.
    if (outcome === 'started' && !atOnce) await wasRightToBegin(record.id);
  };
  const open = async () => {
    const records = await Promise.all([...members.keys()].map((id) => store.executions.get(id)));
    return records.filter((record): record is ExecutionRecord => record !== null && record.finishedAt === null);
  };
  const childrenOf = (all: readonly ExecutionRecord[], id: string) =>
    all.filter(({ parent }) => parent?.executionId === id);

  async function wasRightToBegin(id: string): Promise<void> {
    const all = await open();
    const one = all.find((record) => record.id === id)!;
    if (rules.get(one.workflowId!) === 'allow') return;
    const could = endingWithout(all, id);
    const others = all.filter(({ workflowId, inLine }) => workflowId === one.workflowId && !inLine);
    expect(
      others.filter((other) => other.id !== id && could.has(other.id)).map((other) => other.id),
      `seed ${seed}: ${id}`,
    ).toEqual([]);
  }

  async function release(): Promise<boolean> {
    const waiting = (await open()).filter(({ inLine }) => inLine).map(({ id }) => id);
    const woken: string[] = [];
    const clock = { now: () => new Date(0), sleep: async () => 'elapsed' as const };
    const mailroom = {
      async wake(id: string) {
        woken.push(id);
        if (!atOnce) await wasRightToBegin(id);
      },
    };
    await releaseLines({ store, clock, mailroom } as unknown as EngineContext & { mailroom: Mailroom });
    expect(woken.filter((id) => !waiting.includes(id))).toEqual([]);
    return woken.length > 0;
  }

  async function end({ id }: ExecutionRecord): Promise<void> {
    const lease = (await store.executions.claim(id, 'test', 60_000)) ?? expect.fail(`${id} cannot be claimed`);
    const execution = { status: 'succeeded' as const, finishedAt: new Date(0).toISOString() };
    await store.executions.commit(superstep(lease, { execution }));
  }

  const tops = 2 + Math.floor(chance.fraction() * 4);
  if (atOnce) await Promise.all(Array.from({ length: tops }, () => begin(newMember(null))));
  for (let left = atOnce ? 0 : tops; ;) {
    const all = await open();
    const running = all.filter(({ inLine }) => !inLine);
    const starting = running.filter(({ id }) => (members.get(id)?.starts ?? 0) > 0);
    const ending = running.filter(({ id }) => members.get(id)?.starts === 0 && childrenOf(all, id).length === 0);
    const moves: (() => Promise<unknown>)[] = [];
    if (left > 0) moves.push(() => ((left -= 1), begin(newMember(null))));
    if (starting.length > 0)
      moves.push(async () => {
        const those = atOnce ? starting : [pick(starting)];
        for (const { id } of those) members.get(id)!.starts -= 1;
        await Promise.all(those.map((record) => begin(newMember(record))));
      });
    if (ending.length > 0) moves.push(() => end(pick(ending)));
    if (chance.is(0.3)) moves.push(release);
    if (moves.length > 0) await pick(moves)();
    else if (!(await release())) {
      expect(
        all.map(({ id, inLine, parent, workflowId }) => ({ id, inLine, workflowId, parent: parent?.executionId })),
        `seed ${seed}: nobody can go on`,
      ).toEqual([]);
      return;
    }
  }
}

/**
 * Those that can come to their end although this one never begins: found by letting everybody end who waits for nobody.
 * Who is in line does not wait for those above it.
 */
function endingWithout(all: readonly ExecutionRecord[], id: string): Set<string> {
  const ended = new Set<string>();
  for (let grew = true; grew;) {
    grew = false;
    for (const [place, record] of all.entries()) {
      if (record.id === id || ended.has(record.id)) continue;
      const waitsFor = all.filter(
        (other, at) =>
          other.parent?.executionId === record.id ||
          (record.inLine &&
            other.workflowId === record.workflowId &&
            (!other.inLine || at < place) &&
            !isAbove(all, other.id, record)),
      );
      if (waitsFor.some((other) => !ended.has(other.id))) continue;
      ended.add(record.id);
      grew = true;
    }
  }
  return ended;
}

function isAbove(all: readonly ExecutionRecord[], above: string, { parent }: ExecutionRecord): boolean {
  const one = all.find(({ id }) => id === parent?.executionId);
  return one !== undefined && (one.id === above || isAbove(all, above, one));
}

/** Workflows are no more than a lock here, of a name that no execution has. */
function withWorkflows(store: Store): Store {
  return {
    ...store,
    transaction: (work) =>
      store.transaction((transaction) =>
        work({ ...transaction, workflows: { lock: (id: string) => transaction.executions.lock(id) } as never }),
      ),
  };
}
