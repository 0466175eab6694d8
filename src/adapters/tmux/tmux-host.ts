/** The AgentHost whose sessions live in tmux: one server and one control client per agent. */
import { readdir, rm, writeFile } from 'node:fs/promises';
import type {
  AdoptOutcome,
  AgentHost,
  AgentSession,
  ForeignTerminal,
  OpenOutcome,
  ProcessUsage,
  RunningProgram,
  SessionRef,
  SessionSpec,
} from '../../ports/agent-host.ts';
import { ControlClient } from './control-client.ts';
import { AdoptedSession, type HeldPane } from './foreign/adopted-session.ts';
import { panesOf } from './foreign/foreign-panes.ts';
import { ownerOf, paneOver, runningPrograms } from './foreign/running-programs.ts';
import { readProcessTable, readStartTicks } from './process-table.ts';
import { AGENT_MARK, childrenOf, endProcesses, treeUnder, UsageMeter } from './process-tree.ts';
import { askOnce, endStaleClients, identify, identityOf, type Identity } from './session-identity.ts';
import { isDirectory, isExecutable, specProblem } from './session-spec.ts';
import { agentIdOf, attachArguments, launchFile, sessionNameOf, startArguments } from './tmux-commands.ts';
import { prepareGround, runTmux, type Ground, type GroundOutcome, type TmuxHostOptions } from './tmux-ground.ts';
import {
  agentIdOfSocket,
  answers,
  endServer,
  removeServerFiles,
  serverFiles,
  type ServerFiles,
} from './tmux-server.ts';
import { TmuxSession } from './tmux-session.ts';

export type { TmuxHostOptions };

/** Touches nothing before the first call; missing or old tmux is an outcome of `open`. */
export function createTmuxHost(options: TmuxHostOptions): AgentHost {
  return new TmuxHost(options);
}

const POLL_MS = 500; // tmux announces most ends itself; those it misses are seen within this
const KILL_GRACE_MS = 5_000;

class TmuxHost implements AgentHost {
  readonly #options: TmuxHostOptions;
  readonly #sessions = new Map<string, TmuxSession | AdoptedSession>();
  readonly #opening = new Set<string>();
  readonly #meter = new UsageMeter();
  #ground: Promise<GroundOutcome> | null = null;
  #poll: NodeJS.Timeout | null = null;

  constructor(options: TmuxHostOptions) {
    this.#options = options;
  }

