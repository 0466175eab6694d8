/**
 * Takes the points of one graph: at each an execution begins, the server dies right after that write, and the next one has
 * to bring it to its end; or dies in its turn after each of its own writes, and the one after it has to.
 */
import path from 'node:path';
import type { ManagedPostgresConnection } from '../../src/adapters/managed-postgres/managed-postgres.ts';
import { FINISHED_EXECUTION } from '../../src/contract/executions.ts';
import { resolveInboxItem } from '../../src/engine/resolve-inbox-item.ts';
import { createWorkflow, requireValid } from '../../src/engine/save-workflow.ts';
import { startExecution } from '../../src/engine/start-execution.ts';
import { databaseBreaches } from '../support/database-breaches.ts';
import type { SweptGraph } from './graphs.ts';
import { beginLife, DIED, type Life } from './life.ts';
import { differences } from './outcome.ts';
import { makePlace, type Place } from './place.ts';

/** Point 1 is the first write of an execution, point 2 the second … */
export interface Points {
  first: number;
  step: number;
  /** So many at most. */
  most?: number;
  /** Whoever recovers dies too, in one run after its first write, in the next so many writes later …; 0: never. */
  second: number;
}

export interface Swept {
  points: number;
  seconds: number;
  checks: number;
  failures: string[];
}

/** More than any execution here writes: a sweep ends. */
const MOST_WRITES = 300;
/** For a hang, not for a race. */
const ENDS_WITHIN_MS = 90_000;
const LOOKS_EVERY_MS = 200;
/** So that the checker has few rows to read. */
const RUNS_OF_A_PLACE = 20;
const BY = { name: 'sweep', role: 'admin' } as const;

export async function sweepGraph(
  graph: SweptGraph,
  { server, points }: { server: ManagedPostgresConnection; points: Points },
): Promise<Swept> {
  const lane = new Lane(graph, server);
  const { swept } = lane;
  try {
    for (let point = points.first; swept.points < (points.most ?? MOST_WRITES); point += points.step) {
      if (points.second === 0) {
        if ((await lane.run([point])) === 0) break;
      } else {
        let second = 1;
        let deaths = await lane.run([point, second]);
        if (deaths === 0) break;
        for (; deaths === 2; deaths = await lane.run([point, second])) {
          swept.seconds += 1;
          second += points.second;
        }
      }
      swept.points += 1;
    }
  } finally {
    await lane.leave();
  }
  return swept;
}

/** One server after the other; whoever has finished an execution is the one that begins the next. */
class Lane {
  readonly swept: Swept = { points: 0, seconds: 0, checks: 0, failures: [] };
  readonly #graph: SweptGraph;
  readonly #server: ManagedPostgresConnection;
  #place: Place | null = null;
  #life: Life | null = null;
  #runs = 0;
  #accepted: string[] = [];
  #answered: { itemId: string; decision: string }[] = [];

  constructor(graph: SweptGraph, server: ManagedPostgresConnection) {
    this.#graph = graph;
    this.#server = server;
  }

  /** How often a server died, which is less than it was to when the execution had ended before. */
  async run(deaths: number[]): Promise<number> {
    const place = await this.#arrive();
    this.#runs += 1;
    const about = `${this.#graph.name}, killed after ${deaths.join(' and ')}`;
    const ran = path.join(place.home, `ran-${this.#runs}`);
    const name = `Run ${this.#runs}`;
    let died = 0;
    try {
      for (const [index, writes] of [...deaths, null].entries()) {
        if (index > 0) this.#life = await beginLife({ ...this.#where(place), diesAfter: writes });
        else if (writes !== null) this.#life?.diesAfter(writes);
        const life = this.#life;
        if (life && (await this.#lives(life, { begins: index === 0, name, ran }))) break;
        died += 1;
      }
      // The one that has come to the end is not killed any more.
      this.#life?.spare();
      this.swept.failures.push(...(await this.#breaches(place, name, ran)).map((breach) => `${about}: ${breach}`));
      this.swept.checks += 1;
    } catch (error) {
      this.swept.failures.push(`${about}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    if (this.swept.failures.length > 20) throw new Error(this.swept.failures.join('\n'));
    return died;
  }

  async leave(): Promise<void> {
    await this.#life?.close();
    await this.#place?.remove();
    this.#life = null;
    this.#place = null;
  }

  #where({ home, database }: Place): { home: string; url: string } {
    return { home, url: database.url };
  }

  async #arrive(): Promise<Place> {
    if (this.#place && this.#life && this.#runs % RUNS_OF_A_PLACE !== 0) return this.#place;
    await this.leave();
    const place = await makePlace(this.#server);
    this.#place = place;
    this.#accepted = [];
    this.#answered = [];
    const life = await beginLife({ ...this.#where(place), diesAfter: null });
    if (!life) throw new Error('nobody told it to die');
    this.#life = life;
    for (const part of this.#graph.parts ?? [])
      await createWorkflow(life.context, { source: part, draft: false, by: BY, allow: () => undefined });
    return place;
  }

  /** Whether it lived until the execution had ended. */
  async #lives(life: Life, { begins, name, ran }: { begins: boolean; name: string; ran: string }): Promise<boolean> {
    try {
      if (begins) {
        const document = await requireValid(life.context, { name, ...this.#graph.workflow(ran) });
        const begun = { workflowId: null, version: 0, document, inputs: {}, by: BY };
        this.#accepted.push((await Promise.race([startExecution(life.context, begun), life.death])).execution.id);
      }
      await Promise.race([this.#ended(life, name), life.death]);
      return true;
    } catch (error) {
      if (error instanceof Error && error.message === DIED) return false;
      throw error;
    }
  }

  /** Resolves at the end of the execution; approves what it asks as soon as it asks. */
  async #ended({ context }: Life, name: string): Promise<void> {
    const end = Date.now() + ENDS_WITHIN_MS;
    let news = Promise.withResolvers<void>();
    const unsubscribe = context.bus.subscribe(() => news.resolve());
    try {
      for (;;) {
        news = Promise.withResolvers();
        const timer = setTimeout(news.resolve, LOOKS_EVERY_MS);
        const [found] = await context.store.executions.list({ parent: null, search: name }, { limit: 1 });
        if (found && FINISHED_EXECUTION.includes(found.status)) return;
        for (const item of found ? await context.store.inbox.openOf({ executionId: found.id }) : []) {
          if (item.type !== 'approval') throw new Error(`a person is asked: ${item.title}`);
          const answer = { decision: 'approve', hash: item.hash } as const;
          await resolveInboxItem({ ...context, agents: NO_AGENTS }, { id: item.id, answer, by: BY });
          this.#answered.push({ itemId: item.id, decision: 'approve' });
        }
        if (Date.now() > end) throw new Error(`it did not end: ${JSON.stringify(found)}`);
        await news.promise;
        clearTimeout(timer);
      }
    } finally {
      unsubscribe();
    }
  }

  async #breaches(place: Place, name: string, ran: string): Promise<string[]> {
    if (!this.#life) return ['nobody lives'];
    const { executions } = this.#life.context.store;
    const [found] = await executions.list({ parent: null, search: name }, { limit: 1 });
    if (!found) return ['there is no execution'];
    const steps = await executions.steps(found.id);
    return [
      ...(await differences(this.#graph, { ...found, steps, ran })),
      ...(await databaseBreaches(place.database.connection, {
        accepted: this.#accepted,
        answered: this.#answered,
        isSettled: true,
      })),
    ];
  }
}

const NO_AGENTS = {
  restart: () => Promise.reject(new Error('there are no agents')),
  answer: () => Promise.reject(new Error('there are no agents')),
};
