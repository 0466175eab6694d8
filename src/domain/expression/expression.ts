// One CEL expression: parsed and checked once, then evaluated over JSON. No code is generated and no prototype is reachable;
// every node of the syntax tree counts against a budget, so that no expression can hold the engine.
import { Environment } from '@marcbachmann/cel-js';
import { registerFunctions } from './cel-functions.ts';
import { computed } from './cel-operators.ts';
import { fromCelValue, toCelValue } from './cel-value.ts';
import { linearMatch } from './linear-pattern.ts';
import { type ExpressionReads, type LibraryNode, readsOf, visitSyntax } from './expression-reads.ts';

export const EXPRESSION_MAX_LENGTH = 10_000;
/** Syntax nodes visited in one evaluation, and one more for every 64 characters or 8 entries made: some 50 ms. */
const STEPS_MAX = 500_000;
const TEXT_MAX_LENGTH = 10_000_000;

export interface Expression {
  source: string;
  /** What it gives as far as that is known without running: `bool`, `int`, `list`, `dyn` … */
  type: string;
  reads: ExpressionReads;
  /** Gives JSON, or throws ExpressionError. */
  evaluate(names: Readonly<Record<string, unknown>>): unknown;
}

export class ExpressionError extends Error {}

/** `column` counts from 1 in the expression. */
export interface ExpressionProblem {
  code: 'EXPRESSION_SYNTAX' | 'EXPRESSION_TYPE' | 'UNKNOWN_NAME' | 'EXPRESSION_TOO_LARGE';
  message: string;
  offset: number;
  column: number;
  name?: string;
}

export type ParsedExpression =
  | { outcome: 'parsed'; expression: Expression }
  | { outcome: 'invalid'; problem: ExpressionProblem };

/** Parses and type-checks; `variables` are the names beyond inputs, nodes, execution and error (`index` is an int). */
export function parseExpression(source: string, variables: readonly string[] = []): ParsedExpression {
  if (source.length > EXPRESSION_MAX_LENGTH) {
    const message = `The expression has ${source.length} characters; at most ${EXPRESSION_MAX_LENGTH} are allowed.`;
    return { outcome: 'invalid', problem: { code: 'EXPRESSION_TOO_LARGE', message, offset: 0, column: 1 } };
  }
  try {
    const parsed = environmentFor(variables).parse(source);
    const root = parsed.ast as unknown as LibraryNode; // the published type hides setMeta and meta
    loosenTypes(root);
    const check = parsed.check();
    if (!check.valid) return invalid(source, check.error, true);
    meterNodes(root);
    const reads = readsOf(root);
    const evaluate = (names: Readonly<Record<string, unknown>>) => run(parsed, reads, names);
    return { outcome: 'parsed', expression: { source, type: check.type ?? 'dyn', reads, evaluate } };
  } catch (error) {
    return invalid(source, error, false);
  }
}

const environments = new Map<string, Environment>();

function environmentFor(variables: readonly string[]): Environment {
  const key = variables.join(' ');
  const known = environments.get(key);
  if (known) return known;
  if (environments.size >= 100) environments.clear(); // names come from documents, so their number has no bound
  const environment = registerFunctions(
    new Environment({
      homogeneousAggregateLiterals: false,
      limits: { maxAstNodes: 2_000, maxDepth: 60, maxListElements: 1_000 },
    }),
  );
  environment.registerVariable('inputs', 'map').registerVariable('nodes', 'map').registerVariable('execution', 'map');
  environment.registerVariable('error', 'dyn');
  for (const name of new Set(variables)) environment.registerVariable(name, name === 'index' ? 'int' : 'dyn');
  environments.set(key, environment);
  return environment;
}

interface CelProblem {
  code?: string;
  summary?: string;
  message: string;
  range?: { start: number };
}

/** They are of templates, and people write them where the whole text is an expression. */
const NO_BRACES = "This is an expression as it stands: leave {{ }} out, and quote texts, as in 'for ' + inputs.name";

