/** Saves a workflow document: validated, as a new immutable version, taken apart for queries. */
import { PointsmanError } from '../contract/errors.ts';
import type { Problem } from '../contract/problem.ts';
import type { ImportFormat } from '../contract/workflow-import.ts';
import { type MapConfig, type WorkflowDocument, workflowName } from '../contract/workflow-document.ts';
import type { Workflow } from '../contract/workflows.ts';
import { parseWorkflow } from '../domain/workflow/parse-workflow.ts';
import { validateWorkflow } from '../domain/workflow/validate-workflow.ts';
import type { WorkflowParts, WorkflowRecord, WorkflowVersionRecord } from '../ports/store/workflows.ts';
import type { Actor, EngineContext } from './engine-context.ts';
import { syncTriggers } from './triggers/sync-triggers.ts';
import { isTrusted } from './workflow-trust.ts';

export interface CheckedDocument {
  valid: boolean;
  problems: Problem[];
  document: WorkflowDocument | undefined;
}

/** Starts nothing, whatever it is given. */
export async function checkDocument(
  context: Pick<EngineContext, 'store' | 'graphs'>,
  source: unknown,
): Promise<CheckedDocument> {
  const { store } = context;
  if (namesNobody(source)) return { document: undefined, ...validateWorkflow(source) };
  const [agents, channels] = await Promise.all([store.agents.list(), store.channels.list()]);
  const known = {
    agents: agents.map(({ id, name, capabilities }) => ({ id, name, capabilities })),
    channels: channels.map(({ name }) => name),
    ...(context.graphs ? { graphs: context.graphs } : {}),
  };
  const { valid, problems, document } = validateWorkflow(source, known);
  if (document && !startsWorkflows(document)) return { valid, problems, document };
  const checked = validateWorkflow(source, { ...known, workflows: await store.workflows.names() });
  return { valid: checked.valid, problems: checked.problems, document: checked.document };
}

/** Nodes of these types refer to nothing outside of their document, so nothing needs to be read to check them. */
const SELF_CONTAINED = new Set(['condition', 'transform', 'wait', 'approval', 'shell', 'http']);

function namesNobody(source: unknown): boolean {
  const { nodes, triggers } = (typeof source === 'object' && source !== null ? source : {}) as Record<string, unknown>;
  // They may listen to agents and workflows.
  if (triggers !== undefined) return false;
  const type = (node: unknown) => (node as { type?: unknown } | null)?.type;
  return Array.isArray(nodes) && nodes.every((node) => SELF_CONTAINED.has(String(type(node))));
}

/** The names of all workflows are read only for a document that refers to some. */
function startsWorkflows({ nodes, triggers = [] }: WorkflowDocument): boolean {
  const starts = (node: { type: string; config?: unknown }): boolean => {
    if (node.type === 'workflow') return true;
    const { node: inner, workflow } = (node.type === 'map' ? node.config : {}) as Partial<MapConfig>;
    return workflow !== undefined || (inner !== undefined && starts(inner));
  };
  return nodes.some(starts) || triggers.some((trigger) => 'workflow' in trigger);
}

export async function requireValid(
  context: Pick<EngineContext, 'store' | 'graphs'>,
  source: unknown,
): Promise<WorkflowDocument> {
  const { valid, problems, document } = await checkDocument(context, source);
  if (!valid || !document) throw new PointsmanError('WORKFLOW_INVALID', { detail: summary(problems), problems });
  return document;
}

/** Of a document that was valid when it was stored: only what it names outside of itself can have changed since. */
export async function requireStillValid(
  context: Pick<EngineContext, 'store' | 'graphs'>,
  stored: WorkflowVersionRecord['document'],
): Promise<WorkflowDocument> {
  return namesNobody(stored) ? (stored as unknown as WorkflowDocument) : requireValid(context, stored);
}

export interface SaveWorkflow {
  source: unknown;
  draft: boolean;
  note?: string | undefined;
  by: Actor;
  /** Of another tool's workflow: it is not executed before somebody has allowed what it uses. */
  importedFrom?: ImportFormat;
  /** Called with the document before anything is stored; throws when this person may not save it. */
  allow: (document: WorkflowDocument) => void;
}