  async open(spec: SessionSpec): Promise<OpenOutcome> {
    const prepared = await this.#prepare();
    if (prepared.outcome === 'failed') return prepared;
    const sessionName = sessionNameOf(spec.agentId);
    const problem = sessionName === null ? 'the agent id is not one of ours' : specProblem(spec);
    if (sessionName === null || problem !== null) return failed(problem ?? '');
    if (!(await isDirectory(spec.cwd)))
      return { outcome: 'failed', code: 'CWD_MISSING', reason: `${spec.cwd} is not a directory.` };
    if (!(await isExecutable(spec))) return failed(`${spec.argv[0]} is not an executable program.`);
    if (this.#opening.has(spec.agentId)) return failed(`a session of agent ${spec.agentId} is being opened already`);

    this.#opening.add(spec.agentId);
    try {
      return await this.#open(prepared.ground, sessionName, spec);
    } finally {
      this.#opening.delete(spec.agentId);
    }
  }

  async adopt(ref: SessionRef): Promise<AdoptOutcome> {
    const held = this.#sessions.get(ref.agentId);
    if (held !== undefined && !held.hasExited) return { outcome: 'adopted', session: held };
    if (ref.adopted) return this.#take(ref, ref.adopted.terminal);
    const prepared = await this.#prepare();
    if (prepared.outcome === 'ready' && sessionNameOf(ref.agentId) === ref.sessionName) {
      const files = serverFiles(prepared.ground.directory, ref.agentId);
      const client = await this.#attach(prepared.ground, ref.sessionName, files).catch(() => null);
      if (client !== null) {
        const outcome = await this.#recognise(prepared.ground, ref, files, client);
        if (outcome !== null) return outcome;
        await client.detach();
      } else {
        await removeServerFiles(files);
      }
    }
    // Whatever of it still runs has no terminal any more.
    await endProcesses({
      agentId: ref.agentId,
      root: { pid: ref.panePid, startTicks: ref.panePidStartTicks },
      graceMs: 500,
    });
    return { outcome: 'lost', exit: { how: 'lost', at: new Date().toISOString() } };
  }

  async running(): Promise<RunningProgram[]> {
    const prepared = await this.#prepare();
    return runningPrograms(prepared.outcome === 'ready' ? prepared.ground.tmux : null);
  }

  async release(agentId: string): Promise<void> {
    const session = this.#sessions.get(agentId);
    if (!(session instanceof AdoptedSession)) return;
    this.#sessions.delete(agentId);
    this.#meter.forget(agentId);
    await session.release();
  }

  async ownerOf(pid: number): Promise<'us' | 'somebody_else' | 'nobody'> {
    return ownerOf(pid);
  }

  async list(): Promise<{ agentId: string; sessionName: string }[]> {
    const prepared = await this.#prepare();
    if (prepared.outcome === 'failed') return [];
    const { directory } = prepared.ground;
    const found = (await readdir(directory)).map(async (fileName) => {
      const agentId = agentIdOfSocket(fileName);
      const sessionName = agentId === null ? null : sessionNameOf(agentId);
      if (agentId === null || sessionName === null) return null;
      return (await answers(serverFiles(directory, agentId).socket)) ? { agentId, sessionName } : null;
    });
    return (await Promise.all(found)).filter((session) => session !== null);
  }

  async kill(sessionName: string): Promise<void> {
    const agentId = agentIdOf(sessionName);
    if (agentId === null) return;
    const held = this.#sessions.get(agentId);
    if (held !== undefined) return held.kill();
    const prepared = await this.#prepare();
    if (prepared.outcome === 'failed') return;
    const files = serverFiles(prepared.ground.directory, agentId);
    const identity = await askOnce(prepared.ground, sessionName, files);
    const server = identity === null ? null : await identityOf(identity.serverPid);
    const root = identity === null || identity.end.how !== 'alive' ? null : await identityOf(identity.panePid);
    await endProcesses({ agentId, root, graceMs: KILL_GRACE_MS, spare: server === null ? [] : [server.pid] });
    if (server !== null) await endServer(server, files);
    else await removeServerFiles(files);
  }

  async sample(): Promise<ReadonlyMap<string, ProcessUsage>> {
    const usage = new Map<string, ProcessUsage>();
    if (this.#sessions.size === 0) return usage;
    const table = await readProcessTable();
    const at = performance.now();
    const children = childrenOf(table);
    for (const [agentId, session] of this.#sessions) {
      const tree = treeUnder(session.root, table, children);
      if (tree.length > 0) usage.set(agentId, this.#meter.measure(agentId, tree, at));
    }
    return usage;
  }

  async close(): Promise<void> {
    if (this.#poll !== null) clearInterval(this.#poll);
    this.#poll = null;
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(sessions.map((session) => session.release()));
  }

  async #open(ground: Ground, sessionName: string, spec: SessionSpec): Promise<OpenOutcome> {
    const { agentId } = spec;
    const files = serverFiles(ground.directory, agentId);
    if (await answers(files.socket)) {
      const before = await askOnce(ground, sessionName, files);
      if (before === null || before.end.how === 'alive') return failed(`agent ${agentId} has a session already`);
      await this.kill(sessionName); // what stayed of one that has ended: its last screen
    }
    await removeServerFiles(files);
    const launch = launchFile({
      sessionName,
      agentId,
      argv: spec.argv,
      env: { ...spec.env, [AGENT_MARK]: agentId },
      size: { cols: spec.cols, rows: spec.rows },
    });
    await writeFile(files.launch, launch, { mode: 0o600 });
    let client: ControlClient | null = null;
    try {
      await runTmux(
        ground,
        startArguments({ socket: files.socket, configuration: ground.configuration, launch: files.launch }),
        spec.cwd,
      );
      client = await this.#attach(ground, sessionName, files);
      const identity = await identify(client);
      if (identity === null || identity.sessionName !== sessionName)
        throw new Error('tmux does not show the session it was asked for');
      // It may have ended already; then nothing can be confused with it any more.
      const panePidStartTicks = (await readStartTicks(identity.panePid)) ?? 0;
      const ref = { agentId, sessionName, paneId: identity.paneId, panePid: identity.panePid, panePidStartTicks };
      return { outcome: 'opened', session: await this.#hold(ground, ref, files, client, identity) };
    } catch (error) {
      await client?.detach();
      await this.kill(sessionName); // a server that came up all the same
      return failed((error as Error).message);
    } finally {
      await rm(files.launch, { force: true }); // it holds the environment
    }
  }

  /** Holds what a person started. Without its pane, when that is not where it was found. */
  async #take(ref: SessionRef, terminal: ForeignTerminal | null): Promise<AdoptOutcome> {
    const isIt = async () =>
      ownerOf(ref.panePid) === 'us' && (await readStartTicks(ref.panePid)) === ref.panePidStartTicks;
    const pane = (await isIt()) && terminal ? await this.#paneOf(ref.panePid, terminal) : null;
    const session = new AdoptedSession({
      ref,
      pane,
      forget: () => {
        if (this.#sessions.get(ref.agentId) === session) this.#sessions.delete(ref.agentId);
        this.#meter.forget(ref.agentId);
      },
    });
    // Looked at again now that its end would be seen.
    if (!(await isIt())) {
      await session.release();
      return { outcome: 'exited', exit: { how: 'exited', at: new Date().toISOString() } };
    }
    await session.begin();
    this.#watchOver(session);
    return { outcome: 'adopted', session };
  }

  async #paneOf(pid: number, { socket, paneId }: ForeignTerminal): Promise<HeldPane | null> {
    const prepared = await this.#prepare();
    if (prepared.outcome === 'failed') return null;
    const { tmux } = prepared.ground;
    const panes = new Map([...(await panesOf(tmux, socket))].map(([root, pane]) => [root, { ...pane, root }]));
    const found = paneOver(pid, { panes, table: await readProcessTable() });
    return found?.paneId === paneId ? { tmux, socket, paneId, pid: found.root } : null;
  }

  #watchOver(session: TmuxSession | AdoptedSession): void {
    this.#sessions.set(session.ref.agentId, session);
    this.#poll ??= setInterval(() => this.#sessions.forEach((each) => void each.poll()), POLL_MS).unref();
  }

  /** Null when what answers is not the session of this reference. */
  async #recognise(
    ground: Ground,
    ref: SessionRef,
    files: ServerFiles,
    client: ControlClient,
  ): Promise<AdoptOutcome | null> {
    const identity = await identify(client).catch(() => null);
    if (
      identity === null ||
      identity.agentId !== ref.agentId ||
      identity.paneId !== ref.paneId ||
      identity.panePid !== ref.panePid
    )
      return null;
    if (identity.end.how !== 'alive') {
      // The server stays, with the last screen, until `kill` or the next `open`.
      await client.detach();
      const end = identity.end.how === 'unclear' ? { how: 'signalled' as const } : identity.end;
      return { outcome: 'exited', exit: { ...end, at: new Date().toISOString() } };
    }
    if ((await readStartTicks(ref.panePid)) !== ref.panePidStartTicks) return null;
    await endStaleClients(client);
    return { outcome: 'adopted', session: await this.#hold(ground, ref, files, client, identity) };
  }

  async #hold(
    ground: Ground,
    ref: SessionRef,
    files: ServerFiles,
    client: ControlClient,
    identity: Identity,
  ): Promise<AgentSession> {
    const server = await identityOf(identity.serverPid);
    if (server === null) throw new Error('the tmux server ended');
    const session = new TmuxSession({
      ref,
      files,
      client,
      server,
      version: ground.version,
      size: { cols: identity.cols, rows: identity.rows },
      reattach: () => this.#attach(ground, ref.sessionName, files),
      forget: () => {
        if (this.#sessions.get(ref.agentId) === session) this.#sessions.delete(ref.agentId);
        this.#meter.forget(ref.agentId);
      },
    });
    this.#watchOver(session);
    await session.begin();
    return session;
  }

  async #attach(ground: Ground, sessionName: string, files: ServerFiles): Promise<ControlClient> {
    if (!(await answers(files.socket))) throw new Error('no tmux server answers');
    const args = attachArguments({ socket: files.socket, configuration: ground.configuration, sessionName });
    const client = new ControlClient([...ground.endWithUs, ground.tmux, ...args] as [string, ...string[]]); // never empty
    await client.attached;
    return client;
  }

  async #prepare(): Promise<GroundOutcome> {
    const preparing = (this.#ground ??= prepareGround(this.#options));
    const ready = await preparing.then(
      (outcome) => outcome.outcome === 'ready',
      () => false,
    );
    if (!ready) this.#ground = null; // it may be put right by the next time
    return preparing;
  }
}

function failed(reason: string): OpenOutcome {
  return { outcome: 'failed', code: 'SPAWN_FAILED', reason };
}