function invalid(source: string, error: unknown, typed: boolean): ParsedExpression {
  const problem = error as CelProblem; // thrown by the library, or a RangeError of ours to catch: all have a message
  const offset = Math.min(problem.range?.start ?? 0, source.length);
  const overflow = error instanceof RangeError;
  const summary = overflow ? 'The expression is nested too deep' : (problem.summary ?? problem.message);
  const name = problem.code === 'unknown_variable' ? /: (\w+)$/.exec(summary)?.[1] : undefined;
  const code = name ? 'UNKNOWN_NAME' : typed && !overflow ? 'EXPRESSION_TYPE' : 'EXPRESSION_SYNTAX';
  return {
    outcome: 'invalid',
    problem: {
      code,
      message: code === 'EXPRESSION_SYNTAX' && source.includes('{{') ? `${summary}. ${NO_BRACES}` : summary,
      offset,
      column: offset - source.lastIndexOf('\n', offset - 1),
      ...(name === undefined ? {} : { name }),
    },
  };
}

function run(
  parsed: (context: Record<string, unknown>) => unknown,
  reads: ExpressionReads,
  names: Readonly<Record<string, unknown>>,
): unknown {
  const context: Record<string, unknown> = Object.create(null);
  for (const name of reads.names) context[name] = Object.hasOwn(names, name) ? toCelValue(names[name]) : null;
  steps = 0;
  try {
    return fromCelValue(parsed(context));
  } catch (error) {
    const problem = error as CelProblem; // as in `invalid`
    if (error instanceof RangeError) throw new ExpressionError('The expression is nested too deep, or makes too much.');
    throw new ExpressionError(problem.summary ?? problem.message);
  }
}

/** Lists and maps may mix types (rule 17), and so may the two sides of a conditional. */
function loosenTypes(root: LibraryNode): void {
  visitSyntax(root, (node) => {
    const check = node.meta.check;
    if (!check || (node.op !== 'list' && node.op !== 'map' && node.op !== '?:')) return;
    node.setMeta('check', (checker, syntax, context) => {
      if (node.op !== '?:') {
        check(checker, syntax, context);
        return checker.getType(node.op);
      }
      try {
        return check(checker, syntax, context);
      } catch (error) {
        if ((error as CelProblem).code === 'incompatible_ternary_branches') return checker.getType('dyn');
        throw error;
      }
    });
  });
}

let steps = 0;

function spend(amount: number): void {
  steps += amount;
  if (steps > STEPS_MAX) throw new ExpressionError('The expression takes too long; work on less data or split it.');
}

/** Puts the meter around every node, our operators in place of the library's, and a linear-time matches(). */
function meterNodes(root: LibraryNode): void {
  visitSyntax(root, (node) => {
    const macro = node.meta.macro;
    if (macro) {
      const inner = macro.evaluate;
      macro.evaluate = (evaluator, self, context) => (spend(1), inner.call(macro, evaluator, self, context));
      return;
    }
    const evaluate = node.meta.evaluate;
    if (node.meta.alternate || !evaluate) return;
    const step = special(node, evaluate);
    node.setMeta('evaluate', (evaluator, syntax, context) => {
      spend(1);
      const value = step(evaluator, syntax, context);
      if (typeof value === 'string') {
        if (value.length > TEXT_MAX_LENGTH) throw new ExpressionError('The expression makes a text that is too long.');
        spend(value.length >> 6);
      } else if (Array.isArray(value) && node.op !== 'accuPush' && node.op !== 'accuValue' && node.op !== '?:') {
        spend(value.length >> 3);
      }
      return value;
    });
  });
}

type Evaluate = NonNullable<LibraryNode['meta']['evaluate']>;
const binaryOperators = new Set(['==', '!=', 'in', '+', '-', '*', '/', '%', '<', '<=', '>', '>=']);

function special(node: LibraryNode, evaluate: Evaluate): Evaluate {
  if (binaryOperators.has(node.op)) {
    return (evaluator, syntax, context) => {
      const left = evaluator.run(syntax.left, context);
      const right = evaluator.run(syntax.right, context);
      const ours = computed(node.op, left, right);
      return ours ? ours.value : syntax.handle(left, right, syntax, evaluator);
    };
  }
  if (node.op === 'rcall' && Array.isArray(node.args) && node.args[0] === 'matches') {
    return (evaluator, syntax, context) => {
      const [text, pattern] = syntax.receiverWithArgs.map((part) => evaluator.run(part, context));
      if (typeof text !== 'string' || typeof pattern !== 'string')
        throw new ExpressionError('matches() compares two texts.');
      return linearMatch(pattern, text);
    };
  }
  return evaluate;
}
