/** People who start an execution, answer what it asks, sometimes twice or for something else, pause it, and cancel it. */
import { isPointsmanError } from '../../../src/contract/errors.ts';
import { FINISHED_EXECUTION } from '../../../src/contract/executions.ts';
import { controlExecution, type Control } from '../../../src/engine/control-execution.ts';
import type { EffectContext } from '../../../src/engine/effects/effect-runner.ts';
import { type AnsweredAgents, resolveInboxItem } from '../../../src/engine/resolve-inbox-item.ts';
import { startExecution } from '../../../src/engine/start-execution.ts';
import type { Decision, InboxItem } from '../../../src/contract/inbox.ts';
import type { EngineProcess } from '../engine-process.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from './world.ts';

const BY = { name: 'grace', role: 'operator' };
const ANSWER_WITHIN_MS = 6_000;
const AGENTS: AnsweredAgents = { restart: async () => undefined, answer: async () => ({ outcome: 'later' }) };

export class People {
  /** What they were told has been done. */
  readonly started: string[] = [];
  readonly answered: { itemId: string; decision: Decision }[] = [];
  readonly #world: World;
  readonly #scenario: Scenario;
  #closedItems: InboxItem[] = [];

  constructor(world: World, scenario: Scenario) {
    this.#world = world;
    this.#scenario = scenario;
  }

  live(): void {
    this.#world.time.as(null, () => void this.#execute());
  }

  /** Starts it until somebody says that it is started; one that was started unheard runs as well. */
  async #execute(): Promise<void> {
    const { document } = this.#scenario;
    while (this.started.length === 0) {
      await this.#pass(20, 300);
      const request = { workflowId: null, version: 0, document, inputs: {}, by: BY };
      const begun = await this.#ask('start', (context) => startExecution(context, request));
      if (begun) this.started.push(begun.execution.id);
    }
    void this.#answer();
    void this.#signal();
    void this.#resume();
    for (const action of this.#scenario.actions) void this.#act(action);
  }

  async #answer(): Promise<never> {
    const { chance } = this.#world;
    for (;;) {
      await this.#pass(100, 700);
      const items = await this.#ask('inbox', (context) => context.store.inbox.list({ state: 'open' }, { limit: 50 }));
      for (const item of items ?? []) {
        if (chance.is(0.3)) continue;
        const decision = this.#decisionFor(item.type, item.effectKey ?? '');
        // Somebody else is asked for the same, at the same moment.
        if (chance.is(0.15)) void this.#resolve(item, decision);
        if (chance.is(0.05))
          await this.#mustRefuse('INBOX_ITEM_CHANGED', { ...item, hash: 'of something else' }, decision);
        await this.#resolve(item, decision);
      }
      const old = this.#closedItems.at(-1);
      if (old && chance.is(0.1)) await this.#mustRefuse('INBOX_ITEM_CLOSED', old, old.choices[0] ?? 'approve');
    }
  }

  #decisionFor(type: InboxItem['type'], key: string): Decision {
    if (type === 'approval') return this.#scenario.approves(key) ? 'approve' : 'reject';
    return this.#scenario.judges(key);
  }

  async #resolve(item: InboxItem, decision: Decision): Promise<void> {
    const answer = { decision, hash: item.hash };
    const closed = await this.#ask(`answer ${item.id}`, (context) =>
      resolveInboxItem({ ...context, agents: AGENTS }, { id: item.id, answer, by: BY }),
    );
    if (!closed) return;
    this.answered.push({ itemId: item.id, decision });
    this.#closedItems = [...this.#closedItems, item];
  }

  async #mustRefuse(code: string, item: InboxItem, decision: Decision): Promise<void> {
    const process = this.#anyProcess();
    if (!process) return;
    const answer = { decision, hash: item.hash };
    try {
      await process.call((context) =>
        resolveInboxItem({ ...context, agents: AGENTS }, { id: item.id, answer, by: BY }),
      );
      this.#world.unexpected.push(`I7 an answer that should be refused with ${code} was taken: ${item.id}`);
    } catch (error) {
      const fits = ['INBOX_ITEM_CHANGED', 'INBOX_ITEM_CLOSED'].some((each) => isPointsmanError(error, each as never));
      if (!fits) this.#noteError(error);
    }
  }

  /** Again and again, to every execution that there is: a loop may wait for the same once more. */
  async #signal(): Promise<void> {
    while (this.#scenario.signals.length > 0)
      for (const name of this.#scenario.signals) {
        await this.#pass(300, 2_500);
        for (const id of this.#open()) await this.#control(id, { type: 'signal', name, data: { name } });
      }
  }

  /** Whatever is paused goes on sooner or later. */
  async #resume(): Promise<never> {
    for (;;) {
      await this.#pass(500, 3_000);
      for (const id of this.#open()) {
        const record = await this.#ask('look', (context) => context.store.executions.get(id));
        if (record?.status === 'paused') await this.#control(id, { type: 'resume' });
      }
    }
  }

  async #act({ afterMs, type }: Scenario['actions'][number]): Promise<void> {
    await this.#pass(afterMs, afterMs);
    const [id = ''] = this.started;
    while (this.#open().includes(id) && !(await this.#control(id, { type }))) await this.#pass(100, 500);
  }

  async #control(id: string, control: Control): Promise<boolean> {
    return (await this.#ask(control.type, (context) => controlExecution(context, id, control, BY))) !== null;
  }

  /** Also those that began without anybody being told. */
  #open(): string[] {
    const all = [...this.#world.database.tables.executions.values()];
    return all.filter(({ status }) => !FINISHED_EXECUTION.includes(status)).map(({ id }) => id as string);
  }

  /** Null when it was refused or nobody answered; what was asked may have been done all the same. */
  async #ask<T>(what: string, work: (context: EffectContext) => Promise<T>): Promise<T | null> {
    const process = this.#anyProcess();
    if (!process) return null;
    const { time } = this.#world;
    const late = new Promise<null>(
      (resolve) => void time.after(ANSWER_WITHIN_MS, `${what} takes too long`, () => resolve(null)),
    );
    try {
      return await Promise.race([process.call(work), late]);
    } catch (error) {
      this.#noteError(error);
      return null;
    }
  }

  #noteError(error: unknown): void {
    if (error instanceof Error && /connection was reset|has shut down/.test(error.message)) return;
    const expected = ['DATABASE_UNAVAILABLE', 'INBOX_ITEM_CLOSED', 'EXECUTION_FINISHED', 'EXECUTION_WRONG_STATE'];
    if (expected.some((code) => isPointsmanError(error, code as never))) return;
    this.#world.unexpected.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  #anyProcess(): EngineProcess | null {
    const { chance, processes } = this.#world;
    const up = processes.filter((process) => process.state !== 'dead' && process.context !== undefined);
    return up[Math.floor(chance.fraction() * up.length)] ?? null;
  }

  #pass(least: number, most: number): Promise<void> {
    const { time, chance } = this.#world;
    return time.pass(chance.between(least, most), 'people wait');
  }
}
