/**
 * One agent that runs here: its session, what its driver observes, and the one task it is on. Everything that changes
 * it goes through one queue, so that stop, deliver and observe never cross.
 */
import { PointsmanError } from '../../contract/errors.ts';
import { fuseStatus, type StatusEvidence } from '../../domain/agent-status.ts';
import type {
  AgentConnection,
  AgentDriver,
  AnswerOutcome,
  LaunchContext,
  Observation,
  TaskOutcome,
} from '../../ports/agent-driver.ts';
import type { InboxRecord } from '../../ports/store/inbox.ts';
import type { AgentSession, SessionExit } from '../../ports/agent-host.ts';
import type { AgentRecord, TaskChanges, TaskRecord } from '../../ports/store/agents.ts';
import type { StoreTransaction } from '../../ports/store/store.ts';
import type { EffectContext } from '../effects/effect-runner.ts';
import { taskDue } from '../expire-tasks.ts';
import { finishTask, taskView, type TaskEnd } from '../finish-task.ts';
import { mayBegin } from '../budgets/day-budget.ts';
import { longTimeout } from '../long-timeout.ts';
import { untilStored } from '../until-stored.ts';
import { answerOf, decideOrAsk, withdrawDecisions } from './agent-decision.ts';
import { readyWorkspace } from '../worktrees/task-workspace.ts';
import { judgeAnswer, outputInvalid, repairPrompt } from './judge-answer.ts';
import { RateLimitPause } from './rate-limit-pause.ts';
import { recordUsage } from './record-usage.ts';
import { describeExit, showStatus } from './show-status.ts';

/** After its program ended, a driver has this long to read what a task had printed. */
const LAST_WORDS_WITHIN_MS = 1_000;
/** A task that its agent reported as done ends with its turn, and no later than this. */
const TURN_ENDS_WITHIN_MS = 10_000;

/** One whose last turn was refused by its model is tried again by the next task: nothing else tells that it is well. */
const TAKES_TASKS: readonly AgentRecord['status'][] = ['idle', 'waiting_input', 'rate_limited', 'auth_failed'];

/** Where a session is, and what for. */
export interface SessionPlace {
  directory: string;
  /** The task for which a new conversation is begun. */
  freshFor?: string;
}

export interface LiveAgentOptions {
  session: AgentSession;
  driver: AgentDriver;
  launch: LaunchContext;
  /** What its row said when the server came back and found it running; null for one that was just started. */
  adopted: Pick<AgentRecord, 'status' | 'statusSince'> | null;
  since: string;
  /** Where the agent lives, whatever directory this session was started in. */
  home: string;
  /** The task that its conversation was begun anew for. */
  freshFor?: string;
  /** Called before any status is shown: who reads that an agent is idle can use it. */
  connected: (live: LiveAgent) => void;
  /** Ends this session and starts the agent again where that task needs it. */
  move: (place: SessionPlace) => void;
}

export class LiveAgent {
  readonly agentId: string;
  readonly session: AgentSession;
  readonly mode: AgentDriver['mode'];
  /** Where its session was started. */
  readonly directory: string;
  readonly #home: string;
  readonly #directories: AgentDriver['directories'];
  readonly #freshFor: string | undefined;
  readonly #move: (place: SessionPlace) => void;
  readonly #context: EffectContext;
  readonly #evidence = new Map<string, StatusEvidence>();
  #connection: AgentConnection | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  #current: TaskRecord | null = null;
  #timeout: { clear(): void } | undefined;
  /** Requests that its CLI waits on. */
  readonly #asked = new Set<string>();
  /** Questions that its tools wait on. */
  readonly #questions = new Set<string>();
  readonly #repairable: boolean;
  /** The answer of the task did not fit, and the agent was not told yet. */
  #repairDue = false;
  /** The task of each prompt that asked for an answer again: what such a turn used may be told after its end. */
  readonly #repairs = new Map<string, string>();
  #completed: AbortController | undefined;
  /** What the driver tells of a task that the end of the program cut off; how it ended is for `ended` to say. */
  #lastWords: TaskOutcome | undefined;
  readonly #saidAll = new AbortController();
  /** How many statuses its driver has told. */
  #heard = 0;
  /** What its driver knew from the beginning is heard; until then the row keeps what it says. */
  #introduced = false;
  readonly #pause: RateLimitPause;
  #exited = false;
  #ending = false;
  #closed = false;

