// Text with `{{ expression }}` in it: split once, filled in from JSON. What is filled in is never looked at again.
import { type Expression, type ExpressionProblem, parseExpression } from './expression.ts';

export interface Template {
  source: string;
  parts: (string | Expression)[];
  /** The text is exactly one `{{ }}`: in a field that takes any JSON its value keeps its type. */
  whole?: Expression;
}

/** `offset` is where the expression begins in the text. */
export interface TemplateExpression {
  expression: Expression;
  offset: number;
}

export type ParsedTemplate =
  | { outcome: 'parsed'; template: Template; expressions: TemplateExpression[] }
  | { outcome: 'invalid'; problem: ExpressionProblem; offset: number };

/** True for text that holds `{{`, so that it is a template and not just text. */
export function hasTemplate(text: string): boolean {
  return text.includes('{{');
}

export function parseTemplate(source: string, variables: readonly string[] = []): ParsedTemplate {
  const parts: (string | Expression)[] = [];
  const expressions: TemplateExpression[] = [];
  for (let at = 0; at < source.length;) {
    const open = source.indexOf('{{', at);
    if (open === -1) {
      parts.push(source.slice(at));
      break;
    }
    if (open > at) parts.push(source.slice(at, open));
    const end = expressionEnd(source, open + 2);
    if (end === -1) return unclosed(open);
    const inner = source.slice(open + 2, end);
    const offset = open + 2 + (inner.length - inner.trimStart().length);
    const parsed = parseExpression(inner.trim(), variables);
    if (parsed.outcome === 'invalid') return { outcome: 'invalid', problem: parsed.problem, offset };
    parts.push(parsed.expression);
    expressions.push({ expression: parsed.expression, offset });
    at = end + 2;
  }
  const [only] = parts;
  const whole = parts.length === 1 && typeof only === 'object' ? { whole: only } : {};
  return { outcome: 'parsed', template: { source, parts, ...whole }, expressions };
}

/** The text with every expression filled in. Throws ExpressionError. */
export function fillText(template: Template, names: Readonly<Record<string, unknown>>): string {
  return template.parts.map((part) => (typeof part === 'string' ? part : asText(part.evaluate(names)))).join('');
}

/** The same for a field that takes any JSON. */
export function fillValue(template: Template, names: Readonly<Record<string, unknown>>): unknown {
  return template.whole ? template.whole.evaluate(names) : fillText(template, names);
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Where the closing `}}` is: braces of maps and text in quotes do not count. */
function expressionEnd(source: string, from: number): number {
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    const character = source[at];
    if (character === '"' || character === "'") at = quoteEnd(source, at);
    else if (character === '{') depth++;
    else if (character === '}' && depth === 0) return source[at + 1] === '}' ? at : -1;
    else if (character === '}') depth--;
  }
  return -1;
}

function quoteEnd(source: string, open: number): number {
  const quote = source[open] ?? '';
  const mark = source.startsWith(quote.repeat(3), open) ? quote.repeat(3) : quote;
  const raw = /[rR]$/.test(source.slice(Math.max(0, open - 2), open).replace(/^.*\W(?=[rR]$)/s, ''));
  for (let at = open + mark.length; at < source.length; at++) {
    if (source[at] === '\\' && !raw) at++;
    else if (source.startsWith(mark, at)) return at + mark.length - 1;
  }
  return source.length;
}

function unclosed(open: number): ParsedTemplate {
  const message = "This {{ has no closing }}. Close it, or write {{ '{{' }} for the characters themselves.";
  return { outcome: 'invalid', problem: { code: 'EXPRESSION_SYNTAX', message, offset: 0, column: 1 }, offset: open };
}
