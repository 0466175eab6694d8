/** The commands of shell steps as they would run on the machine: they outlive whoever started them. */
import type { StepExit, StepSupervisor } from '../../../src/ports/step-supervisor.ts';
import type { VirtualTime } from '../virtual-time.ts';

export interface CommandPlan {
  durationMs: number;
  exitCode: number;
  stdout: string;
}

interface Command {
  status: 'fenced' | 'running' | 'exited' | 'lost';
  startedAt: string;
  exit: StepExit | null;
  kills: number;
}

export class StepCommands {
  /** How often the command of each key has begun. */
  readonly begun = new Map<string, number>();
  readonly #commands = new Map<string, Command>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #time: VirtualTime;
  readonly #planOf: (key: string) => CommandPlan;

  constructor(time: VirtualTime, planOf: (key: string) => CommandPlan) {
    this.#time = time;
    this.#planOf = planOf;
  }

  /** The machine went down: what ran is gone without a record. */
  lose(): void {
    for (const [key, command] of this.#commands)
      if (command.status === 'running') {
        command.status = 'lost';
        this.#tell(key);
      }
  }

  /** How one process of the server sees them; `travel` is the way there and back. */
  supervisor(travel: (what: string, isRequest: boolean) => Promise<void>): StepSupervisor {
    const ask = async <T>(what: string, act: () => T): Promise<T> => {
      await travel(what, true);
      const found = act();
      await travel(what, false);
      return found;
    };
    return {
      start: ({ key }) => ask('step.start', () => this.#start(key)),
      attach: (key) =>
        ask('step.attach', () => {
          const command = this.#commands.get(key);
          if (!command || command.status === 'fenced') {
            this.#commands.set(key, { status: 'fenced', startedAt: '', exit: null, kills: 0 });
            return { outcome: 'never_started' as const };
          }
          if (command.exit) return { outcome: 'exited' as const, exit: command.exit };
          if (command.status === 'lost') return { outcome: 'unknown' as const, reason: 'the machine went down' };
          return { outcome: 'running' as const, startedAt: command.startedAt };
        }),
      wait: async (key, signal) => {
        signal.throwIfAborted();
        for (;;) {
          const command = await ask('step.look', () => this.#commands.get(key));
          signal.throwIfAborted();
          if (command?.exit) return { outcome: 'exited', exit: command.exit };
          if (command?.status !== 'running') return { outcome: 'unknown', reason: 'there is no record of its end' };
          await this.#change(key, signal);
        }
      },
      readOutput: (key, from) =>
        ask('step.output', () => {
          const text = Buffer.from(this.#commands.get(key)?.exit?.stdout ?? '');
          return { stdout: new Uint8Array(text.subarray(from.stdout)), stderr: new Uint8Array() };
        }),
      kill: async (key) => {
        await ask('step.kill', () => this.#kill(key));
        while (this.#commands.get(key)?.status === 'running') await this.#change(key, new AbortController().signal);
        await travel('step.kill', false);
      },
      forget: (key) =>
        ask('step.forget', () => {
          if (this.#commands.get(key)?.status === 'running') throw new Error(`${key} is still running`);
          this.#commands.delete(key);
        }),
    };
  }

  #start(key: string): { outcome: 'started'; pid: number; startedAt: string } {
    const before = this.#commands.get(key);
    // It runs or ran under this key: the real one does not start it again either.
    if (before && before.status !== 'fenced') return { outcome: 'started', pid: 1, startedAt: before.startedAt };
    const startedAt = this.#iso();
    this.#commands.set(key, { status: 'running', startedAt, exit: null, kills: 0 });
    this.begun.set(key, (this.begun.get(key) ?? 0) + 1);
    const { durationMs, exitCode, stdout } = this.#planOf(key);
    this.#time.as(null, () =>
      this.#time.after(durationMs, `command ${key} ends`, () => this.#end(key, exitCode, stdout)),
    );
    return { outcome: 'started', pid: 1, startedAt };
  }

  #kill(key: string): void {
    const command = this.#commands.get(key);
    if (command?.status !== 'running') return;
    command.kills += 1;
    // Some heed TERM at once, some have to be killed.
    const graceMs = this.#planOf(key).durationMs % 2 === 0 ? 20 : 5_000;
    this.#time.as(null, () => this.#time.after(graceMs, `command ${key} is killed`, () => this.#end(key, 143, '')));
  }

  #end(key: string, exitCode: number, stdout: string): void {
    const command = this.#commands.get(key);
    if (command?.status !== 'running') return;
    command.status = 'exited';
    command.exit = { exitCode, stdout, stderr: '', startedAt: command.startedAt, finishedAt: this.#iso() };
    this.#tell(key);
  }

  #tell(key: string): void {
    for (const wake of this.#waiting.get(key) ?? []) wake();
    this.#waiting.delete(key);
  }

  /** Heard of a moment later, as an event of whoever waits: it may be frozen or dead by then. */
  #change(key: string, signal: AbortSignal): Promise<void> {
    const owner = this.#time.owner;
    return new Promise((resolve) => {
      const wake = () =>
        void this.#time.as(owner, () => this.#time.after(1, `${owner?.name} hears of ${key}`, resolve));
      const all = this.#waiting.get(key) ?? new Set();
      this.#waiting.set(key, all.add(wake));
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  #iso(): string {
    return new Date(this.#time.now).toISOString();
  }
}
