// A node's config with its expressions and templates parsed: which field takes which kind of text (rules 14 and 18).
import type { NodeType } from '../../contract/workflow-document.ts';
import { type Expression, ExpressionError, type ExpressionProblem, parseExpression } from '../expression/expression.ts';
import { fillText, fillValue, hasTemplate, parseTemplate, type Template } from '../expression/template.ts';

type Names = Readonly<Record<string, unknown>>;
type FieldPath = readonly (string | number)[];

export interface FieldExpression {
  path: FieldPath;
  /** Where the expression begins in the field's text. */
  offset: number;
  expression: Expression;
  role: 'over' | 'key' | 'until' | 'value' | 'text';
}

export interface FieldProblem {
  path: FieldPath;
  code: ExpressionProblem['code'] | 'TEMPLATE_NOT_ALLOWED' | 'TEMPLATE_IN_SHELL';
  message: string;
  /** Where in the field's text. */
  offset: number;
  column?: number;
  name?: string;
}

export interface ConfigTemplate {
  /** The config with all templates filled in; expression fields (`over`, `value` …) are left out. */
  fill(names: Names): Record<string, unknown>;
  value?: Expression | Record<string, Expression>;
  over?: Expression;
  key?: Expression;
  until?: Expression;
  /** Ids of all nodes that its templates read. */
  readNodes: string[];
  expressions: FieldExpression[];
  problems: FieldProblem[];
}

/** `text`: a template. `header`: one that never makes the name of a secret. `json`: any JSON of templates. `id`: no template. `keep`: not looked into. */
type FieldKind = 'text' | 'header' | 'json' | 'id' | 'keep' | 'command' | 'over' | 'key' | 'until' | 'value' | 'inner';

const fieldKinds: Record<NodeType, Record<string, FieldKind>> = {
  agent: { agent: 'id', prompt: 'text', output: 'keep', workspace: 'keep', session: 'keep' },
  shell: { command: 'command', cwd: 'text', env: 'text', host: 'id', allowFailure: 'keep' },
  http: { method: 'keep', url: 'text', headers: 'header', body: 'json', secret: 'id', expect: 'keep' },
  approval: { title: 'text', body: 'text', form: 'keep', roles: 'id', expires: 'text', onExpire: 'keep' },
  condition: {},
  transform: { value: 'value' },
  map: { over: 'over', key: 'key', as: 'keep', concurrency: 'keep', node: 'inner', workflow: 'inner' },
  wait: { duration: 'text', until: 'until', event: 'text' },
  workflow: { workflow: 'id', version: 'keep', inputs: 'json' },
  notify: { channel: 'text', message: 'text' },
  langgraph: { graph: 'id', input: 'json' },
};

/** `variables` are the map variables around it; `itemVariables` those of a map's own items, for its `key`. */
export function compileConfig(
  type: NodeType,
  config: Readonly<Record<string, unknown>>,
  variables: readonly string[],
  itemVariables: readonly string[] = variables,
): ConfigTemplate {
  const compiled: ConfigTemplate = { fill: () => ({}), readNodes: [], expressions: [], problems: [] };
  const fillers: [string, Filler][] = [];
  for (const [field, value] of Object.entries(config)) {
    const kind = fieldKinds[type][field] ?? 'keep';
    if (value === undefined || kind === 'inner') continue;
    if (kind === 'over' || kind === 'key' || kind === 'until' || kind === 'value') {
      compileExpressionField(compiled, kind, value, kind === 'key' ? itemVariables : variables);
    } else fillers.push([field, filler(compiled, kind, value, [field], variables)]);
  }
  compiled.fill = (names) => Object.fromEntries(fillers.map(([field, fill]) => [field, fill(names)]));
  const fromText = compiled.expressions.filter(({ role }) => role === 'text');
  compiled.readNodes = [
    ...new Set(fromText.flatMap(({ expression }) => expression.reads.nodes.map((read) => read.nodeId))),
  ];
  return compiled;
}

function compileExpressionField(
  into: ConfigTemplate,
  role: 'over' | 'key' | 'until' | 'value',
  value: unknown,
  variables: readonly string[],
): void {
  const parse = (source: string, path: FieldPath) => {
    const parsed = parseExpression(source, variables);
    if (parsed.outcome === 'invalid') into.problems.push({ path, ...parsed.problem });
    else into.expressions.push({ path, offset: 0, expression: parsed.expression, role });
    return parsed.outcome === 'parsed' ? parsed.expression : undefined;
  };
  if (typeof value === 'string') {
    const expression = parse(value, [role]);
    if (expression) into[role] = expression;
  } else if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([name, source]) => [name, parse(String(source), [role, name])] as const);
    into.value = Object.fromEntries(entries.filter((entry): entry is [string, Expression] => entry[1] !== undefined));
  }
}

type Filler = (names: Names) => unknown;

function filler(
  into: ConfigTemplate,
  kind: FieldKind,
  value: unknown,
  path: FieldPath,
  variables: readonly string[],
): Filler {
  if (kind === 'keep') return () => value;
  if (typeof value === 'string') return textFiller(into, kind, value, path, variables);
  if (typeof value !== 'object' || value === null) return () => value;
  const inner = kind === 'command' ? 'text' : kind;
  if (Array.isArray(value)) {
    const items = value.map((item, index) => filler(into, inner, item, [...path, index], variables));
    return (names) => items.map((fill) => fill(names));
  }
  const entries = Object.entries(value).map(
    ([name, item]) => [name, filler(into, inner, item, [...path, name], variables)] as const,
  );
  return (names) => Object.fromEntries(entries.map(([name, fill]) => [name, fill(names)]));
}

function textFiller(
  into: ConfigTemplate,
  kind: FieldKind,
  text: string,
  path: FieldPath,
  variables: readonly string[],
): Filler {
  if (!hasTemplate(text)) return () => text;
  const secret = kind === 'header' && text.startsWith('secret:');
  if (kind === 'id' || kind === 'command' || secret) {
    into.problems.push(notAllowed(kind === 'command' ? kind : 'id', text, path));
    return () => text;
  }
  const parsed = parseTemplate(text, variables);
  if (parsed.outcome === 'invalid') {
    into.problems.push({ path, ...parsed.problem, offset: parsed.offset + parsed.problem.offset });
    return () => text;
  }
  for (const { expression, offset } of parsed.expressions)
    into.expressions.push({ path, offset, expression, role: 'text' });
  const template: Template = parsed.template;
  if (kind === 'json') return (names) => fillValue(template, names);
  return (names) => {
    const filled = fillText(template, names);
    if (kind === 'header' && filled.startsWith('secret:'))
      throw new ExpressionError(`The header ${String(path.at(-1))} would name a secret; only the document itself may.`);
    return filled;
  };
}

function notAllowed(kind: 'id' | 'command', text: string, path: FieldPath): FieldProblem {
  const offset = text.indexOf('{{');
  if (kind === 'id') {
    const message = 'Ids and names take no {{ }}: write the name itself.';
    return { path, code: 'TEMPLATE_NOT_ALLOWED', message, offset };
  }
  const message =
    'A command written as one text may not contain {{ }}: pass the value through `env` and use "$NAME", or write the command as a list.';
  return { path, code: 'TEMPLATE_IN_SHELL', message, offset };
}
