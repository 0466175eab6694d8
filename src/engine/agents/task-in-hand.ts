/**
 * The task that an agent is on: what is stored of it, the time it has, the one more prompt that it may get, and its end.
 * Its agent calls it in turn with all else that happens to it.
 */
import type { Observation, TaskOutcome } from '../../ports/agent-driver.ts';
import type { TaskChanges, TaskRecord } from '../../ports/store/agents.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import type { EffectContext } from '../effects/effect-runner.ts';
import { taskDue } from '../expire-tasks.ts';
import { finishTask, taskView, type TaskEnd } from '../finish-task.ts';
import { longTimeout } from '../long-timeout.ts';
import { judgeAnswer, repairPrompt } from './judge-answer.ts';

/** A task that its agent reported as done ends with its turn, and no later than this. */
const TURN_ENDS_WITHIN_MS = 10_000;

interface HandOptions {
  agentId: string;
  /** This kind of agent can be told what was wrong with its answer. */
  repairable: boolean;
  /** Its time is up. */
  onTimeout: (taskId: string) => void;
  /** It was reported as done, and its turn goes on: to be ended in turn. */
  onOverdue: (taskId: string) => void;
  /** It has ended, or another one had. */
  onEnded: (wasInHand: boolean) => Promise<void>;
  /** Waits for a database that is away, as long as its agent is looked after. */
  stored: <T>(work: () => Promise<T>) => Promise<T>;
}

export class TaskInHand {
  readonly #context: EffectContext;
  readonly #options: HandOptions;
  #task: TaskRecord | null = null;
  /** Its answer did not fit, and the agent was not told yet. */
  #repairDue = false;
  /** The task of each prompt that asked for an answer again: what such a turn used may be told after its end. */
  readonly #repairs = new Map<string, string>();
  #timeout: { clear(): void } | undefined;
  #completed: AbortController | undefined;

  constructor(context: EffectContext, options: HandOptions) {
    this.#context = context;
    this.#options = options;
  }

  get task(): TaskRecord | null {
    return this.#task;
  }

  get repairDue(): boolean {
    return this.#repairDue;
  }

  /** From now on the agent is on this one, as it is stored. */
  take(task: TaskRecord): void {
    this.#task = task;
  }

  /** The agent is on none, though nothing has ended. */
  letGo(): void {
    this.#task = null;
  }

