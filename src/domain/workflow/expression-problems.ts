// What is wrong with the expressions of a document: syntax, types, unknown names, and nodes nobody can have reached (rules 14 to 18).
import type { InnerNode, MapConfig, WorkflowEdge, WorkflowNode } from '../../contract/workflow-document.ts';
import { type Expression, parseExpression } from '../expression/expression.ts';
import { compileConfig } from './config-template.ts';
import { itemVariables } from './compile-plan.ts';
import type { DocumentProblems } from './document-problems.ts';
import type { GraphShape } from './graph-problems.ts';
import { didYouMean } from './nearest-name.ts';
import type { JsonPath } from './parse-workflow.ts';

export interface ExpressionContext {
  shape: GraphShape;
  /** Names of declared inputs. */
  inputs: ReadonlySet<string>;
  problems: DocumentProblems;
  reach: Reachability;
}

type AnyNode = WorkflowNode | InnerNode;

export function reportNodeExpressions(
  node: AnyNode,
  path: JsonPath,
  reader: string,
  context: ExpressionContext,
  variables: readonly string[] = [],
): void {
  const config = (node.config ?? {}) as Record<string, unknown>; // every config is an object by schema
  const own = node.type === 'map' ? itemVariables(node.config as MapConfig, variables) : variables;
  const compiled = compileConfig(node.type, config, variables, own);
  const place = [...path, 'config'];
  for (const { path: field, code, message, offset, column, name } of compiled.problems) {
    const known = ['inputs', 'nodes', 'execution', 'error', ...own];
    reportInvalid({ code, message, offset, column, name }, [...place, ...field], known, context.problems);
  }
  for (const { path: field, offset, expression, role } of compiled.expressions) {
    reportReads(expression, [...place, ...field], offset, reader, context);
    reportType(expression, role, [...place, ...field], context.problems);
  }
  if (node.type !== 'map') return;
  const { node: inner, workflow } = node.config as MapConfig;
  if (inner) reportNodeExpressions(inner, [...place, 'node'], reader, context, own);
  if (typeof workflow !== 'object') return;
  // A workflow of a map stands where a node's config would: its problems are reported at its own place.
  const child = compileConfig('workflow', workflow, own);
  for (const problem of child.problems)
    reportInvalid(
      problem,
      [...place, 'workflow', ...problem.path],
      ['inputs', 'nodes', 'execution', 'error', ...own],
      context.problems,
    );
  for (const { path: field, offset, expression } of child.expressions)
    reportReads(expression, [...place, 'workflow', ...field], offset, reader, context);
}

/** The source has ended when its `when` is asked, so it and all before it can be read. */
export function reportEdgeExpression(edge: WorkflowEdge, index: number, context: ExpressionContext): void {
  if (edge.when === undefined) return;
  const path = ['edges', index, 'when'];
  const expression = reportSource(edge.when, path, context.problems);
  if (!expression) return;
  reportReads(expression, path, 0, edge.from, context, true);
  reportType(expression, 'when', path, context.problems);
}

/** Outputs are computed at the end and may read every node. */
export function reportOutput(name: string, source: string, context: ExpressionContext): void {
  const path = ['outputs', name];
  const expression = reportSource(source, path, context.problems);
  if (expression) reportReads(expression, path, 0, undefined, context);
}

function reportSource(source: string, path: JsonPath, problems: DocumentProblems): Expression | undefined {
  const parsed = parseExpression(source);
  if (parsed.outcome === 'parsed') return parsed.expression;
  const { problem } = parsed;
  reportInvalid(problem, path, ['inputs', 'nodes', 'execution', 'error'], problems);
  return undefined;
}

interface Invalid {
  code: string;
  message: string;
  offset: number;
  column?: number | undefined;
  name?: string | undefined;
}

