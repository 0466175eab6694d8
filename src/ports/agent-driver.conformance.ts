/** What every AgentDriver must do, as sentences. The tests of a driver run them against its CLI, or a scripted one. */
import { describe, expect, it } from 'vitest';
import type { AgentConnection, Observation, TaskOutcome } from './agent-driver.ts';
import type { AgentSession } from './agent-host.ts';

/** One agent of the driver in a session of its own; the caller ends it with the test. */
export interface DriverWorld {
  session: AgentSession;
  /** A connection as a server makes one, at first or after a restart. The one before must be closed. */
  connect(observe: (observation: Observation) => void): Promise<AgentConnection>;
  prompts: {
    /** Ends by itself, with success and `answer` in the result. */
    quick: string;
    answer: string;
    /** Does not end before it is interrupted. */
    endless: string;
    /** Begins, and ends only after release(). */
    held: string;
    release(): Promise<void>;
    /** Ends the CLI itself, once it has begun; or does not end, and `die` ends the CLI. */
    deadly: string;
    die?(): void;
  };
  /** For a CLI that asks before it acts. */
  decisions?: {
    /** Asks for permission to do one thing, then ends with `answer` when that was allowed. */
    asking: string;
    tool: string;
    answer: string;
    /** Whether the one thing was done. */
    done(): Promise<boolean>;
  };
}

