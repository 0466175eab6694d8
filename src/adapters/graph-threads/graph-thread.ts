/**
 * What a graph's thread runs: it loads the registered module once and runs its graph for any number of steps. It has no
 * store and no settings of the server; what it must keep, it asks the server to keep.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { pathToFileURL } from 'node:url';
import type { FromThread, GraphPlace, SaverMethod, ThreadOutcome, ToThread } from './graph-messages.ts';
import { type Langgraph, langgraphOf, runTreesOf } from './module-packages.ts';
import { plainState } from './plain-state.ts';
import { threadSaver } from './thread-saver.ts';

/** What is used of a compiled graph. */
interface Graph {
  nodes: Record<string, unknown>;
  checkpointer?: unknown;
  invoke(input: unknown, config: object): Promise<unknown>;
}
interface Saver {
  getTuple(config: object): Promise<unknown>;
}

/** Where LangSmith's client and LangChain look for the run that is under way; the same for every copy of them. */
const CONTEXT = Symbol.for('ls:tracing_async_local_storage');

const port = parentPort;
if (!port) throw new Error('this is the program of a thread');
const tell = (message: FromThread) => port.postMessage(message);
const place = workerData as GraphPlace;
const running = new Map<string, AbortController>();
const asked = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
let calls = 0;

port.on('message', (message: ToThread) => {
  switch (message.type) {
    case 'run':
      return void start(message);
    case 'abort':
      return running.get(message.threadId)?.abort();
    case 'kept':
      asked.get(message.call)?.resolve(message.value);
      return void asked.delete(message.call);
    case 'not_kept':
      asked.get(message.call)?.reject(new Error(message.reason));
      return void asked.delete(message.call);
  }
});

const loading = load();
loading.then(
  ({ graph }) => tell({ type: 'loaded', nodes: Object.keys(graph.nodes).filter((name) => !name.startsWith('__')) }),
  (error: unknown) => tell({ type: 'broken', reason: reasonOf(error) }),
);

function keep(threadId: string, method: SaverMethod, given: unknown[]): Promise<unknown> {
  const call = calls++;
  return new Promise((resolve, reject) => {
    asked.set(call, { resolve, reject });
    tell({ type: 'keep', call, threadId, method, given });
  });
}

async function load(): Promise<{ graph: Graph; saver: Saver; langgraph: Langgraph }> {
  const langgraph = await langgraphOf(place.module);
  const saver = threadSaver(langgraph, keep) as Saver;
  const module = (await import(pathToFileURL(place.module).href)) as Record<string, unknown>;
  const name = place.export ?? ('graph' in module ? 'graph' : 'default');
  if (!(name in module)) throw new Error(`it exports no ${name}`);
  let value = module[name];
  if (typeof value === 'function') value = await (value as () => unknown)();
  if (isUncompiled(value)) value = value.compile({ checkpointer: saver });
  if (!isGraph(value)) throw new Error(`its ${name} is neither a graph of LangGraph nor a function that returns one`);
  value.checkpointer = saver;
  return { graph: value, saver, langgraph };
}

function isUncompiled(value: unknown): value is { compile(options: object): unknown } {
  return typeof (value as { compile?: unknown } | null)?.compile === 'function';
}

function isGraph(value: unknown): value is Graph {
  return (value as { lg_is_pregel?: unknown } | null)?.lg_is_pregel === true;
}

async function start(message: Extract<ToThread, { type: 'run' }>): Promise<void> {
  const { threadId } = message;
  const controller = new AbortController();
  running.set(threadId, controller);
  const outcome = await run(message, controller.signal).catch((error: unknown): ThreadOutcome => ({
    outcome: 'failed',
    code: 'GRAPH_FAILED',
    reason: reasonOf(error),
  }));
  running.delete(threadId);
  try {
    tell({ type: 'ended', threadId, outcome });
  } catch (error) {
    tell({
      type: 'ended',
      threadId,
      outcome: { outcome: 'failed', code: 'GRAPH_STATE_INVALID', reason: reasonOf(error) },
    });
  }
}

async function run(
  { threadId, input, answers, trace }: Extract<ToThread, { type: 'run' }>,
  signal: AbortSignal,
): Promise<ThreadOutcome> {
  const { graph, saver, langgraph } = await loading;
  const configurable = { thread_id: threadId };
  const begun = answers !== undefined || (await saver.getTuple({ configurable })) !== undefined;
  const given = answers === undefined ? (begun ? null : (input ?? {})) : new langgraph.Command({ resume: answers });
  const config = {
    configurable,
    durability: 'sync',
    signal,
    runName: trace.name,
    metadata: trace.metadata,
    // Breakpoints are for debuggers; nobody here could go on from one.
    interruptBefore: [],
    interruptAfter: [],
  };
  const result = await below(trace.parent, () => graph.invoke(given, config));
  if (langgraph.isInterrupted(result)) {
    const interrupts = result.__interrupt__.map(({ id, value, response_schema: schema }, index) => ({
      id: id ?? String(index),
      value: shownValue(value),
      ...(schema === undefined ? {} : { schema: JSON.parse(JSON.stringify(schema)) as Record<string, unknown> }),
    }));
    return { outcome: 'interrupted', interrupts };
  }
  const state = plainState(result);
  return state.outcome === 'plain'
    ? { outcome: 'finished', state: state.value }
    : { outcome: 'failed', code: 'GRAPH_STATE_INVALID', reason: state.reason };
}

/** A person reads it; what JSON cannot say is shown as text. */
function shownValue(value: unknown): unknown {
  const shown = plainState(value);
  return shown.outcome === 'plain' ? shown.value : String(value);
}

/** Traces of what `work` does lie below the run of the step. */
async function below<T>(parent: string | undefined, work: () => Promise<T>): Promise<T> {
  const context = (globalThis as Record<symbol, unknown>)[CONTEXT] as
    | { run<R>(store: unknown, work: () => R): R }
    | undefined;
  if (parent === undefined || !context) return work();
  const tree = (await runTreesOf(place.module))?.RunTree.fromHeaders({ 'langsmith-trace': parent });
  return tree ? context.run(tree, work) : work();
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