function reportInvalid(
  { code, message, offset, column, name }: Invalid,
  path: JsonPath,
  known: readonly string[],
  problems: DocumentProblems,
): void {
  const where = column === undefined ? '' : ` (at column ${column} of the expression)`;
  if (name === undefined) return problems.add({ path, code, message: `${message}${where}`, offset });
  const message2 = `There is no name ${name} here.${didYouMean(name, known)} Known names: ${known.join(', ')}.${where}`;
  problems.add({ path, code, message: message2, offset });
}

function reportReads(
  expression: Expression,
  path: JsonPath,
  base: number,
  reader: string | undefined,
  context: ExpressionContext,
  ended = false,
): void {
  const { shape, inputs, problems, reach } = context;
  const { reads } = expression;
  if (reads.wholeNodes !== undefined) {
    problems.add({
      path,
      code: 'UNREADABLE_NAME',
      message: 'Name the node: write nodes.ID.output or nodes.ID.status.',
      offset: base + reads.wholeNodes,
    });
  }
  for (const { name, offset } of reads.inputs) {
    if (inputs.has(name)) continue;
    const message = `There is no input ${name}.${didYouMean(name, inputs)} Declare it under \`inputs\`.`;
    problems.add({ path, code: 'UNKNOWN_INPUT', message, offset: base + offset });
  }
  for (const { nodeId, field, offset } of reads.nodes) {
    const number = shape.numbers.get(nodeId);
    if (number === undefined) {
      const message = `There is no node ${nodeId}.${didYouMean(nodeId, shape.numbers.keys())}`;
      problems.add({ path, code: 'UNKNOWN_NODE', message, offset: base + offset });
    } else if (
      reader !== undefined &&
      !(ended && nodeId === reader) &&
      !reach.reaches(number, shape.numbers.get(reader) ?? -1)
    ) {
      const message = `${nodeId} cannot have run when this is read: no path leads from ${nodeId} to ${reader}. Draw an edge, or read another node.`;
      problems.add({ path, code: 'UNREADABLE_NAME', message, offset: base + offset });
    }
    if (field !== undefined && !['output', 'status', 'error', 'itemErrors'].includes(field)) {
      const message = `nodes.${nodeId} has output, status and error, but no ${field}.${didYouMean(field, ['output', 'status', 'error'])}`;
      problems.add({ path, code: 'UNREADABLE_NAME', message, offset: base + offset });
    }
  }
}

const wanted: Record<string, { types: RegExp; words: string }> = {
  when: { types: /^bool$/, words: 'true or false' },
  over: { types: /^list/, words: 'a list' },
  until: { types: /^string$|Timestamp$|Duration$/, words: 'a time such as 2026-01-31T12:00:00Z' },
};

function reportType({ type }: Expression, role: string, path: JsonPath, problems: DocumentProblems): void {
  const want = wanted[role];
  if (!want || want.types.test(type) || type.startsWith('dyn') || type === '') return;
  problems.add({ path, code: 'EXPRESSION_TYPE', message: `This must give ${want.words}, but it gives ${type}.` });
}

/** Who can be reached from whom, over all edges, loop edges included. */
export class Reachability {
  readonly #into: number[][];
  /** The question in which a node was last seen: cleaner than a new set for each. */
  readonly #seen: Int32Array;
  #question = 0;
  #work = 0;

  constructor(size: number, links: GraphShape['links']) {
    this.#into = Array.from({ length: size }, () => []);
    this.#seen = new Int32Array(size);
    for (const { from, to } of links) this.#into[to]?.push(from);
  }

  /** True with a path of at least one edge. On huge graphs with far reads the check gives up in the author's favour. */
  reaches(from: number, to: number): boolean {
    const question = ++this.#question;
    const queue = [to];
    for (const node of queue) {
      for (const before of this.#into[node] ?? []) {
        if (before === from || this.#work > WORK_MAX) return true;
        this.#work++;
        if (this.#seen[before] === question) continue;
        this.#seen[before] = question;
        queue.push(before);
      }
    }
    return false;
  }
}

/** Edges looked at in all questions together: well under a second. */
const WORK_MAX = 20_000_000;
