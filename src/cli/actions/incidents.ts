/** `pointsman incidents`: what went wrong, who looks after it, and how it ended. */
import type { Incident, IncidentSummary } from '../../contract/incidents.ts';
import type { CommandIo } from '../command-io.ts';
import { findIncident } from '../find-named.ts';
import { printable } from '../output/printable-text.ts';
import { ago } from '../output/quantities.ts';
import { shortIds } from '../output/short-ids.ts';
import { type CommonOptions, openSession } from '../session.ts';

export interface ListIncidentsOptions extends CommonOptions {
  limit?: number;
  /** Also those that are over. */
  all?: boolean;
}

export async function listIncidents(io: CommandIo, options: ListIncidentsOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const { items, more } = await api.list(
    'listIncidents',
    { query: options.all ? {} : { open: 'true' as const } },
    options.limit,
  );
  if (options.json) return print.json(items);
  const short = shortIds(items.map((incident) => incident.id));
  print.table<IncidentSummary>(
    [
      { title: 'ID', value: (incident) => short(incident.id) },
      {
        title: 'STATE',
        value: (incident) => incident.state,
        paint: (cell, incident) => print.paint(incident.state === 'alert' ? 'red' : 'bold', cell),
      },
      { title: 'CLASS', value: (incident) => incident.class },
      { title: 'COUNT', value: (incident) => String(incident.count) },
      { title: 'SINCE', value: (incident) => ago(incident.openedAt) },
      { title: 'TAKEN BY', value: (incident) => printable(incident.takenBy ?? '') },
      { title: 'WHAT', value: (incident) => printable(incident.title), shrinks: true },
    ],
    items,
    options.all ? 'There are no incidents.' : 'Nothing is wrong.',
  );
  if (more) print.note('There are more; raise --limit.');
}

export async function showIncident(io: CommandIo, options: CommonOptions & { incident: string }): Promise<void> {
  const { api, print } = openSession(io, options);
  const incident = await findIncident(api, options.incident);
  if (options.json) return print.json(incident);
  print.line(print.paint('bold', printable(incident.title)));
  print.fields([
    ['id', incident.id],
    ['state', incident.state],
    ['class', `${incident.class}: ${printable(incident.rule)}`],
    ['detail', printable(incident.detail)],
    ['count', String(incident.count)],
    ['since', ago(incident.openedAt)],
    ['last seen', ago(incident.lastSeenAt)],
    ['over', incident.closedAt && ago(incident.closedAt)],
    ['taken by', incident.takenBy && printable(incident.takenBy)],
    ['note', incident.resolution && printable(`${incident.resolution.note} (${incident.resolution.by})`)],
    ['agent', incident.agentId],
    ['workflow', incident.workflowId],
    ['execution', incident.executionId],
    ['step', incident.stepId],
  ]);
  print.line();
  print.table<Incident['history'][number]>(
    [
      { title: 'WHEN', value: ({ at }) => ago(at) },
      { title: 'BECAME', value: ({ to }) => to },
      { title: 'BY', value: ({ by }) => printable(by) },
      { title: 'WHY', value: ({ reason }) => printable(reason), shrinks: true },
    ],
    incident.history,
    'It has no history.',
  );
}

export async function takeIncident(io: CommandIo, options: CommonOptions & { incident: string }): Promise<void> {
  const { api, print } = openSession(io, options);
  const { id } = await findIncident(api, options.incident);
  const taken = await api.call('takeIncident', { params: { id } });
  if (options.json) return print.json(taken);
  print.line(`You look into it: ${printable(taken.title)}`);
}

export async function resolveIncident(
  io: CommandIo,
  { incident, note, ...options }: CommonOptions & { incident: string; note: string },
): Promise<void> {
  const { api, print } = openSession(io, options);
  const { id } = await findIncident(api, incident);
  const resolved = await api.call('resolveIncident', { params: { id }, body: { note } });
  if (options.json) return print.json(resolved);
  print.line(`It is over: ${printable(resolved.title)}`);
}
