/** `pointsman graphs`: what nodes of type `langgraph` can run. */
import type { RegisteredGraph } from '../../contract/graphs.ts';
import type { CommandIo } from '../command-io.ts';
import { type CommonOptions, openSession } from '../session.ts';

export async function listGraphs(io: CommandIo, options: CommonOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const graphs = await api.call('listGraphs', {});
  if (options.json) return print.json(graphs);
  print.table<RegisteredGraph>(
    [
      { title: 'NAME', value: (graph) => graph.name },
      { title: 'STATUS', value: (graph) => graph.status },
      { title: 'NODES', value: (graph) => (graph.nodes ?? []).join(', '), shrinks: true },
      { title: 'ABOUT', value: (graph) => graph.problem ?? graph.description ?? '', shrinks: true },
    ],
    graphs,
    'No graphs are registered. An administrator names them under `graphs` in pointsman.yaml.',
  );
}