export async function createWorkflow(context: EngineContext, request: SaveWorkflow): Promise<Workflow> {
  const { document, problems, stored } = await check(context, request);
  const now = context.clock.now().toISOString();
  const id = context.ids.next();
  const draft = document === null;
  const workflow: WorkflowRecord = {
    id,
    name: nameOf(stored),
    metadata: metadataOf(stored),
    version: 1,
    liveVersion: draft ? null : 1,
    createdAt: now,
    updatedAt: now,
    createdBy: request.by.name,
    imported:
      request.importedFrom === undefined
        ? null
        : { version: 1, format: request.importedFrom, at: now, by: request.by.name, trusted: [] },
  };
  const version: WorkflowVersionRecord = {
    workflowId: id,
    version: 1,
    document: stored,
    problems,
    draft,
    note: request.note ?? null,
    createdAt: now,
    createdBy: request.by.name,
  };
  const view = workflowView(workflow, version);
  await context.store.transaction(async (transaction) => {
    await transaction.workflows.insert(workflow, version, partsOf(document));
    if (document?.triggers) await syncTriggers(context, transaction, { workflowId: id, triggers: document.triggers });
    transaction.publish({ topic: 'workflows', event: 'workflow.created', data: view });
  });
  return view;
}

export async function updateWorkflow(
  context: EngineContext,
  request: SaveWorkflow & { id: string; expected: number | null },
): Promise<Workflow> {
  const { document, problems, stored } = await check(context, request);
  const version = {
    document: stored,
    problems,
    draft: document === null,
    note: request.note ?? null,
    createdAt: context.clock.now().toISOString(),
    createdBy: request.by.name,
  };
  return context.store.transaction(async (transaction) => {
    const saved = await transaction.workflows.addVersion({
      workflowId: request.id,
      expected: request.expected,
      name: nameOf(stored),
      metadata: metadataOf(stored),
      version,
      parts: partsOf(document),
    });
    if (saved.outcome === 'missing') throw new PointsmanError('WORKFLOW_NOT_FOUND');
    if (saved.outcome === 'conflict')
      throw new PointsmanError('VERSION_CONFLICT', {
        detail: `Version ${request.expected} is not the newest one any more.`,
      });
    if (document) await syncTriggers(context, transaction, { workflowId: request.id, triggers: document.triggers });
    const view = workflowView(saved.workflow, { ...version, workflowId: request.id, version: saved.workflow.version });
    transaction.publish({ topic: 'workflows', event: 'workflow.changed', data: view });
    return view;
  });
}

async function check(
  context: EngineContext,
  { source, draft, allow }: SaveWorkflow,
): Promise<{ document: WorkflowDocument | null; problems: Problem[]; stored: Record<string, unknown> }> {
  const { valid, problems, document } = await checkDocument(context, source);
  if (valid && document) {
    allow(document);
    return { document, problems, stored: document as unknown as Record<string, unknown> };
  }
  const stored = draft ? parseWorkflow(source).value : undefined;
  if (!draft || stored === null || typeof stored !== 'object' || Array.isArray(stored))
    throw new PointsmanError('WORKFLOW_INVALID', { detail: summary(problems), problems });
  allow(commandsIn(stored as Record<string, unknown>));
  return { document: null, problems, stored: stored as Record<string, unknown> };
}

/** Of a draft that is no document yet, the nodes as far as they can be read: what they would command counts already. */
function commandsIn(draft: Record<string, unknown>): WorkflowDocument {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    value !== null && typeof value === 'object' && !Array.isArray(value);
  const nodes = (Array.isArray(draft['nodes']) ? (draft['nodes'] as unknown[]) : []).filter(isObject);
  // Only types and configs are looked at; a config that is no object has nothing to look at.
  return {
    nodes: nodes.map((node) => ({ ...node, config: isObject(node['config']) ? node['config'] : {} })),
  } as unknown as WorkflowDocument;
}

function summary(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const first = errors[0];
  return first
    ? `${first.message}${errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''}`
    : 'The document is not a workflow.';
}

export function workflowView(workflow: WorkflowRecord, newest: WorkflowVersionRecord): Workflow {
  const { imported, ...rest } = workflow;
  return {
    ...rest,
    draft: newest.draft,
    document: newest.document,
    problems: newest.problems,
    imported: imported && {
      format: imported.format,
      at: imported.at,
      by: imported.by,
      trusted: isTrusted(workflow, newest.document),
    },
  };
}

function nameOf(document: Record<string, unknown>): string {
  const name = document['name'];
  return workflowName({ name: typeof name === 'string' ? name : undefined, metadata: metadataOf(document) } as Pick<
    WorkflowDocument,
    'name' | 'metadata'
  >);
}

function metadataOf(document: Record<string, unknown>): Record<string, unknown> {
  const metadata = document['metadata'];
  return metadata !== null && typeof metadata === 'object' && !Array.isArray(metadata)
    ? (metadata as Record<string, unknown>)
    : {};
}

function partsOf(document: WorkflowDocument | null): WorkflowParts {
  if (!document) return { nodes: [], edges: [] };
  return {
    nodes: document.nodes.map((node) => {
      const { id, type, config, ...options } = node;
      return { name: id, type, position: document.layout?.[id] ?? null, data: options, config: config ?? {} };
    }),
    edges: (document.edges ?? []).map(({ from, to, ...conditions }) => ({ from, to, conditions })),
  };
}
