/** What an entry of the audit is about, as people know it. */
import type { AuditEntry } from '../../../src/contract/audit.ts';
import { shortened } from '../ui/shortened.ts';

/** A page that shows it. */
export type SubjectPlace = { page: 'agent' | 'execution' | 'workflow' | 'inbox'; id: string };

export interface AuditSubject {
  /** Null where nothing but the id is known. */
  name: string | null;
  place: SubjectPlace | null;
  /** What was decided, where something was asked. */
  decision: string | null;
}

/** Names of what there is now, by id; what was removed since has only the name that its entry kept. */
export type KnownNames = ReadonlyMap<string, string>;

const PAGES: Record<string, SubjectPlace['page']> = {
  agent: 'agent',
  seat: 'agent',
  execution: 'execution',
  workflow: 'workflow',
  inbox: 'inbox',
};
/** In characters: what fits into a line; the opened entry has all of it. */
const LENGTH = 120;
const GONE = new Set(['agent.remove', 'workflow.remove']);

export function auditSubject({ action, subject, detail }: AuditEntry, names: KnownNames): AuditSubject {
  const place = placeOf(action, subject, detail);
  const named = textAt(detail, 'name') ?? textAt(detail, 'title') ?? asked(detail);
  const name = named ?? (place && names.get(place.id)) ?? null;
  return {
    name: name && shortened(name.split('\n')[0] ?? '', LENGTH),
    place,
    decision: textAt(detail, 'decision'),
  };
}

function placeOf(action: string, subject: string, detail: unknown): SubjectPlace | null {
  if (GONE.has(action)) return null;
  const kind = action.split('.')[0] ?? '';
  const page = PAGES[kind];
  if (page) return { page, id: subject };
  const agentId = kind === 'task' ? textAt(detail, 'agentId') : null;
  if (agentId) return { page: 'agent', id: agentId };
  const workflowId = kind === 'trigger' ? textAt(detail, 'workflowId') : null;
  return workflowId ? { page: 'workflow', id: workflowId } : null;
}

/** What somebody was asked: the title of an approval, or the tool and what it was to do. */
function asked(detail: unknown): string | null {
  const payload = fieldOf(detail, 'payload');
  const tool = textAt(payload, 'tool');
  const what = textAt(payload, 'command') ?? textAt(fieldOf(payload, 'input'), 'file_path');
  return textAt(payload, 'title') ?? (tool && what ? `${tool}: ${what}` : tool);
}

function textAt(value: unknown, field: string): string | null {
  const found = fieldOf(value, field);
  return typeof found === 'string' && found !== '' ? found : null;
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined;
}
