/**
 * Agents as they would sit in their sessions, and the part of a server that hands them their tasks. A session outlives
 * the server: what was delivered to it once is found again by the name of the task, and delivered no second time.
 */
import type { TaskRecord } from '../../../src/ports/store/agents.ts';
import type { EffectContext } from '../../../src/engine/effects/effect-runner.ts';
import { finishTask } from '../../../src/engine/finish-task.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { CommandPlan } from './step-commands.ts';

interface Turn {
  status: 'running' | 'ended' | 'interrupted';
  plan: CommandPlan;
}

export class AgentSessions {
  /** How often each task was delivered. */
  readonly delivered = new Map<string, number>();
  readonly turns = new Map<string, Turn>();
  readonly #time: VirtualTime;
  readonly #planOf: (key: string) => CommandPlan;

  constructor(time: VirtualTime, planOf: (key: string) => CommandPlan) {
    this.#time = time;
    this.#planOf = planOf;
  }

  deliver(task: TaskRecord): void {
    this.delivered.set(task.id, (this.delivered.get(task.id) ?? 0) + 1);
    const plan = this.#planOf(`${task.executionId}:${task.effectKey}`);
    this.turns.set(task.id, { status: 'running', plan });
    this.#after(plan.durationMs, task.id, 'ended');
  }

  interrupt(taskId: string): void {
    this.#after(30, taskId, 'interrupted');
  }

  #after(ms: number, taskId: string, status: 'ended' | 'interrupted'): void {
    this.#time.as(null, () =>
      this.#time.after(ms, `turn ${status}`, () => {
        const turn = this.turns.get(taskId);
        if (turn?.status === 'running') turn.status = status;
      }),
    );
  }
}

/** How often it looks whether something has come or ended; a notice of a task is heard sooner. */
const LOOK_EVERY_MS = 400;

/** Serves the tasks of all agents of this host until the process dies. */
export class AgentDesk {
  readonly #context: EffectContext;
  readonly #sessions: AgentSessions;
  readonly #travel: (what: string, isRequest: boolean) => Promise<void>;
  readonly #agentIds: readonly string[];

  constructor(
    context: EffectContext,
    options: {
      sessions: AgentSessions;
      travel: (what: string, isRequest: boolean) => Promise<void>;
      agentIds: readonly string[];
    },
  ) {
    this.#context = context;
    this.#sessions = options.sessions;
    this.#travel = options.travel;
    this.#agentIds = options.agentIds;
  }

  async serve(agentId: string): Promise<never> {
    const { bus, clock, log } = this.#context;
    let nudge = new AbortController();
    bus.subscribe(({ channel, key }) => {
      if (channel === 'tasks' && key === agentId) nudge.abort();
    });
    for (;;) {
      try {
        await this.#look(agentId);
      } catch (error) {
        log.warn({ error }, 'an agent could not be served');
      }
      await clock.sleep(LOOK_EVERY_MS, nudge.signal);
      nudge = new AbortController();
    }
  }

  start(): void {
    for (const id of this.#agentIds) void this.serve(id);
  }

  async stopTask(task: TaskRecord): Promise<void> {
    if (task.status === 'queued') {
      // As the real one: it may have been delivered since it was read.
      await finishTask(this.#context, task, { status: 'cancelled', from: ['queued'] });
      return;
    }
    await this.#context.store.tasks.update(task.id, { stopping: task.stopping ?? 'cancelled' });
    await this.#travel('agent.interrupt', true);
    this.#sessions.interrupt(task.id);
  }

  /** What became of the task in hand, and the next one when there is none. */
  async #look(agentId: string): Promise<void> {
    const open = await this.#context.store.tasks.open(agentId);
    const current = open.find((task) => task.status !== 'queued');
    if (current) return this.#follow(current);
    const next = await this.#context.store.tasks.nextQueued(agentId);
    if (!next) return;
    const task = await this.#context.store.tasks.update(next.id, { status: 'delivering' }, ['queued']);
    if (task) await this.#deliver(task);
  }

  async #follow(task: TaskRecord): Promise<void> {
    await this.#travel('agent.recover', true);
    const turn = this.#sessions.turns.get(task.id);
    await this.#travel('agent.recover', false);
    if (!turn) {
      // The session's own journal proves that it never began.
      await this.#context.store.tasks.update(task.id, { status: 'queued' });
      return;
    }
    if (task.status === 'delivering') await this.#began(task);
    if (turn.status === 'running') {
      if (task.stopping) this.#sessions.interrupt(task.id);
      return;
    }
    const now = await this.#context.store.tasks.get(task.id);
    if (now) await this.#ended(now, turn);
  }

  async #deliver(task: TaskRecord): Promise<void> {
    await this.#travel('agent.deliver', true);
    this.#sessions.deliver(task);
    await this.#travel('agent.deliver', false);
    await this.#began(task);
  }

  async #began(task: TaskRecord): Promise<void> {
    const at = this.#context.clock.now().toISOString();
    const { executionId, effectKey, id: taskId } = task;
    if (!executionId || !effectKey) return;
    await this.#context.mailroom.post(
      executionId,
      [{ type: 'attempt_started', key: effectKey, at, taskId }],
      async (transaction) =>
        (await transaction.tasks.update(taskId, { status: 'running', receipts: { turnStartedAt: at } }, [
          'delivering',
        ])) !== null,
    );
  }

  async #ended(task: TaskRecord, { status, plan }: Turn): Promise<void> {
    if (status === 'interrupted') await finishTask(this.#context, task, { status: task.stopping ?? 'cancelled' });
    else if (plan.exitCode === 0)
      await finishTask(this.#context, task, { status: 'succeeded', result: { text: plan.stdout } });
    else
      await finishTask(this.#context, task, {
        status: 'failed',
        error: { code: 'COMMAND_FAILED', message: 'it failed' },
        result: { text: plan.stdout },
      });
  }
}
