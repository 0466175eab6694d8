/** mcp. */
import type { Command } from 'commander';
import type { CommonOptions } from '../session.ts';
import { type Act, declare } from './declare.ts';

export function declareAssistantCommand(program: Command, act: Act): void {
  declare(program, {
    name: 'mcp',
    summary: 'Give an assistant of yours this Pointsman as tools (MCP on standard input and output).',
    about:
      'The assistant may do what your token may: see agents and workflows, send tasks, run workflows, answer the inbox. Give it a token of its own with `pointsman tokens create` and POINTSMAN_TOKEN to limit that.',
    examples: ['claude mcp add pointsman -- pointsman mcp'],
    withoutJson: true,
  }).action(
    act(
      async (io, options: CommonOptions) => await (await import('../actions/assistant.ts')).serveAssistant(io, options),
    ),
  );
}
