/** Finds what a person names: agents and workflows by name or id, executions and inbox items by id or part of one. */
import type { Agent } from '../contract/agents.ts';
import { type ErrorCode, isPointsmanError, PointsmanError } from '../contract/errors.ts';
import type { Execution } from '../contract/executions.ts';
import type { InboxItem } from '../contract/inbox.ts';
import { isId, namesId } from '../contract/written-ids.ts';
import type { Incident } from '../contract/incidents.ts';
import type { Trigger } from '../contract/triggers.ts';
import type { Workflow } from '../contract/workflows.ts';
import type { ApiClient } from './api-client.ts';
import { shortIds } from './output/short-ids.ts';
import { UsageError } from './usage-error.ts';

/** The beginning of an id as the command line prints it, or its end as the web app shows it. */
const ID_PART = /^[0-9a-f][0-9a-f-]{3,35}$/i;
/** How far back a part is looked for; beyond it the whole id is asked for. */
const NEWEST = 2000;
const NAMES_SHOWN = 15;

export async function findAgent(api: ApiClient, name: string): Promise<Agent> {
  const byId = await whenUuid(name, 'AGENT_NOT_FOUND', (id) => api.call('getAgent', { params: { id } }));
  if (byId) return byId;
  const { items } = await api.list('listAgents', {});
  return pickByName(items, name, { thing: 'agent', notFound: 'AGENT_NOT_FOUND' });
}

export async function findWorkflow(api: ApiClient, name: string): Promise<Workflow> {
  const byId = await whenUuid(name, 'WORKFLOW_NOT_FOUND', (id) => api.call('getWorkflow', { params: { id } }));
  if (byId) return byId;
  const { items } = await api.list('listWorkflows', {});
  return pickByName(items, name, { thing: 'workflow', notFound: 'WORKFLOW_NOT_FOUND' });
}

export async function pickTrigger(api: ApiClient, part: string): Promise<Trigger> {
  const { items } = await api.list('listTriggers', {}, NEWEST);
  return pickById(items, part, { thing: 'trigger', notFound: 'TRIGGER_NOT_FOUND' });
}

export async function findExecution(api: ApiClient, part: string): Promise<Execution> {
  if (isId(part.toLowerCase())) return await api.call('getExecution', { params: { id: part.toLowerCase() } });
  const { items } = await api.list('listExecutions', {}, NEWEST);
  const { id } = pickById(items, part, { thing: 'execution', notFound: 'EXECUTION_NOT_FOUND' });
  return await api.call('getExecution', { params: { id } }); // entries of the list have no steps
}

export async function findInboxItem(api: ApiClient, part: string): Promise<InboxItem> {
  if (isId(part.toLowerCase())) return await api.call('getInboxItem', { params: { id: part.toLowerCase() } });
  const named = { thing: 'inbox item', notFound: 'INBOX_ITEM_NOT_FOUND' } as const;
  const { items: open } = await api.list('listInbox', { query: { state: 'open' } });
  if (open.some((item) => namesId(part, item.id))) return pickById(open, part, named);
  const { items } = await api.list('listInbox', {}, NEWEST);
  return pickById(items, part, named);
}

export async function findIncident(api: ApiClient, part: string): Promise<Incident> {
  if (isId(part.toLowerCase())) return await api.call('getIncident', { params: { id: part.toLowerCase() } });
  const { items } = await api.list('listIncidents', {}, NEWEST);
  const { id } = pickById(items, part, { thing: 'incident', notFound: 'INCIDENT_NOT_FOUND' });
  return await api.call('getIncident', { params: { id } });
}

interface Named {
  thing: string;
  notFound: ErrorCode;
}

/** Exact name, else the only one that differs in capitals, else the only one whose id begins or ends like this. */
export function pickByName<T extends { id: string; name: string }>(
  items: readonly T[],
  name: string,
  { thing, notFound }: Named,
): T {
  const lower = name.toLowerCase();
  const tiers = [
    items.filter((item) => item.name === name),
    items.filter((item) => item.name.toLowerCase() === lower),
    ID_PART.test(name) ? items.filter((item) => namesId(name, item.id)) : [],
  ];
  const found = tiers.find((tier) => tier.length > 0) ?? [];
  if (found.length > 1) throw ambiguous(`${found.length} ${thing}s are called “${name}”`, found);
  if (found[0]) return found[0];
  const names = items.slice(0, NAMES_SHOWN).map((item) => item.name);
  const others = items.length > NAMES_SHOWN ? `, and ${items.length - NAMES_SHOWN} more` : '';
  const known = names.length > 0 ? ` There are: ${names.join(', ')}${others}.` : ` There are no ${thing}s yet.`;
  throw new PointsmanError(notFound, { detail: `There is no ${thing} “${name}”.${known}` });
}

export function pickById<T extends { id: string }>(items: readonly T[], part: string, { thing, notFound }: Named): T {
  if (!ID_PART.test(part))
    throw new UsageError(
      `“${part}” is not an id.`,
      `Give the id of the ${thing}, or a part of it: its first four or more characters, or its last six.`,
    );
  const found = items.filter((item) => namesId(part, item.id));
  if (found.length > 1)
    throw ambiguous(`${found.length} ${thing}s have an id that begins or ends with “${part}”`, found);
  if (found[0]) return found[0];
  throw new PointsmanError(notFound, { detail: `No ${thing} has an id that begins or ends with “${part}”.` });
}

async function whenUuid<T>(text: string, notFound: ErrorCode, get: (id: string) => Promise<T>): Promise<T | undefined> {
  if (!isId(text.toLowerCase())) return undefined;
  try {
    return await get(text.toLowerCase());
  } catch (error) {
    // It may still be a name, odd as that would be.
    if (isPointsmanError(error, notFound)) return undefined;
    throw error;
  }
}

function ambiguous(what: string, found: readonly { id: string }[]): UsageError {
  const short = shortIds(found.map((item) => item.id));
  const shown = found.slice(0, NAMES_SHOWN).map((item) => short(item.id));
  return new UsageError(`${what}: ${shown.join(', ')}${found.length > shown.length ? ', …' : ''}.`, 'Name it by id.');
}