export function agentDriverConformance(name: string, makeWorld: () => Promise<DriverWorld>): void {
  describe(`${name} as an agent driver`, () => {
    it('tells the receipts of a task in their order, then its end with the result', async () => {
      const { live, world } = await open(makeWorld);
      expect(await live.connection.deliver({ id: 'a', prompt: world.prompts.quick })).toEqual({ outcome: 'submitted' });
      const end = await live.end('a');
      expect(end.outcome).toMatchObject({ status: 'succeeded', result: { text: world.prompts.answer } });
      const receipts = live.seen.filter((one) => one.type === 'receipt');
      expect(receipts.map((one) => one.receipt)).toEqual(['typedAt', 'submittedAt', 'turnStartedAt', 'finishedAt']);
      const times = receipts.map((one) => Date.parse(one.at));
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    });

    it('is idle, works while a task runs, and is idle again', async () => {
      const { live, world } = await open(makeWorld);
      await live.status('idle');
      await live.connection.deliver({ id: 'a', prompt: world.prompts.quick });
      await live.end('a');
      await live.status('idle');
      const statuses = live.seen.filter((one) => one.type === 'status').map((one) => one.status);
      expect(statuses.slice(statuses.indexOf('idle'))).toEqual(['idle', 'working', 'idle']);
    });

    it('refuses a second task while one is running, and nothing of it arrives', async () => {
      const { live, world } = await open(makeWorld);
      await live.connection.deliver({ id: 'a', prompt: world.prompts.held });
      expect(await live.connection.deliver({ id: 'b', prompt: world.prompts.quick })).toMatchObject({
        outcome: 'refused',
        code: 'AGENT_BUSY',
      });
      await world.prompts.release();
      await live.end('a');
      expect(await live.connection.recover({ id: 'b', prompt: world.prompts.quick })).toEqual({
        outcome: 'not_started',
      });
    });

    it('delivers one task after the other', async () => {
      const { live, world } = await open(makeWorld);
      for (const id of ['a', 'b', 'c']) {
        expect(await live.connection.deliver({ id, prompt: world.prompts.quick })).toEqual({ outcome: 'submitted' });
        expect((await live.end(id)).outcome.status).toBe('succeeded');
      }
    });

    it('ends an interrupted task as cancelled and can be used again', async () => {
      const { live, world } = await open(makeWorld);
      await live.connection.deliver({ id: 'a', prompt: world.prompts.endless });
      await live.connection.interrupt();
      expect((await live.end('a')).outcome.status).toBe('cancelled');
      await live.connection.deliver({ id: 'b', prompt: world.prompts.quick });
      expect((await live.end('b')).outcome.status).toBe('succeeded');
    });

    it('interrupts nothing when nothing is running', async () => {
      const { live, world } = await open(makeWorld);
      await live.status('idle');
      await live.connection.interrupt();
      await live.connection.deliver({ id: 'a', prompt: world.prompts.quick });
      expect((await live.end('a')).outcome.status).toBe('succeeded');
    });

    it('says not_started of a task that was never delivered, which can then be delivered', async () => {
      const { live, world } = await open(makeWorld);
      expect(await live.connection.recover({ id: 'a', prompt: world.prompts.quick })).toEqual({
        outcome: 'not_started',
      });
      await live.connection.deliver({ id: 'a', prompt: world.prompts.quick });
      expect((await live.end('a')).outcome.status).toBe('succeeded');
    });

    it('finds a running task again after a restart and tells its end once', async () => {
      const { live, world, restart } = await open(makeWorld);
      const task = { id: 'a', prompt: world.prompts.held };
      await live.connection.deliver(task);
      const second = await restart();
      expect(await second.connection.recover(task)).toEqual({ outcome: 'running' });
      await world.prompts.release();
      expect((await second.end('a')).outcome.status).toBe('succeeded');
      expect(live.seen.some((one) => one.type === 'task_finished')).toBe(false);
      expect(second.seen.filter((one) => one.type === 'task_finished')).toHaveLength(1);
    });

    it('finds a task that ended while no server ran, with its result', async () => {
      const { live, world, restart } = await open(makeWorld);
      const task = { id: 'a', prompt: world.prompts.quick };
      await live.connection.deliver(task);
      await live.end('a');
      const second = await restart();
      expect(await second.connection.recover(task)).toMatchObject({
        outcome: 'finished',
        taskOutcome: { status: 'succeeded', result: { text: world.prompts.answer } },
      });
      expect(await second.connection.deliver(task)).toMatchObject({ outcome: 'unknown' });
    });

    it('has told where an agent stands that it takes up again, before anybody can use the connection', async () => {
      const { live, restart } = await open(makeWorld);
      await live.status('idle');
      const second = await restart();
      expect(second.seen.filter((one) => one.type === 'status').map((one) => one.status)).toEqual(['idle']);
    });

    it('fails a task during which the CLI ended', async () => {
      const { live, world } = await open(makeWorld);
      expect(await live.connection.deliver({ id: 'a', prompt: world.prompts.deadly })).toEqual({
        outcome: 'submitted',
      });
      world.prompts.die?.();
      expect((await live.end('a')).outcome).toMatchObject({ status: 'failed', error: { code: 'AGENT_EXITED' } });
    });

    it('asks before it acts, is blocked until it is allowed, and then acts', async ({ skip }) => {
      const { live, decisions } = await asking(makeWorld, skip);
      expect(live.seen.findLast((one) => one.type === 'status')).toMatchObject({ status: 'blocked' });
      expect(await live.connection.deliver({ id: 'b', prompt: 'not now' })).toMatchObject({ outcome: 'refused' });
      expect(await decisions.done()).toBe(false);
      const { requestId } = await live.decision();
      expect(await live.connection.answer(requestId, { decision: 'allow' })).toEqual({ outcome: 'answered' });
      expect((await live.end('a')).outcome).toMatchObject({ status: 'succeeded', result: { text: decisions.answer } });
      expect(await decisions.done()).toBe(true);
      expect(await live.connection.answer(requestId, { decision: 'allow' })).toMatchObject({ outcome: 'gone' });
    });

    it('does not act when it is denied, and goes on with the reason', async ({ skip }) => {
      const { live, decisions } = await asking(makeWorld, skip);
      const { requestId } = await live.decision();
      expect(await live.connection.answer(requestId, { decision: 'deny', reason: 'not on a Friday' })).toEqual({
        outcome: 'answered',
      });
      await live.end('a');
      expect(await decisions.done()).toBe(false);
    });

    it('still waits for the decision after a restart of the server, and takes the answer then', async ({ skip }) => {
      const { live, decisions, world, restart } = await asking(makeWorld, skip);
      const before = await live.decision();
      const second = await restart();
      expect(await second.connection.recover({ id: 'a', prompt: world.decisions?.asking ?? '' })).toEqual({
        outcome: 'running',
      });
      const { requestId } = await second.decision();
      expect(requestId).toBe(before.requestId);
      expect(await second.connection.answer(requestId, { decision: 'allow' })).toEqual({ outcome: 'answered' });
      expect((await second.end('a')).outcome.status).toBe('succeeded');
      expect(await decisions.done()).toBe(true);
    });

    it('withdraws what it asked when it is interrupted', async ({ skip }) => {
      const { live, decisions } = await asking(makeWorld, skip);
      const { requestId } = await live.decision();
      await live.connection.interrupt();
      expect((await live.end('a')).outcome.status).toBe('cancelled');
      expect(live.seen.some((one) => one.type === 'decision_settled' && one.requestId === requestId)).toBe(true);
      expect(await decisions.done()).toBe(false);
      await live.status('idle');
    });

    it('observes nothing more once it is closed', async () => {
      const { live, world } = await open(makeWorld);
      await live.connection.deliver({ id: 'a', prompt: world.prompts.held });
      live.connection.close();
      const before = live.seen.length;
      await world.prompts.release();
      expect(live.seen).toHaveLength(before);
    });
  });
}

