// Everything that can be said about a workflow document before it runs (rule 20). Starts nothing and never throws.
import {
  WorkflowDocument,
  WorkflowEdge,
  WorkflowNode,
  type WorkflowProblem,
} from '../../contract/workflow-document.ts';
import { DocumentProblems } from './document-problems.ts';
import {
  type ExpressionContext,
  Reachability,
  reportEdgeExpression,
  reportNodeExpressions,
  reportOutput,
} from './expression-problems.ts';
import { type GraphParts, reportGraphProblems } from './graph-problems.ts';
import { type KnownThings, reportNodeProblems } from './node-problems.ts';
import { type JsonPath, parseWorkflow } from './parse-workflow.ts';
import { reportSchemaProblems, valueAt } from './schema-problems.ts';
import { reportTriggers } from './trigger-problems.ts';
import { reportInputDeclarations } from './validate-inputs.ts';

const NODES_MAX = 20_000;
const EDGES_MAX = 100_000;

export interface WorkflowValidation {
  /** No errors; there may be warnings. */
  valid: boolean;
  problems: WorkflowProblem[];
  /** Only of a valid document. */
  document?: WorkflowDocument;
}

/** `source` is YAML or JSON text, or data. Lists of agents and workflows that are left out are not checked against. */
export function validateWorkflow(source: unknown, known: KnownThings = {}): WorkflowValidation {
  const parsed = parseWorkflow(source);
  const problems = new DocumentProblems(parsed, (index) => idAt(parsed.value, index));
  if (parsed.value === undefined) {
    if (parsed.problems.length === 0)
      problems.add({ path: [], code: 'INVALID_VALUE', message: 'There is no document.' });
    return { valid: false, problems: problems.list() };
  }
  try {
    return examine(parsed.value, known, problems);
  } catch (error) {
    // A document that makes a check fail is not valid; better this than an answer that never comes.
    const reason = error instanceof Error ? error.message : String(error);
    problems.add({ path: [], code: 'NOT_CHECKABLE', message: `The document could not be checked: ${reason}` });
    return { valid: false, problems: problems.list() };
  }
}

function idAt(value: unknown, index: number): string | undefined {
  const id = valueAt(value, ['nodes', index, 'id']);
  return typeof id === 'string' ? id : undefined;
}

function examine(value: unknown, known: KnownThings, problems: DocumentProblems): WorkflowValidation {
  const count = (field: string) => (valueAt(value, [field]) as { length?: number } | undefined)?.length ?? 0;
  if (count('nodes') > NODES_MAX || count('edges') > EDGES_MAX) {
    problems.add({
      path: ['nodes'],
      code: 'DOCUMENT_TOO_LARGE',
      message: `A workflow has at most ${NODES_MAX} nodes and ${EDGES_MAX} edges.`,
    });
    return { valid: false, problems: problems.list() };
  }
  const result = WorkflowDocument.safeParse(value);
  if (!result.success) reportSchemaProblems(result.error.issues, value, problems);
  const parts = partsOf(value, result.data);
  const shape = reportGraphProblems(parts, problems);
  const inputs = recordAt(value, 'inputs');
  const context: ExpressionContext = {
    shape,
    inputs: new Set(Object.keys(inputs)),
    problems,
    reach: new Reachability(shape.numbers.size, shape.links),
  };
  const knownWithItself = withItself(known, value);
  for (const { index, id, node } of parts.nodes) {
    if (!node) continue;
    reportNodeProblems(node, ['nodes', index], knownWithItself, problems);
    reportNodeExpressions(node, ['nodes', index], id, context);
  }
  for (const { index, edge } of parts.edges) reportEdgeExpression(edge, index, context);
  for (const [name, output] of Object.entries(recordAt(value, 'outputs'))) {
    if (typeof output === 'string') reportOutput(name, output, context);
  }
  reportInputDeclarations(inputs, problems);
  reportLayout(recordAt(value, 'layout'), shape.numbers, problems);
  reportTriggers(listAt(value, ['triggers']), { inputs, known: knownWithItself, problems });
  const list = problems.list();
  const valid = result.success && list.every(({ severity }) => severity === 'warning');
  return { valid, problems: list, ...(valid && result.data ? { document: result.data } : {}) };
}

/** A workflow may start itself, also before it was saved for the first time. */
function withItself(known: KnownThings, value: unknown): KnownThings {
  const name = valueAt(value, ['name']);
  if (!known.workflows || typeof name !== 'string' || known.workflows.some((one) => one.name === name)) return known;
  return { ...known, workflows: [...known.workflows, { id: name, name }] };
}

function recordAt(value: unknown, field: string): Record<string, unknown> {
  const found = valueAt(value, [field]);
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Record<string, unknown>) : {};
}

/** The parts that can be checked although others break the schema, so that one look shows all problems. */
function partsOf(value: unknown, document: WorkflowDocument | undefined): GraphParts {
  if (document) {
    return {
      nodes: document.nodes.map((node, index) => ({ index, id: node.id, node })),
      edges: (document.edges ?? []).map((edge, index) => ({ index, edge })),
    };
  }
  const nodes = listAt(value, ['nodes']).flatMap((candidate, index) => {
    const id = valueAt(candidate, ['id']);
    const node = WorkflowNode.safeParse(candidate).data;
    return typeof id === 'string' ? [{ index, id, ...(node ? { node } : {}) }] : [];
  });
  const edges = listAt(value, ['edges']).flatMap((candidate, index) => {
    const edge = WorkflowEdge.safeParse(candidate).data;
    return edge ? [{ index, edge }] : [];
  });
  return { nodes, edges };
}

function listAt(value: unknown, path: JsonPath): unknown[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? found : [];
}

/** A position of a node that is gone disturbs nobody. */
function reportLayout(
  layout: Record<string, unknown>,
  numbers: ReadonlyMap<string, number>,
  problems: DocumentProblems,
): void {
  for (const id of Object.keys(layout)) {
    if (numbers.has(id)) continue;
    problems.add({
      path: ['layout', id],
      code: 'UNKNOWN_NODE',
      message: `There is a position for ${id}, but no such node.`,
      severity: 'warning',
    });
  }
}
