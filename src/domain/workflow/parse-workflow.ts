// Reads a workflow document from YAML or JSON text, or from data, and remembers where in the text everything stood.
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { WorkflowProblem } from '../../contract/workflow-document.ts';

export const SOURCE_MAX_LENGTH = 1_048_576;
const DEPTH_MAX = 64;
/** Values in a document, after aliases are followed. */
const VALUES_MAX = 100_000;

export type JsonPath = readonly (string | number)[];

export interface ParsedWorkflow {
  /** Plain data; undefined when it could not be read at all. */
  value: unknown;
  problems: WorkflowProblem[];
  /** Line and column of a value, of a place in a text value, or of a field's name; nothing when the source was data. */
  locate(path: JsonPath, place?: number | 'name'): { line?: number; column?: number };
}

/** Never throws, whatever it is given. */
export function parseWorkflow(source: unknown): ParsedWorkflow {
  try {
    return typeof source === 'string' ? parseText(source) : { ...plain(source), locate: () => ({}) };
  } catch (error) {
    const reason =
      error instanceof RangeError ? 'it is nested too deep' : error instanceof Error ? error.message : 'it is not data';
    return unreadable('SYNTAX_ERROR', `The document cannot be read: ${reason}.`);
  }
}

export function pointer(path: JsonPath): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function unreadable(code: string, message: string, place: { line?: number; column?: number } = {}): ParsedWorkflow {
  return { value: undefined, problems: [{ path: '', code, message, severity: 'error', ...place }], locate: () => ({}) };
}

function parseText(source: string): ParsedWorkflow {
  if (source.length > SOURCE_MAX_LENGTH) {
    return unreadable(
      'DOCUMENT_TOO_LARGE',
      `The document has ${source.length} characters; at most ${SOURCE_MAX_LENGTH} are allowed.`,
    );
  }
  if (nestedTooDeep(source))
    return unreadable('DOCUMENT_TOO_DEEP', `The document is nested deeper than ${DEPTH_MAX} levels.`);
  const lines = new LineCounter();
  // Our own walk finds duplicate keys: the library compares every key with every other.
  const document = parseDocument(source, {
    lineCounter: lines,
    uniqueKeys: false,
    logLevel: 'error',
    prettyErrors: false,
    merge: false,
  });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    return unreadable('SYNTAX_ERROR', `The document is neither YAML nor JSON: ${error.message}`, { line, column: col });
  }
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const duplicates = duplicateKeys(document.contents, at);
  const read = plain(document.toJS({ maxAliasCount: 100 }));
  const locate = (path: JsonPath, place: number | 'name' = 0) => locateIn({ document, source, at }, path, place);
  const problems = read.problems.map((problem) => ({ ...problem, ...locate(pathOf(problem.path)) }));
  return { value: read.value, problems: [...duplicates, ...problems], locate };
}

/** Brackets and indentation are counted before a recursive parser sees them. */
function nestedTooDeep(source: string): boolean {
  let depth = 0;
  let quote = '';
  for (const character of source) {
    if (quote) quote = character === quote || character === '\n' ? '' : quote;
    else if (character === '"') quote = character;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > 500) return true;
  }
  return /^\s{2000}/m.test(source) || /^(?:[-?:] ){200}/m.test(source);
}

function pathOf(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A plain copy: prototypes, getters, cycles and what JSON has no form for do not get past here. */
function plain(source: unknown): { value: unknown; problems: WorkflowProblem[] } {
  const problems: WorkflowProblem[] = [];
  let values = 0;
  const refuse = (path: JsonPath, code: string, message: string) => {
    if (problems.length < 20) problems.push({ path: pointer(path), code, message, severity: 'error' });
    return undefined;
  };
  const copy = (value: unknown, path: (string | number)[]): unknown => {
    if (++values > VALUES_MAX) {
      return values === VALUES_MAX + 1
        ? refuse([], 'DOCUMENT_TOO_LARGE', `The document holds more than ${VALUES_MAX} values.`)
        : undefined;
    }
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number') {
      return Number.isFinite(value) ? value : refuse(path, 'INVALID_VALUE', 'This number has no JSON form.');
    }
    if (typeof value !== 'object') {
      return value === undefined
        ? undefined
        : refuse(path, 'INVALID_VALUE', `A ${typeof value} has no place in a document.`);
    }
    if (path.length >= DEPTH_MAX)
      return refuse(path, 'DOCUMENT_TOO_DEEP', `The document is nested deeper than ${DEPTH_MAX} levels.`);
    if (Array.isArray(value)) return value.map((item, index) => copy(item, [...path, index]));
    const result: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      if (values > VALUES_MAX) break;
      if (key === '__proto__') refuse([...path, key], 'UNKNOWN_FIELD', 'The name __proto__ is not allowed.');
      else result[key] = copy(item, [...path, key]);
    }
    return result;
  };
  return { value: copy(source, []), problems };
}

