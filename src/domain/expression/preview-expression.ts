// What an expression or a template would give on the data of an execution, for whoever is writing it. Pure.
import type { Execution, Step } from '../../contract/executions.ts';
import type { ExpressionPreview, PreviewExpression } from '../../contract/workflows.ts';
import { type Expression, ExpressionError, type ExpressionProblem, parseExpression } from './expression.ts';
import { fillValue, parseTemplate, type Template } from './template.ts';

/** Each may take its 50 ms, and somebody waits while typing. */
const EXPRESSIONS_MAX = 20;
const JSON_MAX_LENGTH = 4_000;

export function previewExpression(
  { text, kind, items = [] }: PreviewExpression,
  execution: Execution | null,
): ExpressionPreview {
  const variables = [...items.map(({ as }) => as), ...(items.length > 0 ? ['index'] : [])];
  const parsed = parse(text, kind, variables);
  if (parsed.outcome === 'invalid') return parsed;
  const { type, readNodes } = parsed;
  if (!execution) return { outcome: 'checked', type };
  try {
    const names = namesOf(execution);
    // From the outside in: an inner list may be one of the outer item.
    items.forEach(({ as, over }, depth) => {
      const list = parseExpression(over, variables.slice(0, depth));
      const found: unknown = list.outcome === 'parsed' ? list.expression.evaluate(names) : [];
      names[as] = Array.isArray(found) ? found[0] : null;
      names['index'] = 0;
    });
    const json = JSON.stringify(parsed.evaluate(names), null, 2) ?? 'null';
    return { outcome: 'value', type, json: json.slice(0, JSON_MAX_LENGTH), cut: json.length > JSON_MAX_LENGTH };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const absent = readNodes.filter((id) => !execution.steps.some((step) => step.nodeId === id));
    const why = absent.length > 0 ? `${absent.join(', ')} did not run in that execution.` : error.message;
    return { outcome: 'failed', type, message: why };
  }
}

type Parsed =
  | { outcome: 'parsed'; type: string; readNodes: string[]; evaluate: (names: Record<string, unknown>) => unknown }
  | Extract<ExpressionPreview, { outcome: 'invalid' }>;

function parse(text: string, kind: PreviewExpression['kind'], variables: readonly string[]): Parsed {
  if (kind === 'expression') {
    const parsed = parseExpression(text, variables);
    if (parsed.outcome === 'invalid') return invalid(parsed.problem, 0);
    const { expression } = parsed;
    return {
      outcome: 'parsed',
      type: expression.type,
      readNodes: nodesRead([expression]),
      evaluate: (names) => expression.evaluate(names),
    };
  }
  const parsed = parseTemplate(text, variables);
  if (parsed.outcome === 'invalid') return invalid(parsed.problem, parsed.offset);
  const expressions = parsed.expressions.map(({ expression }) => expression);
  if (expressions.length > EXPRESSIONS_MAX)
    return { outcome: 'invalid', message: `At most ${EXPRESSIONS_MAX} expressions are tried at once.`, column: 1 };
  return {
    outcome: 'parsed',
    type: typeOf(parsed.template),
    readNodes: nodesRead(expressions),
    evaluate: (names) => fillValue(parsed.template, names),
  };
}

const typeOf = ({ whole }: Template): string => whole?.type ?? 'string';

function invalid({ message, column }: ExpressionProblem, offset: number): Parsed {
  return { outcome: 'invalid', message, column: column + offset };
}

function nodesRead(expressions: readonly Expression[]): string[] {
  return [...new Set(expressions.flatMap(({ reads }) => reads.nodes.map(({ nodeId }) => nodeId)))];
}

/** As rule 15 has them at the end of the execution: of each node its newest visit. */
function namesOf({ id, inputs, steps }: Execution): Record<string, unknown> {
  const nodes: Record<string, unknown> = Object.create(null);
  for (const [nodeId, visits] of Map.groupBy(steps, (step) => step.nodeId)) nodes[nodeId] = nodeView(visits);
  return { inputs, nodes, execution: { id }, error: null };
}

function nodeView(visits: readonly Step[]): Record<string, unknown> {
  const last = visits.findLast((step) => !step.item);
  if (!last) return { status: 'pending' };
  return {
    status: last.status,
    ...(last.output === undefined ? {} : { output: last.output }),
    ...(last.error ? { error: last.error } : {}),
  };
}
