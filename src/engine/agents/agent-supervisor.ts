/**
 * Keeps this host's agents as their rows ask: starts, adopts, stops and restarts them, hands them their tasks and
 * measures them. What one live agent does is in live-agent.ts.
 */
import type { AdoptableSession, AdoptSession } from '../../contract/agents.ts';
import { PointsmanError } from '../../contract/errors.ts';
import { nextRestart } from '../../domain/restart-policy.ts';
import type { AgentDriver, AnswerOutcome, LaunchContext } from '../../ports/agent-driver.ts';
import type { TranscriptPage, TranscriptRange } from '../../ports/transcript.ts';
import type { InboxRecord } from '../../ports/store/inbox.ts';
import type { AgentHost, AgentSession, SessionExit, SessionRef } from '../../ports/agent-host.ts';
import type { AgentRecord, TaskRecord } from '../../ports/store/agents.ts';
import type { Actor } from '../engine-context.ts';
import type { EffectContext } from '../effects/effect-runner.ts';
import { finishTask } from '../finish-task.ts';
import { homeOf, settleIn } from '../worktrees/agent-worktree.ts';
import { forgetCredentials } from './adopted-credentials.ts';
import { versionWarning } from './cli-version.ts';
import { adoptableView, findAdoptable, prepareAdoption } from './adopt-session.ts';
import { publishAgent } from './agent-view.ts';
import { insertAgent } from './create-agent.ts';
import { launchContext, type LaunchSurroundings } from './launch-context.ts';
import { abandonTasks, askAboutCrashes, failQueued } from './left-behind.ts';
import { measureAgents } from './measure-agents.ts';
import { refuseUnfitRestart } from './refuse-restart.ts';
import { revealEnvironment } from './reveal-environment.ts';
import { isAboutTrust, workspaceTrust } from './workspace-trust.ts';
import { LiveAgent, type LiveAgentOptions, type SessionPlace } from './live-agent.ts';
import { describeExit, showStatus } from './show-status.ts';

/** Default size of an agent's terminal: what most CLIs are drawn for. */
const TERMINAL = { cols: 120, rows: 40 };

export interface AgentSupervisorOptions extends LaunchSurroundings {
  host: AgentHost;
  drivers: readonly AgentDriver[];
  /** Makes the address and token under which an agent that is being launched finds its tools; null where nobody serves them. */
  toolsFor: (agentId: string) => Promise<NonNullable<LaunchContext['tools']> | null>;
  /** What a command line says of its version, run in that directory; null when it says nothing. */
  versionOf: (
    command: readonly [string, ...string[]],
    place: { env: Readonly<Record<string, string>>; cwd: string },
  ) => Promise<string | null>;
}

export class AgentSupervisor {
  readonly #context: EffectContext;
  readonly #options: AgentSupervisorOptions;
  readonly #live = new Map<string, LiveAgent>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #stopping = new Set<string>();
  readonly #stop = new AbortController();
  readonly #booted = Promise.withResolvers<void>();
  #unsubscribe: (() => void) | null = null;
  #measuring: Promise<void> = Promise.resolve();
  /** One at a time: nobody takes in what another request is taking in. */
  #adopting: Promise<unknown> = Promise.resolve();

