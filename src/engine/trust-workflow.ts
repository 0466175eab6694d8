/** Allows what a version of an imported workflow uses: by somebody with the right, for exactly what was shown. */
import { PointsmanError } from '../contract/errors.ts';
import type { WorkflowRecord, WorkflowVersionRecord } from '../ports/store/workflows.ts';
import type { Actor, EngineContext } from './engine-context.ts';
import { workflowView } from './save-workflow.ts';
import { trustView } from './workflow-trust.ts';

export interface TrustWorkflow {
  workflow: WorkflowRecord;
  version: WorkflowVersionRecord;
  newest: WorkflowVersionRecord;
  /** Of what the person was shown. */
  hash: string;
  by: Actor;
}

/** Allowed for good; who allowed what is in the audit log. Returns the workflow as it is now. */
export async function trustWorkflow(
  context: EngineContext,
  { workflow, version, newest, hash, by }: TrustWorkflow,
): Promise<WorkflowRecord> {
  const shown = trustView(workflow, version);
  if (shown.hash !== hash) throw new PointsmanError('WORKFLOW_USES_CHANGED');
  if (shown.trusted) return workflow;
  return context.store.transaction(async (transaction) => {
    const content = { hash, at: context.clock.now().toISOString(), by: by.name };
    const trusted = await transaction.workflows.trust(workflow.id, content);
    if (!trusted) throw new PointsmanError('WORKFLOW_NOT_FOUND');
    await transaction.identity.audit({
      actor: by.name,
      action: 'workflow.trust',
      subject: workflow.id,
      detail: { version: version.version, hash },
    });
    transaction.publish({ topic: 'workflows', event: 'workflow.changed', data: workflowView(trusted, newest) });
    return trusted;
  });
}
