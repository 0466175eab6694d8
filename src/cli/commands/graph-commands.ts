/** graphs. */
import type { Command } from 'commander';
import type { CommonOptions } from '../session.ts';
import { type Act, declare } from './declare.ts';

export function declareGraphCommands(program: Command, act: Act): void {
  declare(program, {
    name: 'graphs',
    summary: 'List the LangGraph graphs that workflows can run.',
    about: 'They are registered in pointsman.yaml, under `graphs`.',
    examples: ['pointsman graphs'],
  }).action(
    act(async (io, options: CommonOptions) => await (await import('../actions/graphs.ts')).listGraphs(io, options)),
  );
}