async function asking(makeWorld: () => Promise<DriverWorld>, skip: (note: string) => never) {
  const opened = await open(makeWorld);
  const { decisions } = opened.world;
  if (!decisions) return skip('this CLI asks nobody before it acts');
  await opened.live.connection.deliver({ id: 'a', prompt: decisions.asking });
  const { request } = await opened.live.decision();
  expect(request).toMatchObject({ kind: 'permission', tool: decisions.tool });
  await opened.live.status('blocked');
  return { ...opened, decisions };
}

export interface Live {
  connection: AgentConnection;
  seen: Observation[];
  status(status: string): Promise<void>;
  end(taskId: string): Promise<Extract<Observation, { type: 'task_finished' }>>;
  /** The first decision that is asked for. */
  decision(): Promise<Extract<Observation, { type: 'decision_requested' }>>;
  /** Delivers, which must succeed, and waits for the end. */
  run(prompt: string, taskId?: string): Promise<TaskOutcome>;
}

async function open(
  makeWorld: () => Promise<DriverWorld>,
): Promise<{ world: DriverWorld; live: Live; restart(): Promise<Live> }> {
  const world = await makeWorld();
  let live = await connectTo(world);
  return {
    world,
    live,
    async restart() {
      live.connection.close();
      live = await connectTo(world);
      return live;
    },
  };
}

export async function connectTo(world: Pick<DriverWorld, 'connect'>): Promise<Live> {
  const seen: Observation[] = [];
  const waiting = new Set<() => void>();
  const connection = await world.connect((observation) => {
    seen.push(observation);
    for (const look of waiting) look();
  });
  const find = async <T extends Observation>(is: (one: Observation) => one is T, last: boolean): Promise<T> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = last
          ? [seen.findLast((one) => one.type === 'status')].find((one) => one !== undefined && is(one))
          : seen.find(is);
        if (!found || !is(found)) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const end: Live['end'] = async (taskId) =>
    find(
      (one): one is Extract<Observation, { type: 'task_finished' }> =>
        one.type === 'task_finished' && one.taskId === taskId,
      false,
    );
  let runs = 0;
  return {
    connection,
    seen,
    end,
    decision: async () =>
      find(
        (one): one is Extract<Observation, { type: 'decision_requested' }> => one.type === 'decision_requested',
        false,
      ),
    async run(prompt, taskId = `run-${(runs += 1)}`) {
      expect(await connection.deliver({ id: taskId, prompt })).toEqual({ outcome: 'submitted' });
      return (await end(taskId)).outcome;
    },
    async status(status) {
      await find(
        (one): one is Extract<Observation, { type: 'status' }> => one.type === 'status' && one.status === status,
        true,
      );
    },
  };
}
