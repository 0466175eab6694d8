/**
 * Runs registered graphs, each in a thread of its own: a graph that computes, blocks or breaks disturbs nobody else. A
 * thread is started for the first run and let go when it had nothing to do for a while.
 */
import type { RegisteredGraph } from '../../contract/graphs.ts';
import type { GraphOutcome, RegisteredGraphs } from '../../ports/registered-graphs.ts';
import type { GraphPlace } from './graph-messages.ts';
import { GraphThread, type ThreadLog } from './running-thread.ts';

export interface GraphRegistration extends GraphPlace {
  name: string;
  description?: string | undefined;
}

export interface GraphThreadsOptions {
  graphs: readonly GraphRegistration[];
  /** Complete environment of the modules. */
  environment: Readonly<Record<string, string>>;
  log: ThreadLog;
  /** How long one is kept that has nothing to do. */
  idleMs?: number;
  /** How long a run may take to stop when it is told to. */
  graceMs?: number;
}

const IDLE_MS = 30_000;
const GRACE_MS = 5_000; // as long as a command has

type Loaded = Pick<RegisteredGraph, 'status' | 'nodes' | 'problem'>;

export function createGraphThreads(options: GraphThreadsOptions): RegisteredGraphs {
  const { graphs, environment, log, idleMs = IDLE_MS, graceMs = GRACE_MS } = options;
  const threads = new Map<string, GraphThread>();
  const known = new Map<string, Loaded>();
  let closed = false;

  function threadOf(graph: GraphRegistration): GraphThread {
    const running = threads.get(graph.name);
    if (running) return running;
    const thread = new GraphThread({
      place: { module: graph.module, export: graph.export },
      environment,
      log: (line) => log.info({ graph: graph.name }, line),
      idleMs,
      graceMs,
      onEnd: () => {
        if (threads.get(graph.name) === thread) threads.delete(graph.name);
      },
    });
    threads.set(graph.name, thread);
    void thread.loaded.then((loaded) => {
      if (closed) return;
      known.set(
        graph.name,
        loaded.outcome === 'loaded'
          ? { status: 'ready', nodes: loaded.nodes }
          : { status: 'failed', problem: brokenReason(graph, loaded.reason) },
      );
    });
    return thread;
  }

  return {
    list: () =>
      graphs.map(({ name, description }) => ({
        name,
        ...(description === undefined ? {} : { description }),
        ...(known.get(name) ?? { status: 'unchecked' as const }),
      })),

    async check() {
      for (const graph of graphs) {
        if (closed) return;
        const loaded = await threadOf(graph).loaded;
        if (loaded.outcome === 'broken')
          log.warn({ graph: graph.name, reason: loaded.reason }, 'a registered graph cannot be loaded');
      }
    },

    async run({ graph: name, ...run }): Promise<GraphOutcome> {
      const graph = graphs.find((one) => one.name === name);
      if (!graph) {
        const reason = `No graph ${JSON.stringify(name)} is registered in the configuration.`;
        return { outcome: 'unavailable', code: 'GRAPH_NOT_FOUND', reason };
      }
      if (run.signal.aborted || closed) return { outcome: 'aborted' };
      const thread = threadOf(graph);
      const loaded = await Promise.race([thread.loaded, abortOf(run.signal)]);
      if (loaded.outcome === 'aborted') return loaded;
      if (loaded.outcome === 'broken')
        return { outcome: 'unavailable', code: 'GRAPH_UNAVAILABLE', reason: brokenReason(graph, loaded.reason) };
      return thread.run(run);
    },

    async close() {
      closed = true;
      await Promise.all([...threads.values()].map((thread) => thread.end()));
    },
  };
}

/** A module may take its time to load, or never do. */
function abortOf(signal: AbortSignal): Promise<{ outcome: 'aborted' }> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ outcome: 'aborted' }), { once: true });
  });
}

function brokenReason({ name, module }: GraphRegistration, reason: string): string {
  return `The graph ${name} cannot be loaded from ${module}: ${reason}.`;
}
