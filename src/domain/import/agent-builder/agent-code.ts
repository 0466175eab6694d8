/**
 * Reads the code that OpenAI's Agent Builder exports (TypeScript or Python, for its Agents SDK) as far as it is a workflow:
 * which agents there are, in which order they run, and what decides. It is read as text; nothing of it is evaluated.
 */
import { closing, maskCode, stringAt } from './code-text.ts';
import { ForeignDataError } from '../foreign-value.ts';
import { pythonSteps } from './agent-code-python.ts';
import { scriptSteps } from './agent-code-script.ts';

export type CodeStep =
  | { kind: 'run'; agent: string; result: string; line: number }
  | { kind: 'branch'; cases: { condition: string; body: CodeStep[] }[]; otherwise: CodeStep[]; line: number }
  | { kind: 'loop'; condition: string; body: CodeStep[]; line: number }
  | { kind: 'end' };

export interface CodeAgent {
  variable: string;
  name: string;
  instructions: string;
  /** It has tools, or hands over to others: words of the code. */
  beside: string[];
  schema: Record<string, unknown> | undefined;
  line: number;
}

export interface AgentCode {
  name: string;
  agents: ReadonlyMap<string, CodeAgent>;
  steps: CodeStep[];
  /** The text of a variable that holds one. */
  textOf(variable: string): string | undefined;
}

/** Real exports are a few hundred lines; each agent and each step costs a look over the rest of the text. */
const CODE_MAX_LENGTH = 200_000;
const AGENTS_MAX = 200;
const STEPS_MAX = 1_000;

