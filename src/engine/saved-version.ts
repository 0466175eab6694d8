/** Versions of saved workflows that can be executed, by id and number or as another workflow names them. */
import { PointsmanError } from '../contract/errors.ts';
import type { WorkflowDocument } from '../contract/workflow-document.ts';
import type { WorkflowRecord, WorkflowVersionRecord } from '../ports/store/workflows.ts';
import type { EngineContext } from './engine-context.ts';
import { requireStillValid } from './save-workflow.ts';
import { requireTrusted } from './workflow-trust.ts';

export interface NamedVersion {
  workflowId: string;
  version: number;
  document: WorkflowDocument;
}

/** Without a number the live one. What it names outside of itself may be gone since it was saved, so it is checked once more. */
export async function savedVersion(
  context: Pick<EngineContext, 'store'>,
  { workflowId, version: wanted }: { workflowId: string; version?: number | undefined },
): Promise<NamedVersion> {
  const found = await context.store.workflows.withVersion(workflowId, wanted ?? 'live');
  if (!found) throw new PointsmanError('WORKFLOW_NOT_FOUND');
  const { workflow, version } = found;
  if (wanted === undefined && workflow.liveVersion === null)
    throw new PointsmanError('WORKFLOW_DRAFT', { detail: `The workflow “${workflow.name}” is only a draft so far.` });
  if (!version) throw new PointsmanError('WORKFLOW_NOT_FOUND', { detail: `There is no version ${wanted} of it.` });
  if (version.draft) throw new PointsmanError('WORKFLOW_DRAFT', { problems: version.problems });
  requireTrusted(workflow, version.document);
  return { workflowId, version: version.version, document: await requireStillValid(context, version.document) };
}

/** By id or name; without a version the live one. */
export async function namedVersion(
  context: Pick<EngineContext, 'store'>,
  { workflow: wanted, version }: { workflow: string; version?: number },
): Promise<NamedVersion> {
  const [first, second] = await named(context, wanted);
  if (!first) throw new PointsmanError('WORKFLOW_NOT_FOUND', { detail: `There is no workflow “${wanted}”.` });
  if (second)
    throw new PointsmanError('WORKFLOW_NOT_FOUND', {
      detail: `There are several workflows “${wanted}”; name the one you mean by its id.`,
    });
  return savedVersion(context, { workflowId: first.id, version });
}

/** What `namedVersion` would give, whether it may be executed or not; null when there is not exactly one. */
export async function findVersion(
  context: Pick<EngineContext, 'store'>,
  { workflow: wanted, version }: { workflow: string; version?: number },
): Promise<WorkflowVersionRecord | null> {
  const [first, second] = await named(context, wanted);
  if (!first || second) return null;
  return (await context.store.workflows.withVersion(first.id, version ?? 'live'))?.version ?? null;
}

async function named({ store }: Pick<EngineContext, 'store'>, wanted: string): Promise<WorkflowRecord[]> {
  const byId = /^[0-9a-f-]{36}$/.test(wanted) ? await store.workflows.get(wanted) : null;
  return byId ? [byId] : store.workflows.named(wanted);
}
