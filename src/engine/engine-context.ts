/** What the verbs of the engine are given; compose.ts fills it in, nothing is fetched from anywhere. */
import type { Limits } from '../domain/budget.ts';
import type { Clock, IdSource } from '../ports/clock.ts';
import type { EventBus } from '../ports/event-bus.ts';
import type { Meter } from '../ports/meter.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Store } from '../ports/store/store.ts';
import type { Traces } from '../ports/traces.ts';
import type { TaskQueue } from '../ports/task-queue.ts';
import type { Workspaces } from '../ports/workspaces.ts';

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface EngineContext {
  store: Store;
  bus: EventBus;
  queue: TaskQueue;
  clock: Clock;
  ids: IdSource;
  log: Log;
  /** Unset: nobody counts. */
  meter?: Meter;
  workspaces: Workspaces;
  secrets: Secrets;
  /** Whether a directory exists where the agents run. */
  directoryExists: (path: string) => Promise<boolean>;
  /** What all agents together may cost on a day; null: as much as they do. */
  budgetPerDay: Pick<Limits, 'usd'> | null;
  /** Names of the registered graphs; left out: whatever a document names is taken. */
  graphs?: readonly string[];
  /** Told of what executions commit; left out: nobody is. */
  traces?: Traces;
  /** This machine, for ever. */
  hostId: string;
  /** This process: `hostId:instance`. Leases are held under it. */
  owner: string;
}

/** Who asked, as it is recorded. */
export interface Actor {
  /** Shown and stored: a user's or token's name. */
  name: string;
  role: string;
}