  constructor(context: EffectContext, options: AgentSupervisorOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Adopts what runs, starts what should, ends what nobody knows; then follows the rows. */
  async boot(): Promise<void> {
    const agents = (await this.#context.store.agents.list()).filter((agent) => agent.hostId === this.#context.hostId);
    const known = new Set(agents.filter((agent) => agent.session).map((agent) => agent.id));
    // A session whose row knows nothing of it was opened a moment before a crash: nothing was typed into it yet.
    for (const alive of await this.#options.host.list())
      if (!known.has(alive.agentId)) await this.#options.host.kill(alive.sessionName);
    await Promise.all(agents.map((agent) => this.#turn(agent.id, () => this.#bring(agent))));
    this.#unsubscribe = this.#context.bus.subscribe(
      (notice) => {
        if (notice.channel === 'agents') this.#aside(notice.key, this.follow(notice.key));
        if (notice.channel === 'tasks') this.#aside(notice.key, this.#tasksOf(notice.key));
      },
      () => this.#aside('all', this.followAll()),
    );
    this.#measuring = measureAgents(this.#context, this.#options.host, this.#stop.signal);
    this.#booted.resolve();
  }

  /** Resolves when every agent that ran before is known again. */
  get booted(): Promise<void> {
    return this.#booted.promise;
  }

  /** What a person can watch and type into; a headless agent has a session, and no terminal. */
  terminal(agentId: string): AgentSession | null {
    const live = this.#live.get(agentId);
    return live && (live.mode === 'tmux' || live.session.ref.adopted) ? live.session : null;
  }

  live(agentId: string): LiveAgent | null {
    return this.#live.get(agentId) ?? null;
  }

  /** Brings one agent to what its row asks for. */
  follow(agentId: string): Promise<void> {
    return this.#turn(agentId, async () => {
      const agent = await this.#context.store.agents.get(agentId);
      const live = this.#live.get(agentId);
      if (!agent || agent.desired === 'stopped') {
        if (live) await this.#end(agentId, live, agent ? 'it was asked to stop' : 'it was removed');
      } else if (!live && agent.hostId === this.#context.hostId) {
        // One that a person started is only ever found again.
        await (agent.session?.adopted ? this.#bring(agent) : this.#start(agent));
      }
    });
  }

  /** Sessions that people run themselves and that could be taken in. */
  async adoptable(): Promise<AdoptableSession[]> {
    return (await findAdoptable(this.#context, this.#options)).map(adoptableView);
  }

  /** Takes one in without touching it. */
  adopt(request: AdoptSession, by: Actor): Promise<AgentRecord> {
    const work = this.#adopting.then(async () => {
      const agent = await prepareAdoption(this.#context, { ...this.#options, request, by });
      await this.#turn(agent.id, async () => {
        try {
          await insertAgent(this.#context, agent, { by, action: 'agent.adopt' });
        } catch (error) {
          await forgetCredentials(this.#context.secrets, agent.id);
          throw error;
        }
        await this.#bring(agent);
      });
      return (await this.#context.store.agents.get(agent.id)) ?? agent;
    });
    this.#adopting = work.catch(() => undefined);
    return work;
  }

  /** An adopted session goes on as if it had never been. */
  letGo(agentId: string): Promise<void> {
    return this.#turn(agentId, async () => {
      const live = this.#live.get(agentId);
      this.#live.delete(agentId);
      live?.close();
      await this.#options.host.release(agentId);
      await this.#context.store.agents.update(agentId, { session: null, desired: 'stopped' });
    });
  }

  async followAll(): Promise<void> {
    for (const agent of await this.#context.store.agents.list()) {
      await this.follow(agent.id);
      await this.#tasksOf(agent.id);
    }
  }

  /** `fresh`: with a new conversation instead of the one it had. What waits for it goes on waiting. */
  restart(agentId: string, { fresh = false } = {}): Promise<void> {
    return this.#turn(agentId, async () => {
      const before = await this.#context.store.agents.get(agentId);
      const driver = before?.session?.adopted ? this.#driverOf(before) : undefined;
      if (before && driver) await refuseUnfitRestart(this.#context, { agent: before, driver });
      const live = this.#live.get(agentId);
      if (live) await this.#end(agentId, live, 'it is restarted', { comesBack: true });
      const agent = await this.#context.store.agents.update(agentId, { desired: 'running', restarts: [] });
      if (agent) await this.#start(agent, { fresh });
    });
  }

  async answer(item: InboxRecord): Promise<AnswerOutcome | { outcome: 'later' }> {
    if (item.agentId && isAboutTrust(item)) {
      // The start that waited for it is tried again, and finds the answer.
      this.#aside(item.agentId, this.follow(item.agentId));
      return { outcome: 'answered' };
    }
    return (item.agentId ? await this.#live.get(item.agentId)?.answer(item) : undefined) ?? { outcome: 'later' };
  }

  /** Ends the running task as cancelled; false when there is none. */
  async interrupt(agentId: string): Promise<boolean> {
    return (await this.#live.get(agentId)?.stopTask(null, 'cancelled')) ?? false;
  }

  /** Lets go of every agent; they go on without us. */
  async close(): Promise<void> {
    this.#unsubscribe?.();
    this.#stop.abort();
    await this.#measuring;
    await Promise.allSettled(this.#turns.values());
    for (const live of this.#live.values()) live.close();
    await this.#options.host.close();
  }

  async #bring(agent: AgentRecord): Promise<void> {
    if (agent.session) {
      const found = await this.#options.host.adopt(agent.session);
      if (found.outcome === 'adopted' && agent.desired === 'running')
        return this.#observe(agent, found.session, {
          adopted: agent,
          since: this.#context.clock.now().toISOString(),
          ...placeOf(agent.session),
        });
      if (found.outcome === 'adopted') await found.session.kill();
      else if (agent.session.adopted) return this.#adoptedEnded(agent);
      else if (agent.desired === 'running') return this.#crashed(agent, found.exit, null);
    }
    if (agent.desired === 'running') return this.#start(agent);
    if (agent.status !== 'stopped' && agent.status !== 'crashed')
      await showStatus(
        this.#context,
        agent.id,
        { status: 'stopped', reason: 'it was stopped', source: 'process' },
        null,
      );
  }

  /** Nothing of a directory that nobody has trusted yet is started. */
  async #isTrusted(driver: AgentDriver, agent: AgentRecord, directory: string): Promise<boolean> {
    const settings = await driver.workspaceSettings(directory);
    const trust = await workspaceTrust(this.#context, { agent, directory, settings });
    if (trust === 'trusted') return true;
    if (trust === 'refused') {
      await this.#startFailed(agent, `the settings in ${directory} were not allowed`, 'stopped');
    } else {
      const reason = `${directory} brings settings that would run by themselves: an administrator has to allow them in the inbox`;
      await showStatus(this.#context, agent.id, { status: 'blocked', reason, source: 'process' }, null);
    }
    return false;
  }

  /** Who started it may have ended it; it comes back when somebody asks for it. */
  async #adoptedEnded(agent: AgentRecord): Promise<void> {
    await this.#options.host.release(agent.id);
    await this.#context.store.agents.update(agent.id, { session: null, desired: 'stopped', cpu: 0, memory: 0 });
    const reason = 'its program ended where a person had started it; start it to go on with the conversation here';
    await showStatus(this.#context, agent.id, { status: 'stopped', reason, source: 'process' }, null);
  }

  /** In another directory, or with a new conversation: nothing of it runs at this moment. */
  async #move(agentId: string, live: LiveAgent, place: SessionPlace): Promise<void> {
    const agent = await this.#context.store.agents.get(agentId);
    // A second wish of the session that was left already, or a task that came between.
    if (this.#live.get(agentId) !== live || live.currentTaskId !== null || agent?.desired !== 'running') return;
    this.#stopping.add(agentId);
    try {
      await live.willEnd();
      await live.session.kill();
      this.#live.delete(agentId);
      await live.ended({ how: 'exited', at: this.#context.clock.now().toISOString() }, true);
    } finally {
      this.#stopping.delete(agentId);
    }
    await this.#start(agent, { ...place, fresh: place.freshFor !== undefined });
  }

  async #start(
    agent: AgentRecord,
    { fresh = false, ...place }: Partial<SessionPlace> & { fresh?: boolean } = {},
  ): Promise<void> {
    const driver = this.#driverOf(agent);
    if (!driver)
      return this.#startFailed(agent, `Agents of kind ${agent.kind} in mode ${agent.mode} cannot be run yet.`);
    await showStatus(
      this.#context,
      agent.id,
      { status: 'starting', reason: 'its session is being opened', source: 'process' },
      null,
    );
    const since = this.#context.clock.now().toISOString();
    try {
      const settled = await settleIn(this.#context, agent);
      if (!(await this.#isTrusted(driver, settled, place.directory ?? homeOf(settled)))) return;
      const tools = driver.usesTools ? await this.#options.toolsFor(agent.id) : null;
      const revealed = await revealEnvironment(this.#context.secrets, settled.env);
      if (revealed.outcome === 'missing') return await this.#startFailed(agent, revealed.reason);
      const launch = this.#launchContext({ ...settled, env: revealed.env }, { directory: place.directory, tools });
      const plan = await driver.launch({ ...launch, ...(fresh ? { fresh } : {}) });
      if (plan.outcome === 'unusable') return await this.#startFailed(agent, plan.reason, plan.status);
      const opened = await this.#options.host.open({ agentId: agent.id, ...plan, ...TERMINAL });
      if (opened.outcome === 'failed') return await this.#startFailed(agent, opened.reason);
      await this.#observe(settled, opened.session, {
        adopted: null,
        since,
        ...place,
      });
    } catch (error) {
      await this.#startFailed(agent, error instanceof Error ? error.message : String(error));
    }
  }

  async #observe(
    agent: AgentRecord,
    session: AgentSession,
    { adopted, since, ...place }: Pick<LiveAgentOptions, 'adopted' | 'since'> & Partial<SessionPlace>,
  ): Promise<void> {
    const driver = this.#driverOf(agent);
    if (!driver) throw new PointsmanError('AGENT_KIND_UNAVAILABLE');
    await this.#context.store.agents.update(agent.id, {
      session: { ...session.ref, ...place },
    });
    const live = await LiveAgent.connect(this.#context, {
      session,
      driver,
      launch: this.#launchContext(agent, { directory: place.directory }),
      adopted,
      since,
      home: homeOf(agent),
      ...(place.freshFor === undefined ? {} : { freshFor: place.freshFor }),
      connected: (connected) => this.#live.set(agent.id, connected),
      move: (wanted) =>
        this.#aside(
          agent.id,
          this.#turn(agent.id, () => this.#move(agent.id, live, wanted)),
        ),
    }).catch((error: unknown) => {
      this.#live.delete(agent.id);
      throw error;
    });
    this.#aside(
      agent.id,
      session.exited.then((exit) => this.#turn(agent.id, () => this.#onExit(agent.id, live, exit))),
    );
    void live.dispatch();
    this.#aside(agent.id, this.#warnOfVersion(agent, live));
  }

  /** Not waited for: an old program is started like any other, and people are told what it may mean. */
  async #warnOfVersion(agent: AgentRecord, live: LiveAgent): Promise<void> {
    const cli = this.#driverOf(agent)?.cli;
    if (!cli || live.session.ref.adopted || live.session.ref.warning !== undefined) return;
    const { command, env, directory } = this.#launchContext(agent, {});
    const [program = cli.program, ...options] = command ?? [];
    const version = await this.#options.versionOf([program, ...options], { env, cwd: directory });
    if (this.#stop.signal.aborted) return;
    const warning = versionWarning(cli, version);
    await this.#turn(agent.id, async () => {
      const now = await this.#context.store.agents.get(agent.id);
      if (this.#live.get(agent.id) !== live || !now?.session) return;
      const session = { ...now.session, warning };
      await this.#context.store.transaction(async (transaction) => {
        const after = await transaction.agents.update(agent.id, { session });
        if (after && warning !== null) publishAgent(transaction, after, live.currentTaskId);
      });
      if (warning !== null) this.#context.log.warn({ agentId: agent.id, agent: agent.name }, warning);
    });
  }

  async #onExit(agentId: string, live: LiveAgent, exit: SessionExit): Promise<void> {
    if (this.#stop.signal.aborted || this.#live.get(agentId) !== live) return;
    const asked = this.#stopping.has(agentId);
    this.#live.delete(agentId);
    await live.ended(exit, asked);
    const agent = await this.#context.store.agents.get(agentId);
    if (!agent || asked) return;
    await (live.session.ref.adopted ? this.#adoptedEnded(agent) : this.#crashed(agent, exit, live.session));
  }

  async #crashed(agent: AgentRecord, exit: SessionExit, session: AgentSession | null): Promise<void> {
    if (session && exit.how !== 'lost') await session.kill().catch(() => undefined); // only the remains of a dead pane
    await abandonTasks(this.#context, agent.id, exit);
    const now = this.#context.clock.now().toISOString();
    const plan = nextRestart(agent.restarts, now);
    const reason = describeExit(exit);
    await this.#context.store.agents.update(agent.id, {
      restarts: plan.restarts,
      session: null,
      ...(plan.outcome === 'give_up' ? { desired: 'stopped' as const } : {}),
    });
    await showStatus(
      this.#context,
      agent.id,
      {
        status: 'crashed',
        reason:
          plan.outcome === 'restart'
            ? `${reason}; it is started again`
            : `${reason}; it was restarted ${plan.restarts.length} times in 10 minutes and is left alone now`,
        source: 'process',
        ...(plan.outcome === 'give_up' ? { leftAlone: 'crashed' } : {}),
      },
      null,
    );
    if (plan.outcome === 'give_up') {
      await this.#context.store.agents.update(agent.id, { desired: 'stopped' });
      await failQueued(this.#context, agent.id, reason);
      return askAboutCrashes(this.#context, agent, reason);
    }
    this.#aside(
      agent.id,
      this.#context.clock
        .sleep(plan.afterMs, this.#stop.signal)
        .then((slept) => (slept === 'elapsed' ? this.follow(agent.id) : undefined)),
    );
  }

  async #startFailed(
    agent: AgentRecord,
    reason: string,
    status: 'crashed' | 'auth_failed' | 'stopped' = 'crashed',
  ): Promise<void> {
    await showStatus(
      this.#context,
      agent.id,
      { status, reason: `it could not be started: ${reason}`, source: 'process', leftAlone: 'not_started' },
      null,
    );
    await this.#context.store.agents.update(agent.id, { desired: 'stopped' });
    await failQueued(this.#context, agent.id, reason);
  }

  async #end(
    agentId: string,
    live: LiveAgent,
    reason: string,
    { comesBack = false }: { comesBack?: boolean } = {},
  ): Promise<void> {
    this.#stopping.add(agentId);
    try {
      await live.willEnd();
      await live.session.kill();
      this.#live.delete(agentId);
      await live.ended({ how: 'exited', at: this.#context.clock.now().toISOString() }, true);
      if (!comesBack) await failQueued(this.#context, agentId, reason);
      await this.#context.store.agents.update(agentId, { session: null, cpu: 0, memory: 0, seat: null });
      await showStatus(this.#context, agentId, { status: 'stopped', reason, source: 'process' }, null);
    } finally {
      this.#stopping.delete(agentId);
    }
  }

  /** A task was added, or one that runs should stop. */
  async #tasksOf(agentId: string): Promise<void> {
    const live = this.#live.get(agentId);
    if (!live) return;
    for (const task of await this.#context.store.tasks.open(agentId)) if (task.stopping) await this.stopTask(task);
    await live.dispatch();
  }

  async stopTask(task: TaskRecord): Promise<void> {
    // It may be brought to the agent in this moment: then the agent is told.
    const waits =
      task.status === 'queued' && (await finishTask(this.#context, task, { status: 'cancelled', from: ['queued'] }));
    if (!waits) await this.#live.get(task.agentId)?.stopTask(task.id, task.stopping ?? 'cancelled');
  }

  /** Whether agents of this kind can run here in this mode. */
  canRun(kind: string, mode: string): boolean {
    return this.#options.drivers.some((driver) => driver.kind === kind && driver.mode === mode);
  }

  /** What its CLI has recorded; null when it records nothing. */
  async transcript(agent: AgentRecord, range: TranscriptRange): Promise<TranscriptPage | null> {
    const directory = this.#options.directoryOf(agent.id);
    return (await this.#driverOf(agent)?.transcript?.({ directory }, range)) ?? null;
  }

  #launchContext(
    agent: AgentRecord,
    given: { directory?: string | undefined; tools?: LaunchContext['tools'] | null },
  ): LaunchContext {
    return launchContext(agent, { ...given, driver: this.#driverOf(agent), surroundings: this.#options });
  }

  #driverOf(agent: AgentRecord): AgentDriver | undefined {
    return this.#options.drivers.find((driver) => driver.kind === agent.kind && driver.mode === agent.mode);
  }

  /** Work that nobody waits for: that it failed is logged, and the server goes on. */
  #aside(agentId: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#context.log.error({ error, agentId }, 'an agent could not be followed');
    });
  }

  /** One thing at a time per agent. */
  #turn<T>(agentId: string, work: () => Promise<T>): Promise<T> {
    const next = (this.#turns.get(agentId) ?? Promise.resolve()).then(work);
    const settled = next.catch((error: unknown) =>
      this.#context.log.error({ error, agentId }, 'an agent could not be brought to its state'),
    );
    this.#turns.set(agentId, settled);
    return next;
  }
}

/** Where a stored session was started, and what for. */
function placeOf({ directory, freshFor }: SessionRef): Partial<SessionPlace> {
  return { ...(directory === undefined ? {} : { directory }), ...(freshFor === undefined ? {} : { freshFor }) };
}