function duplicateKeys(root: unknown, at: (offset: number) => { line: number; column: number }): WorkflowProblem[] {
  const problems: WorkflowProblem[] = [];
  const stack: { node: unknown; path: (string | number)[] }[] = [{ node: root, path: [] }];
  for (let entry = stack.pop(); entry !== undefined && problems.length < 20; entry = stack.pop()) {
    const { node, path } = entry;
    if (isSeq(node)) node.items.forEach((item, index) => stack.push({ node: item, path: [...path, index] }));
    if (!isMap(node)) continue;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if (isScalar(key) && seen.has(name)) {
        const message = `The field ${name} stands here twice; keep one of them.`;
        problems.push({
          path: pointer([...path, name]),
          code: 'DUPLICATE_FIELD',
          message,
          severity: 'error',
          ...at(key.range?.[0] ?? 0),
        });
      }
      seen.add(name);
      stack.push({ node: value, path: [...path, name] });
    }
  }
  return problems;
}

interface Text {
  document: ReturnType<typeof parseDocument>;
  source: string;
  at: (offset: number) => { line: number; column: number };
}

/** The value at a path; for a missing one the nearest that is there. */
function locateIn(
  { document, source, at }: Text,
  path: JsonPath,
  place: number | 'name',
): { line?: number; column?: number } {
  let node: unknown = document.contents;
  let start = rangeOf(node)?.[0];
  for (const [index, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const name = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))?.key
      : undefined;
    const next: unknown = isMap(node) || isSeq(node) ? node.get(part, true) : undefined;
    const onName = place === 'name' && index === path.length - 1;
    if (onName || next === undefined || next === null) {
      start = rangeOf(name)?.[0] ?? start;
      node = undefined;
      break;
    }
    node = next;
    start = rangeOf(node)?.[0] ?? start;
  }
  if (start === undefined) return {};
  return at(isScalar(node) && place !== 'name' ? start + sourceOffset(node, source, place) : start);
}

function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  return (node as Node | null | undefined)?.range ?? undefined; // every parsed node has a range
}

/** Where a character of a scalar's text stands in the source, counted from the scalar's start; exact but for folded text. */
function sourceOffset(
  node: { type?: string; range?: readonly [number, number, number] | null },
  source: string,
  offset: number,
): number {
  const [start, end] = node.range ?? [0, 0];
  const written = source.slice(start, end);
  if (node.type === 'BLOCK_LITERAL') return blockOffset(written, offset);
  if (node.type === 'BLOCK_FOLDED') return 0;
  if (node.type !== 'QUOTE_DOUBLE' && node.type !== 'QUOTE_SINGLE') return written.includes('\n') ? 0 : offset;
  if (offset === 0) return 1;
  let at = 1;
  for (let character = 0; character < offset && at < written.length; character++) {
    if (node.type === 'QUOTE_SINGLE') at += written.startsWith("''", at) ? 2 : 1;
    else at += /^\\(?:x..|u.{4}|U.{8}|.)|^./s.exec(written.slice(at, at + 10))?.[0].length ?? 1;
  }
  return at;
}

function blockOffset(written: string, offset: number): number {
  let position = written.indexOf('\n') + 1;
  const indent = /^\n*( *)/.exec(written.slice(position))?.[1]?.length ?? 0;
  let left = offset;
  for (;;) {
    const end = written.indexOf('\n', position);
    const length = Math.max(0, (end === -1 ? written.length : end) - position - indent);
    if (left <= length || end === -1) return position + indent + left;
    left -= length + 1;
    position = end + 1;
  }
}
