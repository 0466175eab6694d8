/**
 * Tables in memory that behave like PostgreSQL's under READ COMMITTED: a statement sees what was committed when it
 * runs, a written row is locked until its transaction ends, whoever wants it waits and then looks again, two that wait
 * for each other are a deadlock, and a transaction that is cut leaves nothing.
 */

import type { Notice } from '../../../src/ports/event-bus.ts';

export type Row = Readonly<Record<string, any>>;

export interface Tables {
  executions: Map<string, Row>;
  steps: Map<string, Row>;
  effects: Map<string, Row>;
  mailbox: Map<string, Row>;
  timers: Map<string, Row>;
  checkpoints: Map<string, Row>;
  inbox_items: Map<string, Row>;
  agents: Map<string, Row>;
  agent_tasks: Map<string, Row>;
  execution_logs: Map<string, Row>;
  topics: Map<string, Row>;
  events: Map<string, Row>;
  audit: Map<string, Row>;
  usage_days: Map<string, Row>;
  incidents: Map<string, Row>;
}
export type TableName = keyof Tables;

/** Thrown out of a statement that needs a row of somebody else's transaction; it runs again when that has ended. */
class Blocked extends Error {
  readonly holder: Transaction;
  constructor(holder: Transaction) {
    super('blocked');
    this.holder = holder;
  }
}

export class MemoryDatabase {
  readonly tables: Tables = {
    executions: new Map(),
    steps: new Map(),
    effects: new Map(),
    mailbox: new Map(),
    timers: new Map(),
    checkpoints: new Map(),
    inbox_items: new Map(),
    agents: new Map(),
    agent_tasks: new Map(),
    execution_logs: new Map(),
    topics: new Map(),
    events: new Map(),
    audit: new Map(),
    usage_days: new Map(),
    incidents: new Map(),
  };
  readonly locks = new Map<string, Transaction>();
  readonly open = new Set<Transaction>();
  /** Pairs of statements that waited for each other; one of them failed. */
  readonly deadlocks: string[] = [];
  /** Called in the order of the commits. */
  onCommit: (transaction: Transaction) => void = () => undefined;
  #numbers = 0;

  begin(): Transaction {
    const transaction = new Transaction(this);
    this.open.add(transaction);
    return transaction;
  }

  /** Like a sequence: what is drawn is gone, also when its transaction is rolled back. */
  draw(): number {
    return ++this.#numbers;
  }

  rows(table: TableName): Row[] {
    return [...this.tables[table].values()];
  }
}

export class Transaction {
  readonly database: MemoryDatabase;
  readonly ended: Promise<void>;
  /** For whoever looks at commits: what the statements of this transaction were. */
  readonly story: string[] = [];
  /** What others are told when it commits. */
  readonly notices: Notice[] = [];
  state: 'open' | 'committed' | 'gone' = 'open';
  #writes: { table: TableName; key: string; row: Row | null }[] = [];
  #view = new Map<TableName, Map<string, Row | null>>();
  #end!: () => void;
  #waitsFor: Transaction | null = null;

  constructor(database: MemoryDatabase) {
    this.database = database;
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  get writes(): readonly { table: TableName; key: string; row: Row | null }[] {
    return this.#writes;
  }

  /** Runs a statement wholly or not at all, once no row that it writes is in somebody else's hands. */
  async run<T>(name: string, statement: (transaction: Transaction) => T): Promise<T> {
    this.story.push(name);
    for (;;) {
      this.#mustBeOpen();
      const before = this.#writes.length;
      try {
        return statement(this);
      } catch (error) {
        this.#forgetSince(before);
        if (!(error instanceof Blocked)) throw error;
        this.#waitFor(error.holder, name);
        await error.holder.ended;
        this.#waitsFor = null;
      }
    }
  }

  get(table: TableName, key: string): Row | undefined {
    const own = this.#view.get(table)?.get(key);
    return own === undefined ? this.database.tables[table].get(key) : (own ?? undefined);
  }

  /** In the order of their making. */
  all(table: TableName): Row[] {
    const own = this.#view.get(table);
    const committed = this.database.tables[table];
    if (!own || own.size === 0) return [...committed.values()];
    const rows: Row[] = [];
    for (const [key, row] of committed) {
      const changed = own.get(key);
      if (changed === undefined) rows.push(row);
      else if (changed) rows.push(changed);
    }
    for (const [key, row] of own) if (row && !committed.has(key)) rows.push(row);
    return rows;
  }

  put(table: TableName, key: string, row: Row): void {
    this.lock(`${table} ${key}`);
    this.#write(table, key, row);
  }

  delete(table: TableName, key: string): void {
    this.lock(`${table} ${key}`);
    this.#write(table, key, null);
  }

  /** Of a row, or of a value that may be there once. */
  lock(name: string): void {
    const holder = this.database.locks.get(name);
    if (holder === this) return;
    if (holder) throw new Blocked(holder);
    this.database.locks.set(name, this);
  }

  commit(): void {
    this.#mustBeOpen();
    for (const { table, key, row } of this.#writes) {
      if (row) this.database.tables[table].set(key, row);
      else this.database.tables[table].delete(key);
    }
    this.state = 'committed';
    this.database.onCommit(this);
    this.#release();
  }

  /** Rolled back, or cut by somebody else. */
  drop(): void {
    if (this.state !== 'open') return;
    this.state = 'gone';
    this.#release();
  }

  #release(): void {
    this.database.open.delete(this);
    for (const [name, holder] of this.database.locks) if (holder === this) this.database.locks.delete(name);
    this.#end();
  }

  #mustBeOpen(): void {
    if (this.state !== 'open') throw new ConnectionCut();
  }

  #write(table: TableName, key: string, row: Row | null): void {
    this.#writes.push({ table, key, row });
    const own = this.#view.get(table) ?? new Map<string, Row | null>();
    own.set(key, row);
    this.#view.set(table, own);
  }

  #forgetSince(length: number): void {
    if (this.#writes.length === length) return;
    this.#writes = this.#writes.slice(0, length);
    this.#view = new Map();
    for (const { table, key, row } of this.#writes) {
      const own = this.#view.get(table) ?? new Map<string, Row | null>();
      own.set(key, row);
      this.#view.set(table, own);
    }
  }

  #waitFor(holder: Transaction, name: string): void {
    this.#waitsFor = holder;
    for (let next: Transaction | null = holder; next; next = next.#waitsFor) {
      if (next !== this) continue;
      this.#waitsFor = null;
      const about = `${this.story.join(', ')} and ${holder.story.join(', ')} wait for each other at ${name}`;
      this.database.deadlocks.push(about);
      throw new Error(`deadlock detected: ${about}`);
    }
  }
}

/** What a statement on a transaction that is gone finds. */
export class ConnectionCut extends Error {
  constructor() {
    super('Connection terminated');
  }
}

/** What jsonb makes of a value: undefined is gone, keys are sorted by length and then by bytes. */
export function stored<T>(value: T): T {
  return reordered(value) as T;
}

function reordered(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item: unknown) => (item === undefined ? null : reordered(item)));
  const keys = Object.keys(value).filter((key) => (value as Row)[key] !== undefined);
  keys.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return Object.fromEntries(keys.map((key) => [key, reordered((value as Row)[key])]));
}
