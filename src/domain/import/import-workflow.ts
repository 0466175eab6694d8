/**
 * Another tool's workflow as a document of ours, with an account of what has a counterpart and what has none. Pure: it
 * reads, and starts and fetches nothing, whatever it is given.
 */
import type { ImportFormat, ImportReport } from '../../contract/workflow-import.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { looksLikeAgentBuilder, importAgentBuilder } from './agent-builder/import-graph.ts';
import { importAgentCode } from './agent-builder/import-code.ts';
import { looksLikeAgentCode } from './agent-builder/agent-code.ts';
import { ABOUT_AGENTS } from './any-agent.ts';
import { importFlowise, looksLikeFlowise } from './flowise/import-flowise.ts';
import {
  at,
  FOREIGN_MAX_LENGTH,
  type Foreign,
  foreignCopy,
  ForeignDataError,
  list,
  record,
  shortened,
} from './foreign-value.ts';
import type { Drafted } from './import-draft.ts';
import { importLanggraph, looksLikeLanggraph } from './langgraph.ts';
import { importN8n } from './n8n/import-n8n.ts';

export type ImportOutcome =
  | { outcome: 'imported'; format: ImportFormat; document: Record<string, unknown>; report: ImportReport }
  | { outcome: 'unreadable'; why: string };

/** `source` is text, or data. `name` names the document, whatever its own name was. */
export function importWorkflow(source: unknown, { name }: { name?: string | undefined } = {}): ImportOutcome {
  try {
    const drafted = typeof source === 'string' ? ofText(source) : ofData(source);
    if ('why' in drafted) return { outcome: 'unreadable', why: drafted.why };
    const { format, document, report } = drafted;
    if (list(document['nodes']).length === 0)
      return { outcome: 'unreadable', why: `It is a workflow of ${format} without a node that does anything.` };
    if (format !== 'pointsman' && JSON.stringify(document['nodes']).includes('"capability":"general"'))
      report.notes.push(ABOUT_AGENTS);
    return {
      outcome: 'imported',
      format,
      report,
      document: name === undefined ? document : { ...document, name: shortened(name) },
    };
  } catch (error) {
    if (error instanceof ForeignDataError) return { outcome: 'unreadable', why: error.message };
    // Deep nesting that gets past the limits ends as this, and nothing else does.
    if (error instanceof RangeError) return { outcome: 'unreadable', why: 'It is nested too deep.' };
    throw error;
  }
}

type Found = ({ format: ImportFormat } & Drafted) | { why: string };
const UNKNOWN = {
  why: 'It is no workflow of n8n, Flowise, LangGraph or Agent Builder, and no document of Pointsman.',
};

function ofText(source: string): Found {
  if (source.length > FOREIGN_MAX_LENGTH)
    return { why: `It has ${source.length} characters; at most ${FOREIGN_MAX_LENGTH} are read.` };
  const text = source.replace(/^\uFEFF/, '');
  if (/^\s*[[{]/.test(text)) {
    try {
      return ofData(JSON.parse(text));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  if (looksLikeAgentCode(text)) return { format: 'agent-builder', ...importAgentCode(text) };
  const { value, problems } = parseWorkflow(text);
  const [problem] = problems;
  if (value === undefined) return { why: problem?.message ?? 'It holds nothing.' };
  return ofData(value);
}

function ofData(source: unknown): Found {
  const copied = foreignCopy(source);
  const value = workflowIn(copied);
  const format = formatOf(value);
  if (format === undefined) return UNKNOWN;
  const drafted = READERS[format](value);
  if (Array.isArray(copied) && copied.length > 1)
    drafted.report.notes.push(`It holds ${copied.length} workflows; this is the first.`);
  return { format, ...drafted };
}

/** Exports wrap a workflow, or several, in one more layer. */
function workflowIn(value: unknown): Foreign {
  const own = record(Array.isArray(value) ? (value as unknown[])[0] : value);
  if (Array.isArray(own['nodes'])) return own;
  for (const layer of ['workflow', 'graph', 'data', 'definition']) {
    const inner = record(own[layer]);
    if (Array.isArray(inner['nodes'])) return { name: own['name'], ...inner };
    if (Array.isArray(at(inner, 'graph', 'nodes'))) return { name: own['name'], ...record(inner['graph']) };
  }
  return own;
}

/** What it is, by its shape; nothing of it is believed besides. */
export function formatOf(value: Foreign): ImportFormat | undefined {
  if (!Array.isArray(value['nodes'])) return undefined;
  if (value['pointsman'] !== undefined) return 'pointsman';
  const connections = value['connections'];
  if (connections !== null && typeof connections === 'object' && !Array.isArray(connections)) return 'n8n';
  if (looksLikeFlowise(value)) return 'flowise';
  if (looksLikeLanggraph(value)) return 'langgraph';
  if (looksLikeAgentBuilder(value)) return 'agent-builder';
  const [node] = list(value['nodes']).map(record);
  return node && typeof node['id'] === 'string' && typeof node['type'] === 'string' && node['data'] === undefined
    ? 'pointsman'
    : undefined;
}

const READERS: Readonly<Record<ImportFormat, (value: Foreign) => Drafted>> = {
  pointsman: (value) => ({ document: { ...value }, report: { mapped: [], unmapped: [], notes: [] } }),
  n8n: importN8n,
  flowise: importFlowise,
  langgraph: importLanggraph,
  'agent-builder': importAgentBuilder,
};