export function looksLikeAgentCode(source: string): boolean {
  return /\bAgent\s*(?:<[^>]{0,200}>)?\(/.test(source) && /\b[Rr]unner\s*\.\s*run\s*\(/.test(source);
}

export function readAgentCode(source: string): AgentCode {
  if (source.length > CODE_MAX_LENGTH)
    throw new ForeignDataError(`The code has ${source.length} characters; at most ${CODE_MAX_LENGTH} are read.`);
  const python = /^\s*(?:from agents import|import agents|async def |class \w+\(BaseModel\))/m.test(source);
  const masked = maskCode(source, python);
  const lineOf = lineNumbers(source);
  const textOf = (variable: string): string | undefined => {
    if (!/^\w{1,100}$/.test(variable)) return undefined;
    const defined = new RegExp(`\\b${variable}\\b\\s*(?:=(?!=)|\\()`).exec(masked);
    if (!defined) return undefined;
    const from = defined.index + defined[0].length;
    const direct = stringAt(source, from, python);
    if (direct !== undefined) return direct;
    const returned = /\breturn\s/.exec(masked.slice(from, from + 2_000));
    return returned ? stringAt(source, from + returned.index + returned[0].length, python) : undefined;
  };
  const agents = new Map<string, CodeAgent>();
  let made = 0;
  const begins = python
    ? /^(\w+)\s*=\s*Agent\s*(?:\[[^\]]{0,100}\])?\(/gm
    : /\b(?:const|let|var)\s+(\w+)\s*(?::[^=]{0,100})?=\s*(?:new\s+Agent|Agent\s*\.\s*create)\s*(?:<[^>]{0,100}>)?\(/g;
  for (const match of masked.matchAll(begins)) {
    if (++made > AGENTS_MAX) throw new ForeignDataError(`The code has more than ${AGENTS_MAX} agents.`);
    const variable = match[1] ?? '';
    const start = match.index + match[0].length;
    const end = closing(masked, start - 1);
    const property = (name: string): { text?: string; word?: string } => {
      const at = propertyAt(masked, { start, end, name });
      if (at === undefined) return {};
      const text = stringAt(source, at, python);
      if (text !== undefined) return { text };
      const word = /^\s*(\w+)/.exec(source.slice(at, at + 200))?.[1];
      return word === undefined ? {} : { word };
    };
    const instructions = property('instructions');
    const type = property(python ? 'output_type' : 'outputType').word;
    agents.set(variable, {
      variable,
      name: property('name').text ?? variable,
      instructions: instructions.text ?? (instructions.word === undefined ? '' : (textOf(instructions.word) ?? '')),
      beside: ['tools', 'handoffs'].filter((name) => propertyAt(masked, { start, end, name }) !== undefined),
      schema: type === undefined ? undefined : schemaOf(source, masked, type),
      line: lineOf(match.index),
    });
  }
  let count = 0;
  const steps = (python ? pythonSteps : scriptSteps)({
    source,
    masked,
    lineOf,
    step: () => {
      if (++count > STEPS_MAX) throw new ForeignDataError(`The code has more than ${STEPS_MAX} steps.`);
    },
  });
  const trace = /\b(?:withTrace|trace)\s*\(/.exec(masked);
  const name = trace ? stringAt(source, trace.index + trace[0].length, python) : undefined;
  return { name: name ?? 'Agent Builder workflow', agents, steps, textOf };
}

/** Where the value of a property begins that stands directly in the call. */
function propertyAt(
  masked: string,
  { start, end, name }: { start: number; end: number; name: string },
): number | undefined {
  let depth = 0;
  const deepest = masked.slice(start, end).trimStart().startsWith('{') ? 1 : 0;
  const found = new RegExp(`\\b${name}\\s*[:=](?!=)`, 'y');
  for (let place = start; place < end - 1; place++) {
    const character = masked[place] ?? '';
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    else if (depth === deepest && character === name[0] && !/\w/.test(masked[place - 1] ?? '')) {
      found.lastIndex = place;
      const match = found.exec(masked);
      if (match) return place + match[0].length;
    }
  }
  return undefined;
}

const SIMPLE: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  boolean: 'boolean',
  array: 'array',
  object: 'object',
  str: 'string',
  float: 'number',
  int: 'integer',
  bool: 'boolean',
  list: 'array',
  dict: 'object',
};

/** The fields of a Zod object or a Pydantic model, one level deep. */
function schemaOf(source: string, masked: string, name: string): Record<string, unknown> | undefined {
  const script = new RegExp(`\\b${name}\\s*=\\s*z\\s*\\.\\s*object\\(`).exec(masked);
  const model = script
    ? null
    : new RegExp(`^class ${name}\\(BaseModel\\):\\n((?:[ \\t]+.*\\n|\\n)*)`, 'm').exec(masked);
  const properties: Record<string, unknown> = Object.create(null);
  if (script) {
    const start = script.index + script[0].length;
    const end = closing(masked, start - 1);
    let depth = 0;
    for (let place = start; place < end - 1; place++) {
      const character = masked[place] ?? '';
      const field = depth === 1 ? /^(\w+)\s*:\s*z\s*\.\s*(\w+)\(/.exec(masked.slice(place, place + 200)) : null;
      if (field && !/\w/.test(masked[place - 1] ?? '')) {
        const kind = field[2] ?? '';
        const values =
          kind === 'enum' ? source.slice(place + field[0].length, closing(masked, place + field[0].length - 1)) : '';
        const words = [...values.matchAll(/"([^"\\]*)"|'([^'\\]*)'/g)].map((match) => match[1] ?? match[2] ?? '');
        properties[field[1] ?? ''] = kind === 'enum' ? { type: 'string', enum: words } : typeOf(kind);
        place += field[0].length - 2;
      } else if ('([{'.includes(character)) depth++;
      else if (')]}'.includes(character)) depth--;
    }
  }
  for (const match of (model?.[1] ?? '').matchAll(/^[ \t]+(\w+)\s*:\s*(\w+)/gm))
    properties[match[1] ?? ''] = typeOf((match[2] ?? '').toLowerCase());
  const names = Object.keys(properties).filter((field) => field !== '__proto__');
  if (names.length === 0) return undefined;
  return { type: 'object', required: names, properties: { ...properties } };
}

function typeOf(kind: string): Record<string, unknown> {
  return Object.hasOwn(SIMPLE, kind) ? { type: SIMPLE[kind] } : {};
}

function lineNumbers(source: string): (place: number) => number {
  const starts = [0];
  for (let place = source.indexOf('\n'); place !== -1; place = source.indexOf('\n', place + 1)) starts.push(place + 1);
  return (place) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}