  private constructor(context: EffectContext, options: LiveAgentOptions) {
    const { session, driver } = options;
    this.#context = context;
    this.#pause = new RateLimitPause(context.clock, () => void this.dispatch());
    this.session = session;
    this.mode = driver.mode;
    this.#repairable = driver.kind !== 'shell';
    this.directory = options.launch.workspace;
    this.#home = options.home;
    this.#directories = driver.directories;
    this.#freshFor = options.freshFor;
    this.#move = options.move;
    void session.exited.then(() => (this.#exited = true));
    this.agentId = session.ref.agentId;
  }

  /** Takes a live session, fresh or re-adopted, under observation and finds out what became of its task. */
  static async connect(context: EffectContext, options: LiveAgentOptions): Promise<LiveAgent> {
    const live = new LiveAgent(context, options);
    const { adopted } = options;
    live.#evidence.set('process', {
      source: 'process',
      value: adopted && adopted.status !== 'starting' ? 'alive' : 'starting',
      reason: options.session.ref.adopted
        ? 'it runs where a person started it'
        : adopted
          ? 'it was running when the server came back'
          : 'its session was opened',
      at: options.since,
      heard: 0,
    });
    if (adopted?.status === 'rate_limited') live.#pause.refused(new Date(adopted.statusSince));
    const { driver, session } = options;
    const connect = session.ref.adopted ? driver.adoption?.observe : driver.connect;
    if (!connect) throw new PointsmanError('AGENT_KIND_UNAVAILABLE');
    const connecting = Promise.resolve().then(() =>
      connect({
        session: options.session,
        context: options.launch,
        observe: (observation) => void live.#serial(() => live.#stored(() => live.#observe(observation))),
      }),
    );
    // First in the queue: what is observed meanwhile is about the task that this finds.
    await live.#serial(async () => {
      live.#connection = await connecting;
      options.connected(live);
      if (options.adopted) await live.#recoverTasks();
    });
    await live.#serial(async () => {
      await withdrawDecisions(context, live.agentId, (requestId) => !live.#asked.has(requestId));
      live.#introduced = true;
      await live.#showStatus();
    });
    return live;
  }

  get currentTaskId(): string | null {
    return this.#current?.id ?? null;
  }

  get currentTask(): TaskRecord | null {
    return this.#current;
  }

  evidence(): StatusEvidence[] {
    const known = [...this.#evidence.values()];
    if (this.#questions.size === 0) return known;
    // Whatever its CLI says of a tool that takes long: it waits for a person.
    const at = this.#context.clock.now().toISOString();
    return [...known, { source: 'protocol', value: 'blocked', reason: 'it asks a person', at, heard: this.#heard + 1 }];
  }

  /** Lets a tool work on the task it is on, in turn with all else that changes the task; null when it is on none. */
  withTask<T>(work: (task: TaskRecord, change: (changes: TaskChanges) => Promise<void>) => Promise<T>) {
    return this.#serial(async (): Promise<T | null> => {
      const task = this.#current;
      if (!task) return null;
      const told = await work(task, async (changes) => {
        this.#current = (await this.#changeTask(task.id, changes)) ?? task;
      });
      this.#endWhenCompleted();
      return told;
    });
  }

  /** A tool of its asks a person, or does so no more. */
  asks(requestId: string, waits: boolean): Promise<void> {
    return this.#serial(async () => {
      if (this.#closed || !this.#current) return;
      if (waits) this.#questions.add(requestId);
      else this.#questions.delete(requestId);
      await this.#showBlocked();
      await this.#showStatus();
    });
  }

  /** Delivers the oldest waiting task when the agent can take one. */
  dispatch(): Promise<void> {
    return this.#serial(async () => {
      if (this.session.ref.adopted) return;
      if (this.#closed || this.#ending || this.#exited || (this.#current && !this.#repairDue)) return;
      const { status } = fuseStatus(this.evidence());
      if (!TAKES_TASKS.includes(status)) return;
      if (status === 'rate_limited' && this.#pause.lasts) return;
      if (this.#current) return this.#deliverRepair(this.#current);
      const next = await this.#stored(() => this.#context.store.tasks.nextQueued(this.agentId));
      if (!next) return;
      const verdict = await this.#stored(() => mayBegin(this.#context, this.agentId));
      if (verdict === 'stopped') await this.#failQueued();
      if (verdict === 'free' && (await this.#isInPlace(next))) await this.#deliver(next);
    });
  }

  /** Asks the task to stop; how it ended is then `status`. */
  stopTask(taskId: string | null, stopping: 'cancelled' | 'timed_out'): Promise<boolean> {
    return this.#serial(async () => {
      const current = this.#current;
      if (!current || (taskId !== null && current.id !== taskId)) return false;
      this.#current = (await this.#context.store.tasks.update(current.id, { stopping })) ?? current;
      if (this.#repairDue) {
        await this.#turnEnded(this.#current, { status: 'cancelled' }, this.#context.clock.now().toISOString());
        return true;
      }
      // Not awaited in the queue: the end of the task is an observation, which waits in the same queue.
      void this.#connection
        ?.interrupt()
        .catch((error: unknown) =>
          this.#context.log.warn({ error, agentId: this.agentId }, 'the agent could not be interrupted'),
        );
      return true;
    });
  }

  /** Hands the CLI what a person decided; `later` when nobody can be told now, then it is told as soon as it asks again. */
  async answer(item: InboxRecord): Promise<AnswerOutcome | { outcome: 'later' }> {
    if (this.#closed || !this.#connection || item.requestId === null) return { outcome: 'later' };
    return this.#connection.answer(item.requestId, answerOf(item));
  }

  /** The session is about to be ended on purpose: however its command ends now, the task was cancelled, and no other begins. */
  async willEnd(): Promise<void> {
    this.#ending = true;
    const task = this.#current;
    const marked =
      task && !task.stopping ? await this.#context.store.tasks.update(task.id, { stopping: 'cancelled' }) : null;
    if (marked && this.#current?.id === marked.id) this.#current = marked;
  }

  /** The program ended or its terminal is gone: its task ends with it. */
  async ended(exit: SessionExit, asked: boolean): Promise<void> {
    // Not in the queue: what it waits for comes through the queue.
    if (this.#current) await this.#context.clock.sleep(LAST_WORDS_WITHIN_MS, this.#saidAll.signal);
    const endTask = async (): Promise<void> => {
      await withdrawDecisions(this.#context, this.agentId, () => true);
      const task = this.#current;
      if (!task) return;
      const result = this.#lastWords?.result ? { result: this.#lastWords.result } : {};
      if (task.stopping === 'timed_out')
        return this.#finish(task, {
          status: 'timed_out',
          ...result,
          error: { code: 'TIMEOUT', message: 'The task took longer than its timeout.' },
        });
      if (asked || task.stopping === 'cancelled') return this.#finish(task, { status: 'cancelled', ...result });
      await this.#finish(task, {
        status: 'failed',
        ...result,
        error: { code: 'AGENT_EXITED', message: `The agent ended in the middle of the task: ${describeExit(exit)}` },
        uncertain: exit.how === 'lost',
      });
    };
    await this.#serial(async () => {
      this.close();
      await untilStored(this.#context, endTask);
    });
  }

  /** Lets go without ending anything. */
  close(): void {
    this.#closed = true;
    this.#pause.close();
    this.#timeout?.clear();
    this.#completed?.abort();
    this.#connection?.close();
  }

  async #recoverTasks(): Promise<void> {
    const begun = (await this.#context.store.tasks.open(this.agentId)).filter((task) => task.status !== 'queued');
    for (const task of begun) {
      const repair = task.repair?.prompt;
      const sent = repair ? { id: repair.id, prompt: repair.text } : { id: task.id, prompt: task.prompt };
      const found = (await this.#connection?.recover(sent)) ?? {
        outcome: 'unknown' as const,
        reason: 'the agent cannot be asked',
      };
      if (found.outcome === 'not_started' && repair) {
        this.#current = task;
        this.#repairDue = true;
        this.#armTimeout(task);
      } else if (found.outcome === 'not_started') {
        await this.#context.store.tasks.update(task.id, {
          status: 'queued',
          receipts: { typedAt: null, submittedAt: null },
        });
      } else if (found.outcome === 'running') {
        this.#current = task;
        if (repair) this.#repairs.set(repair.id, task.id);
        this.#armTimeout(task);
        this.#endWhenCompleted();
        // Stopping was asked for before the crash: ask again.
        if (task.stopping) void this.#connection?.interrupt();
      } else if (found.outcome === 'finished') {
        const { usage } = found;
        const booked = usage
          ? await recordUsage(this.#context, {
              ...usage,
              agentId: this.agentId,
              taskId: task.id,
              currentTask: null,
            })
          : null;
        this.#current = booked ?? task;
        await this.#turnEnded(this.#current, found.taskOutcome, found.at);
      } else {
        await this.#finish(task, {
          status: 'delivery_unknown',
          error: { code: 'DELIVERY_UNKNOWN', message: found.reason },
        });
      }
    }
  }

  /** Somebody stopped this agent for today. */
  async #failQueued(): Promise<void> {
    const message = 'The budget of the day is used up, and somebody stopped what waits. Send it again on the next day.';
    for (const task of await this.#context.store.tasks.open(this.agentId))
      await finishTask(this.#context, task, {
        status: 'failed',
        error: { code: 'BUDGET_EXCEEDED', message },
        from: ['queued'],
      });
  }

  /** A session that lives in one directory, or has to begin anew, is started again for the task; the task waits for that. */
  async #isInPlace(task: TaskRecord): Promise<boolean> {
    const renew = task.session === 'fresh' && this.#freshFor !== task.id;
    const wanted = this.#directories === 'per_task' ? this.directory : ((await this.#placeOf(task)) ?? this.directory);
    if (wanted === this.directory && !renew) return true;
    if (await this.#context.directoryExists(wanted))
      this.#move({ directory: wanted, ...(renew ? { freshFor: task.id } : {}) });
    else
      await finishTask(this.#context, task, {
        status: 'failed',
        error: { code: 'WORKTREE_FAILED', message: `${wanted} is not there any more.` },
      });
    return false;
  }

  /** A worktree of the task alone is made now. Null when it cannot be: the delivery says why. */
  async #placeOf(task: TaskRecord): Promise<string | null> {
    if (task.workspace?.worktree?.of !== 'task') return task.workspace?.directory ?? this.#home;
    const ready = await readyWorkspace(this.#context, task);
    return ready.outcome === 'ready' ? (ready.task.workspace?.directory ?? null) : null;
  }

  async #deliver(task: TaskRecord): Promise<void> {
    const delivering =
      (await this.#changeTask(task.id, { status: 'delivering' }, ['queued'])) ??
      (await this.#alreadyDelivering(task.id));
    if (!delivering || !this.#connection) return;
    this.#current = delivering;
    const ready = await readyWorkspace(this.#context, delivering);
    if (ready.outcome === 'failed')
      return this.#finish(delivering, { status: 'failed', error: { code: 'WORKTREE_FAILED', message: ready.reason } });
    this.#current = ready.task;
    const directory = ready.task.workspace?.directory;
    const outcome = await this.#connection.deliver({
      id: task.id,
      prompt: task.prompt,
      ...(directory && this.#directories === 'per_task' ? { directory } : {}),
    });
    if (outcome.outcome === 'submitted' || this.#current?.id !== task.id) return;
    if (outcome.outcome === 'unknown')
      return this.#finish(delivering, {
        status: 'delivery_unknown',
        error: { code: 'DELIVERY_UNKNOWN', message: outcome.reason },
      });
    if (outcome.code === 'AGENT_BUSY') {
      this.#current = null;
      await this.#changeTask(task.id, { status: 'queued' }, ['delivering']);
      return;
    }
    await this.#finish(delivering, { status: 'failed', error: { code: outcome.code, message: outcome.reason } });
  }

  /** Only this agent begins its tasks: one that is said to be under way already is of a commit that nobody heard of. */
  async #alreadyDelivering(id: string): Promise<TaskRecord | null> {
    const task = await this.#stored(() => this.#context.store.tasks.get(id));
    return task?.status === 'delivering' ? task : null;
  }

  /** One more prompt in the same conversation, under an id of its own, so that it is proved like any other. */
  async #deliverRepair(task: TaskRecord): Promise<void> {
    const prompt = task.repair?.prompt;
    if (!prompt || !this.#connection) return;
    this.#repairDue = false;
    this.#repairs.set(prompt.id, task.id);
    const directory = task.workspace?.directory;
    const outcome = await this.#connection.deliver({
      id: prompt.id,
      prompt: prompt.text,
      ...(directory && this.#directories === 'per_task' ? { directory } : {}),
    });
    if (outcome.outcome === 'submitted' || this.#current?.id !== task.id) return;
    if (outcome.outcome === 'refused' && outcome.code === 'AGENT_BUSY') {
      this.#repairDue = true;
      return;
    }
    const error = outputInvalid([]);
    await this.#finish(task, {
      status: 'failed',
      error: { ...error, message: `${error.message}, and the agent could not be told: ${outcome.reason}` },
    });
  }

  async #turnEnded(task: TaskRecord, outcome: TaskOutcome, at: string): Promise<void> {
    if (outcome.status === 'failed' && outcome.error.code === 'AGENT_RATE_LIMITED') this.#pause.refused();
    else if (outcome.status === 'succeeded') this.#pause.lifted();
    const judged = judgeAnswer(outcome, { task, at, repairable: this.#repairable });
    if (judged.verdict === 'ended') return this.#finish(task, judged.end);
    const text = repairPrompt(task.outputSchema ?? {}, judged.problems);
    const prompt = { id: this.#context.ids.next(), text };
    this.#current = await this.#changeTask(task.id, { repair: { version: 1, prompt } });
    this.#repairDue = this.#current !== null;
    if (this.#current) this.#armTimeout(this.#current);
  }

  async #observe(observation: Observation): Promise<void> {
    if (this.#closed) return;
    if (observation.type === 'status') {
      this.#heard += 1;
      this.#evidence.set(observation.source, {
        source: observation.source,
        value: observation.status,
        reason: observation.reason,
        at: observation.at,
        heard: this.#heard,
      });
      await this.#showStatus();
    } else if (observation.type === 'receipt') {
      await this.#receipt(observation);
    } else if (observation.type === 'decision_requested') {
      await this.#decide(observation);
    } else if (observation.type === 'decision_settled') {
      await this.#settled(observation.requestId);
    } else if (observation.type === 'usage') {
      const task = await recordUsage(this.#context, {
        ...observation,
        agentId: this.agentId,
        taskId: this.#repairs.get(observation.taskId ?? '') ?? observation.taskId,
        currentTask: this.currentTaskId,
      });
      if (task && this.#current?.id === task.id) this.#current = task;
    } else if (this.#current && isOf(this.#current, observation.taskId)) {
      // The driver cannot know who ended the program: that end is told by the session.
      const cutOff =
        this.#exited && observation.outcome.status === 'failed' && observation.outcome.error.code === 'AGENT_EXITED';
      if (cutOff) this.#lastWords = observation.outcome;
      else await this.#turnEnded(this.#current, observation.outcome, observation.at);
      if (this.#exited) this.#saidAll.abort();
    }
    void this.dispatch();
  }

  async #decide(observation: Extract<Observation, { type: 'decision_requested' }>): Promise<void> {
    this.#asked.add(observation.requestId);
    const answer = await decideOrAsk(this.#context, {
      ...observation,
      agentId: this.agentId,
      directory: this.directory,
      task: this.#current,
    });
    if (answer) {
      // Not awaited in the queue: that it was taken is an observation, which waits in the same queue.
      void this.#connection
        ?.answer(observation.requestId, answer)
        .catch((error: unknown) =>
          this.#context.log.warn({ error, agentId: this.agentId }, 'the agent could not be answered'),
        );
    } else await this.#showBlocked();
  }

  async #settled(requestId: string): Promise<void> {
    this.#asked.delete(requestId);
    await withdrawDecisions(this.#context, this.agentId, (one) => one === requestId);
    await this.#showBlocked();
  }

  /** A task is blocked while its agent waits for a person, by its CLI or by a tool. */
  async #showBlocked(): Promise<void> {
    const task = this.#current;
    if (!task) return;
    const waits = this.#asked.size + this.#questions.size > 0;
    const changed = waits
      ? await this.#changeTask(task.id, { status: 'blocked' }, ['delivering', 'running'])
      : await this.#changeTask(task.id, { status: 'running' }, ['blocked']);
    this.#current = changed ?? task;
  }

  async #receipt({ taskId, receipt, at }: Extract<Observation, { type: 'receipt' }>): Promise<void> {
    if (this.#current?.id !== taskId || receipt === 'finishedAt') return;
    const begins = receipt === 'turnStartedAt';
    const changes = { receipts: { [receipt]: at }, ...(begins ? { status: 'running' as const } : {}) };
    const { executionId, effectKey } = this.#current;
    if (begins && executionId && effectKey) {
      // The step begins in the same commit, or not at all.
      await this.#context.mailroom.post(
        executionId,
        [{ type: 'attempt_started', key: effectKey, at, taskId }],
        async (transaction) => (await this.#changeTask(taskId, changes, undefined, transaction)) !== null,
      );
    } else {
      await this.#changeTask(taskId, changes);
    }
    const task = begins ? await this.#context.store.tasks.get(taskId) : null;
    if (!task || task.receipts.finishedAt) return;
    this.#current = task;
    this.#armTimeout(task);
  }

  async #finish(task: TaskRecord, end: TaskEnd): Promise<void> {
    this.#timeout?.clear();
    this.#completed?.abort();
    // What tools changed since `task` was read counts.
    await this.#stored(() => finishTask(this.#context, this.#current?.id === task.id ? this.#current : task, end));
    if (this.#current?.id === task.id) {
      this.#current = null;
      this.#repairDue = false;
      this.#questions.clear();
    }
    await this.#showStatus();
  }

  #endWhenCompleted(): void {
    const task = this.#current;
    if (!task?.completion || (this.#completed && !this.#completed.signal.aborted)) return;
    const stop = new AbortController();
    this.#completed = stop;
    void this.#context.clock.sleep(TURN_ENDS_WITHIN_MS, stop.signal).then((slept) =>
      slept === 'aborted'
        ? undefined
        : this.#serial(async () => {
            if (!this.#closed && this.#current?.id === task.id) await this.#finish(task, { status: 'succeeded' });
          }),
    );
  }

  #armTimeout(task: TaskRecord): void {
    this.#timeout?.clear();
    const due = taskDue(task);
    if (due === null) return;
    const left = Math.max(0, due - this.#context.clock.now().getTime());
    this.#timeout = longTimeout(() => void this.stopTask(task.id, 'timed_out'), left);
  }

  async #changeTask(
    id: string,
    changes: TaskChanges,
    from?: readonly TaskRecord['status'][],
    within?: StoreTransaction,
  ): Promise<TaskRecord | null> {
    const write = async (transaction: StoreTransaction): Promise<TaskRecord | null> => {
      const task = await transaction.tasks.update(id, changes, from);
      if (task) transaction.publish({ topic: `agent:${this.agentId}`, event: 'task.changed', data: taskView(task) });
      return task;
    };
    return within ? write(within) : this.#stored(() => this.#context.store.transaction(write));
  }

  async #showStatus(): Promise<void> {
    // What its command does while it is being ended is news to nobody.
    if (!this.#introduced || this.#ending) return;
    const fused = fuseStatus(this.evidence());
    await showStatus(
      this.#context,
      this.agentId,
      { status: fused.status, reason: fused.reason, source: fused.source },
      this.currentTaskId,
    );
  }

  /** Waits for a database that is away, as long as this agent is looked after. */
  #stored<T>(work: () => Promise<T>): Promise<T> {
    return untilStored(this.#context, work, { givenUp: () => this.#closed });
  }

  #serial<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#queue.then(work);
    this.#queue = next.catch((error: unknown) => {
      if (!this.#closed)
        this.#context.log.error({ error, agentId: this.agentId }, 'an agent’s event could not be handled');
    });
    return next;
  }
}

/** Whether something is told of this task's turn; the one more prompt after an answer that did not fit is a turn of its own. */
function isOf(task: TaskRecord, turnId: string | null): boolean {
  return turnId === (task.repair?.prompt?.id ?? task.id);
}