  /** What is stored of it now; of another task it is nothing. */
  renew(task: TaskRecord | null): void {
    if (task && this.#task?.id === task.id) this.#task = task;
  }

  /** Taken up again after a restart, in the middle of its turn. */
  goOn(task: TaskRecord): void {
    this.#task = task;
    const repair = task.repair?.prompt;
    if (repair) this.#repairs.set(repair.id, task.id);
    this.#armTimeout(task);
    this.endWhenCompleted();
  }

  /** Taken up again after a restart, before the agent was told what was wrong with its answer. */
  awaitRepair(task: TaskRecord): void {
    this.#task = task;
    this.#repairDue = true;
    this.#armTimeout(task);
  }

  /** The one more prompt is on its way. */
  repairSent(task: TaskRecord, promptId: string): void {
    this.#repairDue = false;
    this.#repairs.set(promptId, task.id);
  }

  /** The agent could not take it yet. */
  repairPutOff(): void {
    this.#repairDue = true;
  }

  /** Whether something is told of its turn; the one more prompt after an answer that did not fit is a turn of its own. */
  isTurn(turnId: string | null): boolean {
    return this.#task !== null && turnId === (this.#task.repair?.prompt?.id ?? this.#task.id);
  }

  /** The task that a turn belongs to. */
  taskOfTurn(turnId: string | null): string | null {
    return this.#repairs.get(turnId ?? '') ?? turnId;
  }

  /** Stores a change of any task of the agent, and announces it; null when it is not in one of these states. */
  async change(
    id: string,
    changes: TaskChanges,
    from?: readonly TaskRecord['status'][],
    within?: StoreTransaction,
  ): Promise<TaskRecord | null> {
    const write = async (transaction: StoreTransaction): Promise<TaskRecord | null> => {
      const task = await transaction.tasks.update(id, changes, from);
      if (task)
        transaction.publish({ topic: `agent:${this.#options.agentId}`, event: 'task.changed', data: taskView(task) });
      return task;
    };
    return within ? write(within) : this.#options.stored(() => this.#context.store.transaction(write));
  }

  /** It is to stop; how it ended is then `stopping`. */
  async stop(stopping: 'cancelled' | 'timed_out'): Promise<void> {
    if (this.#task) this.renew(await this.#context.store.tasks.update(this.#task.id, { stopping }));
  }

  /** It is blocked while its agent waits for a person, by its CLI or by a tool. */
  async showBlocked(waits: boolean): Promise<void> {
    const task = this.#task;
    if (!task) return;
    this.renew(
      waits
        ? await this.change(task.id, { status: 'blocked' }, ['delivering', 'running'])
        : await this.change(task.id, { status: 'running' }, ['blocked']),
    );
  }

  async receipt({ taskId, receipt, at }: Extract<Observation, { type: 'receipt' }>): Promise<void> {
    if (this.#task?.id !== taskId || receipt === 'finishedAt') return;
    const begins = receipt === 'turnStartedAt';
    const changes = { receipts: { [receipt]: at }, ...(begins ? { status: 'running' as const } : {}) };
    const { executionId, effectKey } = this.#task;
    if (begins && executionId && effectKey) {
      // The step begins in the same commit, or not at all.
      await this.#context.mailroom.post(
        executionId,
        [{ type: 'attempt_started', key: effectKey, at, taskId }],
        async (transaction) => (await this.change(taskId, changes, undefined, transaction)) !== null,
      );
    } else {
      await this.change(taskId, changes);
    }
    const task = begins ? await this.#context.store.tasks.get(taskId) : null;
    if (!task || task.receipts.finishedAt) return;
    this.#task = task;
    this.#armTimeout(task);
  }

  /** Its end, or the first time that its answer does not fit: then the agent is to be told. */
  async turnEnded(task: TaskRecord, outcome: TaskOutcome, at: string): Promise<void> {
    const judged = judgeAnswer(outcome, { task, at, repairable: this.#options.repairable });
    if (judged.verdict === 'ended') return this.finish(task, judged.end);
    const text = repairPrompt(task.outputSchema ?? {}, judged.problems);
    const prompt = { id: this.#context.ids.next(), text };
    this.#task = await this.change(task.id, { repair: { version: 1, prompt } });
    this.#repairDue = this.#task !== null;
    if (this.#task) this.#armTimeout(this.#task);
  }

  async finish(task: TaskRecord, end: TaskEnd): Promise<void> {
    this.close();
    // What tools changed since `task` was read counts.
    await this.#options.stored(() => finishTask(this.#context, this.#task?.id === task.id ? this.#task : task, end));
    const wasInHand = this.#task?.id === task.id;
    if (wasInHand) {
      this.#task = null;
      this.#repairDue = false;
    }
    await this.#options.onEnded(wasInHand);
  }

  /** Its turn is given a moment to end by itself. */
  endWhenCompleted(): void {
    const task = this.#task;
    if (!task?.completion || (this.#completed && !this.#completed.signal.aborted)) return;
    const stop = new AbortController();
    this.#completed = stop;
    void this.#context.clock
      .sleep(TURN_ENDS_WITHIN_MS, stop.signal)
      .then((slept) => (slept === 'aborted' ? undefined : this.#options.onOverdue(task.id)));
  }

  /** No time runs out any more. */
  close(): void {
    this.#timeout?.clear();
    this.#completed?.abort();
  }

  #armTimeout(task: TaskRecord): void {
    this.#timeout?.clear();
    const due = taskDue(task);
    if (due === null) return;
    const left = Math.max(0, due - this.#context.clock.now().getTime());
    this.#timeout = longTimeout(() => this.#options.onTimeout(task.id), left);
  }
}
