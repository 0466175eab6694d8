/** `pointsman status`: who works, who is blocked, and what waits for a person, at a glance. */
import type { Agent, AgentStatus } from '../../contract/agents.ts';
import { type Execution, ExecutionStatus, FINISHED_EXECUTION } from '../../contract/executions.ts';
import type { CommandIo } from '../command-io.ts';
import { statusColour } from '../output/paint.ts';
import { dollars } from '../output/quantities.ts';
import type { Printer } from '../output/printer.ts';
import { type CommonOptions, openSession } from '../session.ts';
import { inboxTable } from './inbox.ts';

/** Those who need a person first, then those at work. */
const AGENTS: readonly AgentStatus[] = [
  'blocked',
  'waiting_input',
  'crashed',
  'auth_failed',
  'rate_limited',
  'no_signal',
  'working',
  'starting',
  'idle',
  'stopped',
];
const EXECUTIONS = ExecutionStatus.options.filter((status) => !FINISHED_EXECUTION.includes(status));
/** As many as a look takes in; the rest is in `pointsman inbox`. */
const ITEMS_SHOWN = 10;

export async function showStatus(io: CommandIo, options: CommonOptions): Promise<void> {
  const { api, print } = openSession(io, options);
  const [agents, executions, inbox, incidents, usage] = await Promise.all([
    api.list('listAgents', {}),
    api.list('listExecutions', { query: { status: EXECUTIONS.join(',') } }),
    api.list('listInbox', { query: { state: 'open' } }),
    api.list('listIncidents', { query: { open: 'true' } }),
    api.call('getUsage', { query: { by: 'day', ...today() } }),
  ]);
  const counts = { agents: countBy(agents.items, AGENTS), executions: countBy(executions.items, EXECUTIONS) };
  if (options.json)
    return print.json({
      ...counts,
      inbox: inbox.items.length,
      incidents: incidents.items.length,
      costToday: usage.total.cost,
    });
  const open = incidents.items.length;
  for (const [name, said] of [
    ['Agents', inWords(counts.agents, print) || 'none'],
    ['Executions', inWords(counts.executions, print) || 'none under way'],
    ['Incidents', open === 0 ? 'none open' : print.paint('red', `${open} open`)],
    ['Cost today', dollars(usage.total.cost)],
    ['Inbox', inbox.items.length === 0 ? 'nothing waits for you' : `${inbox.items.length} for you`],
  ] as const)
    print.line(`${print.paint('dim', name.padEnd(10))}  ${said}`);
  if (inbox.items.length === 0) return;
  print.line();
  inboxTable(print, inbox.items.slice(0, ITEMS_SHOWN));
  if (inbox.items.length > ITEMS_SHOWN) print.note('See the others with `pointsman inbox`.');
}

/** How many have each status, without those that nobody has. */
function countBy<S extends Agent['status'] | Execution['status']>(
  items: readonly { status: S }[],
  statuses: readonly S[],
): Partial<Record<S, number>> {
  const counts: Partial<Record<S, number>> = {};
  for (const status of statuses) {
    const count = items.filter((item) => item.status === status).length;
    if (count > 0) counts[status] = count;
  }
  return counts;
}

function inWords(counts: Partial<Record<string, number>>, print: Printer): string {
  return Object.entries(counts)
    .map(([status, count]) => print.paint(statusColour(status), `${count} ${status.replaceAll('_', ' ')}`))
    .join(', ');
}

function today(): { from: string; to: string } {
  const day = new Date().toISOString().slice(0, 10);
  return { from: day, to: day };
}
