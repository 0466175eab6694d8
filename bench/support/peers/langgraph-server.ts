/**
 * The server that `langgraphjs dev` starts, with as many workers as that gives it, and a graph of one node that adds one.
 * `POST /runs/wait` answers the state of the graph. Arguments: where its packages are installed, its data folder.
 */
import { symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const WORKERS = 10; // what `langgraphjs dev` takes where nothing is said

/** The part of its API that we use. */
interface LangGraphApi {
  startServer(options: {
    port: number;
    host: string;
    nWorkers: number;
    cwd: string;
    graphs: Record<string, string>;
  }): Promise<{ host: string }>;
}

const [directory = '', cwd = ''] = process.argv.slice(2);
process.env['LOG_LEVEL'] = 'error';

// The graph and the server have to share one @langchain/langgraph, so the graph finds the packages of the server.
symlinkSync(path.join(directory, 'node_modules'), path.join(cwd, 'node_modules'));
writeFileSync(
  path.join(cwd, 'graph.mjs'),
  `import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
export const graph = new StateGraph(Annotation.Root({ count: Annotation() }))
  .addNode('one', ({ count }) => ({ count: count + 1 }))
  .addEdge(START, 'one')
  .addEdge('one', END)
  .compile();
`,
);

const server = createRequire(path.join(directory, 'package.json')).resolve('@langchain/langgraph-api/server');
const { startServer } = (await import(pathToFileURL(server).href)) as LangGraphApi;
const { host } = await startServer({
  port: 0,
  host: '127.0.0.1',
  nWorkers: WORKERS,
  cwd,
  graphs: { count: './graph.mjs:graph' },
});
console.log(host.split(':').at(-1));
