// What a trigger gives to the executions it starts: JSON whose `{{ }}` read the event, and nothing else.
import { fillValue, hasTemplate, parseTemplate, type Template } from '../expression/template.ts';

export interface InputsProblem {
  path: readonly (string | number)[];
  code: string;
  message: string;
  offset: number;
}

export interface TriggerInputs {
  problems: InputsProblem[];
  /** Throws ExpressionError where the event has not what is read. */
  fill(event: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

type Filler = (names: { event: unknown }) => unknown;

export function compileTriggerInputs(inputs: Readonly<Record<string, unknown>> = {}): TriggerInputs {
  const problems: InputsProblem[] = [];
  const entries = Object.entries(inputs).map(([name, value]) => [name, filler(value, [name], problems)] as const);
  return {
    problems,
    fill: (event) => Object.fromEntries(entries.map(([name, fill]) => [name, fill({ event })])),
  };
}

function filler(value: unknown, path: readonly (string | number)[], problems: InputsProblem[]): Filler {
  if (typeof value === 'string') return textFiller(value, path, problems);
  if (typeof value !== 'object' || value === null) return () => value;
  if (Array.isArray(value)) {
    const items = value.map((item, index) => filler(item, [...path, index], problems));
    return (names) => items.map((fill) => fill(names));
  }
  const entries = Object.entries(value).map(([name, item]) => [name, filler(item, [...path, name], problems)] as const);
  return (names) => Object.fromEntries(entries.map(([name, fill]) => [name, fill(names)]));
}

function textFiller(text: string, path: readonly (string | number)[], problems: InputsProblem[]): Filler {
  if (!hasTemplate(text)) return () => text;
  const parsed = parseTemplate(text, ['event']);
  if (parsed.outcome === 'invalid') {
    const { code, message } = parsed.problem;
    problems.push({ path, code, message, offset: parsed.offset + parsed.problem.offset });
    return () => text;
  }
  for (const { expression, offset } of parsed.expressions) {
    const other = expression.reads.names.find((name) => name !== 'event');
    if (other === undefined) continue;
    const message = `A trigger’s inputs read only \`event\`; there is no ${other} before an execution has begun.`;
    problems.push({ path, code: 'UNREADABLE_NAME', message, offset });
  }
  const template: Template = parsed.template;
  return (names) => fillValue(template, names);
}
