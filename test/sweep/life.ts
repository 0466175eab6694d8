/**
 * One life of a server within this process: the production engine on a real PostgreSQL and with real commands. It dies
 * after its n-th write: from then on nothing that it sends leaves, nothing that it waits for comes, and its connections
 * are gone. What it had begun outside goes on, as the world does when a process is killed.
 */
import pg from 'pg';
import type { EffectContext } from '../../src/engine/effects/effect-runner.ts';
import { composeEngine, type Engine } from '../../src/server/compose.ts';
import { loadConfig } from '../../src/server/config.ts';
import { prepareHome } from '../../src/server/home.ts';
import { createPhases } from '../../src/server/phases.ts';
import { watchWrites } from '../support/watch-writes.mjs';

export const DIED = 'the server has died';
const BEGINS = /insert into "?executions\b/i;

interface Mortal {
  isDead: boolean;
  writes: number;
  diesAfter: number | null;
  /** Whether its writes count; until then it waits for the one that begins an execution. */
  counts: boolean;
  clients: Set<pg.Client>;
  die(): void;
}

export interface Life {
  context: EffectContext;
  /** Rejects when it dies. */
  death: Promise<never>;
  /** Counts the writes of the next execution that begins in it, that one first, and dies after the n-th. */
  diesAfter(writes: number): void;
  /** It is not to die any more. */
  spare(): void;
  /** In order, as after SIGTERM. */
  close(): Promise<void>;
}

const lives = new Map<string, Mortal>();
let named = 0;
let isWatching = false;

/** Null when it died before it was ready: `diesAfter` counts the writes of its start too. */
export async function beginLife(options: {
  home: string;
  url: string;
  diesAfter: number | null;
}): Promise<Life | null> {
  watch();
  named += 1;
  const name = `life-${process.pid}-${named}`;
  const { promise: death, reject } = Promise.withResolvers<never>();
  death.catch(() => undefined);
  const mortal: Mortal = {
    isDead: false,
    writes: 0,
    diesAfter: options.diesAfter,
    counts: true,
    clients: new Set(),
    die() {
      mortal.isDead = true;
      for (const client of mortal.clients) destroy(client);
      mortal.clients.clear();
      reject(new Error(DIED));
    },
  };
  lives.set(name, mortal);
  const config = {
    ...loadConfig({ flags: { home: options.home }, env: {}, directory: options.home }),
    databaseUrl: `${options.url}&application_name=${name}`,
  };
  const quiet = () => undefined;
  const start = async (): Promise<Engine> => {
    const engine = await composeEngine({
      config,
      home: prepareHome(options.home),
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      phases: createPhases(quiet),
    });
    await engine.start();
    return engine;
  };
  const engine = await Promise.race([start(), death]).catch((error: unknown) => {
    if (mortal.isDead) return null;
    throw error;
  });
  if (!engine) return null;
  return {
    context: engine.context,
    death,
    diesAfter(writes) {
      mortal.writes = 0;
      mortal.counts = false;
      mortal.diesAfter = writes;
    },
    spare() {
      mortal.diesAfter = null;
    },
    close: () => engine.close(),
  };
}

/** Whoever speaks to PostgreSQL says by the name of its connection which life it belongs to. */
function watch(): void {
  if (isWatching) return;
  isWatching = true;
  watchWrites({
    sent(client, text) {
      const life = lifeOf(client);
      if (life && BEGINS.test(text)) life.counts = true;
      return life?.isDead ?? false;
    },
    written(client) {
      const life = lifeOf(client);
      if (!life) return false;
      if (life.isDead) return true;
      if (life.counts) life.writes += 1;
      if (life.counts && life.writes === life.diesAfter) life.die();
      return life.isDead;
    },
  });
  const connect = pg.Client.prototype.connect as (...args: unknown[]) => unknown;
  pg.Client.prototype.connect = function (this: pg.Client, ...args: unknown[]) {
    const life = lifeOf(this);
    if (life?.isDead) return never();
    life?.clients.add(this);
    return connect.apply(this, args);
  } as typeof pg.Client.prototype.connect;
  const ofPool = pg.Pool.prototype.connect as (...args: unknown[]) => unknown;
  pg.Pool.prototype.connect = function (this: pg.Pool, ...args: unknown[]) {
    const name = /life-\d+-\d+/.exec(this.options.connectionString ?? '')?.[0];
    return name && lives.get(name)?.isDead ? never() : ofPool.apply(this, args);
  } as typeof pg.Pool.prototype.connect;
}

function lifeOf(client: unknown): Mortal | undefined {
  // Not in the types of pg.
  const { connectionParameters } = client as { connectionParameters?: { application_name?: string } };
  return lives.get(connectionParameters?.application_name ?? '');
}

/** Closed without a word to whoever waits for an answer. */
function destroy(client: pg.Client): void {
  const { connection } = client as unknown as { connection: { stream: NodeJS.ReadableStream & { destroy(): void } } };
  connection.stream.removeAllListeners();
  connection.stream.on('error', () => undefined);
  connection.stream.destroy();
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
