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
import type { EffectContext } from '../effects/effect-runner.ts';
import { finishTask } from '../finish-task.ts';
import { mayBegin } from '../budgets/day-budget.ts';
import { untilStored } from '../until-stored.ts';
import { answerOf, decideOrAsk, withdrawDecisions } from './agent-decision.ts';
import { readyWorkspace } from '../worktrees/task-workspace.ts';
import { outputInvalid } from './judge-answer.ts';
import { RateLimitPause } from './rate-limit-pause.ts';
import { recordUsage } from './record-usage.ts';
import { describeExit, showStatus } from './show-status.ts';
import { TaskInHand } from './task-in-hand.ts';

/** After its program ended, a driver has this long to read what a task had printed. */
const LAST_WORDS_WITHIN_MS = 1_000;

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
  readonly #hand: TaskInHand;
  /** Requests that its CLI waits on. */
  readonly #asked = new Set<string>();
  /** Questions that its tools wait on. */
  readonly #questions = new Set<string>();
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
    this.directory = options.launch.workspace;
    this.#home = options.home;
    this.#directories = driver.directories;
    this.#freshFor = options.freshFor;
    this.#move = options.move;
    void session.exited.then(() => (this.#exited = true));
    this.agentId = session.ref.agentId;
    this.#hand = new TaskInHand(context, {
      agentId: this.agentId,
      repairable: driver.kind !== 'shell',
      onTimeout: (taskId) => void this.stopTask(taskId, 'timed_out'),
      onOverdue: (taskId) =>
        void this.#serial(async () => {
          const { task } = this.#hand;
          if (!this.#closed && task?.id === taskId) await this.#hand.finish(task, { status: 'succeeded' });
        }),
      onEnded: async (wasInHand) => {
        if (wasInHand) this.#questions.clear();
        await this.#showStatus();
      },
      stored: (work) => this.#stored(work),
    });
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
    return this.#hand.task?.id ?? null;
  }

  get currentTask(): TaskRecord | null {
    return this.#hand.task;
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
      const { task } = this.#hand;
      if (!task) return null;
      const told = await work(task, async (changes) => this.#hand.renew(await this.#hand.change(task.id, changes)));
      this.#hand.endWhenCompleted();
      return told;
    });
  }

  /** A tool of its asks a person, or does so no more. */
  asks(requestId: string, waits: boolean): Promise<void> {
    return this.#serial(async () => {
      if (this.#closed || !this.#hand.task) return;
      if (waits) this.#questions.add(requestId);
      else this.#questions.delete(requestId);
      await this.#hand.showBlocked(this.#waits);
      await this.#showStatus();
    });
  }

  /** Delivers the oldest waiting task when the agent can take one. */
  dispatch(): Promise<void> {
    return this.#serial(async () => {
      if (this.session.ref.adopted) return;
      const { task, repairDue } = this.#hand;
      if (this.#closed || this.#ending || this.#exited || (task && !repairDue)) return;
      const { status } = fuseStatus(this.evidence());
      if (!TAKES_TASKS.includes(status)) return;
      if (status === 'rate_limited' && this.#pause.lasts) return;
      if (task) return this.#deliverRepair(task);
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
      const { task } = this.#hand;
      if (!task || (taskId !== null && task.id !== taskId)) return false;
      await this.#hand.stop(stopping);
      if (this.#hand.task && this.#hand.repairDue) {
        await this.#turnEnded(this.#hand.task, { status: 'cancelled' }, this.#context.clock.now().toISOString());
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
    if (this.#hand.task && !this.#hand.task.stopping) await this.#hand.stop('cancelled');
  }

  /** The program ended or its terminal is gone: its task ends with it. */
  async ended(exit: SessionExit, asked: boolean): Promise<void> {
    // Not in the queue: what it waits for comes through the queue.
    if (this.#hand.task) await this.#context.clock.sleep(LAST_WORDS_WITHIN_MS, this.#saidAll.signal);
    const endTask = async (): Promise<void> => {
      await withdrawDecisions(this.#context, this.agentId, () => true);
      const { task } = this.#hand;
      if (!task) return;
      const result = this.#lastWords?.result ? { result: this.#lastWords.result } : {};
      if (task.stopping === 'timed_out')
        return this.#hand.finish(task, {
          status: 'timed_out',
          ...result,
          error: { code: 'TIMEOUT', message: 'The task took longer than its timeout.' },
        });
      if (asked || task.stopping === 'cancelled') return this.#hand.finish(task, { status: 'cancelled', ...result });
      await this.#hand.finish(task, {
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
    this.#hand.close();
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
        this.#hand.awaitRepair(task);
      } else if (found.outcome === 'not_started') {
        await this.#context.store.tasks.update(task.id, {
          status: 'queued',
          receipts: { typedAt: null, submittedAt: null },
        });
      } else if (found.outcome === 'running') {
        this.#hand.goOn(task);
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
        this.#hand.take(booked ?? task);
        await this.#turnEnded(booked ?? task, found.taskOutcome, found.at);
      } else {
        await this.#hand.finish(task, {
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
      (await this.#hand.change(task.id, { status: 'delivering' }, ['queued'])) ??
      (await this.#alreadyDelivering(task.id));
    if (!delivering || !this.#connection) return;
    this.#hand.take(delivering);
    const ready = await readyWorkspace(this.#context, delivering);
    if (ready.outcome === 'failed')
      return this.#hand.finish(delivering, {
        status: 'failed',
        error: { code: 'WORKTREE_FAILED', message: ready.reason },
      });
    this.#hand.take(ready.task);
    const directory = ready.task.workspace?.directory;
    const outcome = await this.#connection.deliver({
      id: task.id,
      prompt: task.prompt,
      ...(directory && this.#directories === 'per_task' ? { directory } : {}),
    });
    if (outcome.outcome === 'submitted' || this.#hand.task?.id !== task.id) return;
    if (outcome.outcome === 'unknown')
      return this.#hand.finish(delivering, {
        status: 'delivery_unknown',
        error: { code: 'DELIVERY_UNKNOWN', message: outcome.reason },
      });
    if (outcome.code === 'AGENT_BUSY') {
      this.#hand.letGo();
      await this.#hand.change(task.id, { status: 'queued' }, ['delivering']);
      return;
    }
    await this.#hand.finish(delivering, { status: 'failed', error: { code: outcome.code, message: outcome.reason } });
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
    this.#hand.repairSent(task, prompt.id);
    const directory = task.workspace?.directory;
    const outcome = await this.#connection.deliver({
      id: prompt.id,
      prompt: prompt.text,
      ...(directory && this.#directories === 'per_task' ? { directory } : {}),
    });
    if (outcome.outcome === 'submitted' || this.#hand.task?.id !== task.id) return;
    if (outcome.outcome === 'refused' && outcome.code === 'AGENT_BUSY') {
      this.#hand.repairPutOff();
      return;
    }
    const error = outputInvalid([]);
    await this.#hand.finish(task, {
      status: 'failed',
      error: { ...error, message: `${error.message}, and the agent could not be told: ${outcome.reason}` },
    });
  }

  async #turnEnded(task: TaskRecord, outcome: TaskOutcome, at: string): Promise<void> {
    if (outcome.status === 'failed' && outcome.error.code === 'AGENT_RATE_LIMITED') this.#pause.refused();
    else if (outcome.status === 'succeeded') this.#pause.lifted();
    await this.#hand.turnEnded(task, outcome, at);
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
      await this.#hand.receipt(observation);
    } else if (observation.type === 'decision_requested') {
      await this.#decide(observation);
    } else if (observation.type === 'decision_settled') {
      await this.#settled(observation.requestId);
    } else if (observation.type === 'usage') {
      const task = await recordUsage(this.#context, {
        ...observation,
        agentId: this.agentId,
        taskId: this.#hand.taskOfTurn(observation.taskId),
        currentTask: this.currentTaskId,
      });
      this.#hand.renew(task);
    } else if (this.#hand.task && this.#hand.isTurn(observation.taskId)) {
      // The driver cannot know who ended the program: that end is told by the session.
      const cutOff =
        this.#exited && observation.outcome.status === 'failed' && observation.outcome.error.code === 'AGENT_EXITED';
      if (cutOff) this.#lastWords = observation.outcome;
      else await this.#turnEnded(this.#hand.task, observation.outcome, observation.at);
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
      task: this.#hand.task,
    });
    if (answer) {
      // Not awaited in the queue: that it was taken is an observation, which waits in the same queue.
      void this.#connection
        ?.answer(observation.requestId, answer)
        .catch((error: unknown) =>
          this.#context.log.warn({ error, agentId: this.agentId }, 'the agent could not be answered'),
        );
    } else await this.#hand.showBlocked(this.#waits);
  }

  async #settled(requestId: string): Promise<void> {
    this.#asked.delete(requestId);
    await withdrawDecisions(this.#context, this.agentId, (one) => one === requestId);
    await this.#hand.showBlocked(this.#waits);
  }

  /** For a person. */
  get #waits(): boolean {
    return this.#asked.size + this.#questions.size > 0;
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
