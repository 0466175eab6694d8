/** A foreign workflow as it is imported, for tests: with its document, its nodes by id, and what would make it invalid. */
import type { WorkflowDocument } from '../../../contract/workflow-document.ts';
import { validateWorkflow } from '../../workflow/validate-workflow.ts';
import { importWorkflow } from '../import-workflow.ts';

export function imported(source: unknown) {
  const result = importWorkflow(source);
  if (result.outcome !== 'imported') throw new Error(result.why);
  const document = result.document as unknown as WorkflowDocument;
  const node = (id: string) => document.nodes.find((each) => each.id === id);
  const { problems } = validateWorkflow(result.document);
  return { ...result, document, node, errors: problems.filter(({ severity }) => severity === 'error') };
}
