/** Everything around the processes of a simulated server: the machine's time and database, commands, agents, and faults. */
import type { Chance } from '../../support/seeded-chance.ts';
import { EngineProcess } from '../engine-process.ts';
import { History } from '../history.ts';
import type { Scenario } from '../scenario.ts';
import { MemoryDatabase } from '../store/memory-database.ts';
import { VirtualTime } from '../virtual-time.ts';
import { AgentSessions } from './agents.ts';
import { StepCommands } from './step-commands.ts';
import { WakeUps } from './wake-ups.ts';

export type Fault = 'statement lost' | 'answer lost' | 'death after commit' | 'sleep before commit';

/** Per statement or commit, while faults happen. */
const LIKELIHOOD: Readonly<Record<Fault, number>> = {
  'statement lost': 0.004,
  'answer lost': 0.004,
  'death after commit': 0.01,
  'sleep before commit': 0.02,
};
const SILENT_MS = 15_000; // as in src/adapters/postgres/database.ts
const NO_MISCHIEF = { lost: 0, doubled: 0, late: 0 };
const MISCHIEF = { lost: 0.08, doubled: 0.05, late: 0.05 };

export class World {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly database = new MemoryDatabase();
  readonly history: History;
  readonly commands: StepCommands;
  readonly agents: AgentSessions;
  readonly wakeUps: WakeUps;
  readonly agentIds: string[];
  readonly processes: EngineProcess[] = [];
  /** Errors that no fault explains. */
  readonly unexpected: string[] = [];
  readonly said: string[] = [];
  databaseIsAway = false;
  /** Of this machine's clock against the time that really passes. */
  skewMs = 0;
  /** Whether faults happen at present. */
  restless = false;
  readonly #verbose: boolean;
  #ids = 0;
  #names = 0;

  constructor(options: {
    scenario: Scenario;
    chance: Chance;
    verbose: boolean;
    trace: (at: number, label: string) => void;
  }) {
    const { scenario, chance } = options;
    this.chance = chance;
    this.#verbose = options.verbose;
    this.time = new VirtualTime((at, label) => {
      options.trace(at, label);
      if (options.verbose) console.log(`${String(at.toFixed(1)).padStart(9)}  ${label}`);
    });
    this.commands = new StepCommands(this.time, scenario.planOf);
    this.agents = new AgentSessions(this.time, scenario.planOf);
    this.wakeUps = new WakeUps(this.time, chance, () => (this.restless ? MISCHIEF : NO_MISCHIEF));
    this.history = new History(this.database);
    this.agentIds = ['ada', 'bob'].map((name) => {
      const id = this.nextId();
      this.database.tables.agents.set(id, { ...AGENT, id, name });
      return id;
    });
  }

  readonly faults = {
    is: (fault: Fault): boolean => this.restless && this.chance.is(LIKELIHOOD[fault]),
  };

  nextId(): string {
    this.#ids += 1;
    return `00000000-0000-7000-8000-${this.#ids.toString(16).padStart(12, '0')}`;
  }

  begin(kind: 'server' | 'worker'): EngineProcess {
    this.#names += 1;
    const name = `${kind}${this.#names}`;
    const isHost = kind === 'server';
    const process = new EngineProcess(this, { name, hostId: isHost ? 'host_1' : `host_${this.#names}`, isHost });
    this.processes.push(process);
    process.start();
    return process;
  }

  ready(process: EngineProcess): void {
    this.say(`${process.name} is up`);
  }

  /** Kills a process, and begins another of its kind a while later. */
  dies(process: EngineProcess): void {
    if (process.state === 'dead') return;
    this.say(`${process.name} is killed`);
    process.kill();
    this.replace(process);
  }

  replace(process: EngineProcess): void {
    const kind = process.name.startsWith('server') ? 'server' : 'worker';
    const afterMs = this.chance.between(100, 2_000);
    this.time.as(null, () => this.time.after(afterMs, `another ${kind} begins`, () => void this.begin(kind)));
  }

  /** Of a server there is one at a time; while a worker sleeps another may begin. */
  freeze(process: EngineProcess, forMs: number): void {
    const { time, chance } = this;
    this.say(`${process.name} is frozen`);
    time.freeze(process);
    time.as(null, () => {
      if (process.name.startsWith('worker') && chance.is(0.5)) this.begin('worker');
      // Some databases end a transaction whose owner is silent, some later.
      if (chance.is(0.5))
        time.after(SILENT_MS, 'silent transactions end', () => {
          if (process.state === 'frozen') for (const transaction of process.transactions) transaction.drop();
        });
      time.after(forMs, `${process.name} wakes`, () => {
        this.say(`${process.name} wakes`);
        time.thaw(process);
      });
    });
  }

  cutConnections(): void {
    for (const transaction of this.database.open) transaction.drop();
    this.wakeUps.interrupted();
  }

  say(line: string): void {
    this.said.push(`${this.time.elapsed.toFixed(1)} ${line}`);
    if (this.#verbose) console.log(`${String(this.time.elapsed.toFixed(1)).padStart(9)}  · ${line}`);
  }

  /** An error that an engine logged: those that say that the world is at fault are expected while it is. */
  failed(error: unknown): void {
    const code = (error as { code?: unknown }).code;
    if (code === 'DATABASE_UNAVAILABLE' || code === 'LEASE_LOST') return;
    this.unexpected.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

const AGENT = {
  kind: 'shell',
  mode: 'tmux',
  role: 'tester',
  status: 'idle',
  desired: 'running',
  capabilities: ['work'],
  workspace: { path: '/home', isolation: 'shared' },
  session: null,
  held: null,
  budget: null,
};
