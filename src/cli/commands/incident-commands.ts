/** incidents. */
import type { Command } from 'commander';
import type { ListIncidentsOptions } from '../actions/incidents.ts';
import type { CommonOptions } from '../session.ts';
import { type Act, declare, declareGroup } from './declare.ts';
import { wholeNumber } from './option-values.ts';

export function declareIncidentCommands(program: Command, act: Act): void {
  const incidents = declareGroup(program, {
    name: 'incidents',
    summary: 'See what went wrong, take it, and say how it ended.',
    about: 'An incident is named by its id or the beginning of it. Without a command: ls.',
    examples: ['pointsman incidents', 'pointsman incidents resolve 0199a1b2 --note "signed in again"'],
  });
  declare(incidents, {
    name: 'ls',
    summary: 'List what is wrong, newest first.',
    examples: ['pointsman incidents ls --all'],
  })
    .option('--all', 'also what is over')
    .option('--limit <number>', 'at most so many', wholeNumber, 50)
    .action(
      act(
        async (io, options: ListIncidentsOptions) =>
          await (await import('../actions/incidents.ts')).listIncidents(io, options),
      ),
    );
  declare(incidents, {
    name: 'show <incident>',
    summary: 'Show an incident whole, with its history.',
    examples: ['pointsman incidents show 0199a1b2'],
  }).action(
    act(
      async (io, incident: string, options: CommonOptions) =>
        await (await import('../actions/incidents.ts')).showIncident(io, { ...options, incident }),
    ),
  );
  declare(incidents, {
    name: 'take <incident>',
    summary: 'Look into an incident that alerts; others see that you do.',
    examples: ['pointsman incidents take 0199a1b2'],
  }).action(
    act(
      async (io, incident: string, options: CommonOptions) =>
        await (await import('../actions/incidents.ts')).takeIncident(io, { ...options, incident }),
    ),
  );
  declare(incidents, {
    name: 'resolve <incident>',
    summary: 'Say that an incident is over.',
    examples: ['pointsman incidents resolve 0199a1b2 --note "signed in again"'],
  })
    .requiredOption('--note <text>', 'what it was, or what was done; it is kept')
    .action(
      act(
        async (io, incident: string, options: CommonOptions & { note: string }) =>
          await (await import('../actions/incidents.ts')).resolveIncident(io, { ...options, incident }),
      ),
    );
}
