// Whether outcomes can be pinned to the nodes of a document: each names a node and gives what the node could give.
import type { PinnedOutcomes } from '../../contract/pinned-outcomes.ts';
import type { Problem } from '../../contract/problem.ts';
import type { WorkflowDocument, WorkflowNode } from '../../contract/workflow-document.ts';
import { validateAgainstSchema } from '../output-schema.ts';
import { didYouMean } from './nearest-name.ts';
import { pointer } from './parse-workflow.ts';

/** Problems with paths that begin with `at`; empty when all of them can be pinned. */
export function pinProblems(document: WorkflowDocument, pinned: PinnedOutcomes, at = '/pinned'): Problem[] {
  const nodes = new Map(document.nodes.map((node) => [node.id, node]));
  return Object.entries(pinned).flatMap(([id, outcomes]): Problem[] => {
    const path = `${at}${pointer([id])}`;
    const node = nodes.get(id);
    if (!node) {
      const message = `There is no node ${id}.${didYouMean(id, nodes.keys())}`;
      return [{ path, code: 'UNKNOWN_NODE', message, severity: 'error' }];
    }
    const listed = Array.isArray(outcomes) ? outcomes : [outcomes];
    return listed.flatMap((outcome, index) => {
      const place = Array.isArray(outcomes) ? `${path}/${index}/output` : `${path}/output`;
      return 'error' in outcome ? [] : outputProblems(node, outcome.output, place);
    });
  });
}

/** An output that the node can never give would only show how the rest reads what never comes. */
function outputProblems(node: WorkflowNode, output: unknown, path: string): Problem[] {
  return findings().map((problem) => ({ ...problem, nodeId: node.id }));

  function findings(): Problem[] {
    if (node.type === 'agent' && typeof node.config.output === 'object')
      return validateAgainstSchema(node.config.output, fieldOf(output, 'data'), `${path}/data`);
    const decision = fieldOf(output, 'decision');
    if (node.type === 'approval' && decision !== 'approve' && decision !== 'reject') {
      const message = 'The output of an approval has a `decision`, `approve` or `reject`.';
      return [{ path: `${path}/decision`, code: 'INVALID_VALUE', message, severity: 'error' }];
    }
    if (node.type === 'map' && !Array.isArray(output))
      return [{ path, code: 'INVALID_VALUE', message: 'The output of a map is a list.', severity: 'error' }];
    return [];
  }
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, field)
    ? (value as Record<string, unknown>)[field]
    : undefined;
}
