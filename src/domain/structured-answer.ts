/** Finds the JSON in what an agent answers and holds it against a schema. Pure. */
import type { Problem } from '../contract/problem.ts';
import { validateAgainstSchema } from './output-schema.ts';

export type StructuredAnswer = { fits: true; data: unknown } | { fits: false; problems: Problem[] };

/** `data` when it was given apart from the text, also when a model wrote it as a string of JSON. */
export function structuredAnswer(
  schema: Record<string, unknown>,
  { text, data }: { text: string; data?: unknown },
): StructuredAnswer {
  if (data === undefined) {
    const found = jsonIn(text);
    if (!found) return { fits: false, problems: [notJson()] };
    return judged(schema, found.value);
  }
  const given = judged(schema, data);
  if (given.fits || typeof data !== 'string') return given;
  const inside = jsonIn(data);
  const read = inside ? judged(schema, inside.value) : given;
  return read.fits ? read : given;
}

/** The whole text, or a fenced block at its end. */
function jsonIn(text: string): { value: unknown } | null {
  return parsed(text) ?? parsed(lastBlock(text.trimEnd()));
}

function lastBlock(text: string): string {
  if (!text.endsWith('```')) return '';
  const before = text.slice(0, -3);
  const block = before.slice(before.lastIndexOf('```') + 3);
  return block.replace(/^json(?=\s)/, '');
}

function parsed(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

function judged(schema: Record<string, unknown>, data: unknown): StructuredAnswer {
  const problems = validateAgainstSchema(schema, data);
  return problems.length === 0 ? { fits: true, data } : { fits: false, problems };
}

function notJson(): Problem {
  return { path: '', code: 'NOT_JSON', message: 'The answer is not JSON.', severity: 'error' };
}
