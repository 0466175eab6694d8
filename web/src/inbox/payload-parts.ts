/** What of a payload is read as a sentence, as code or as a diff, and what is left as a tree; pure. Nothing is dropped unseen. */
import type { CodeLanguage } from './highlight.ts';
import { t } from '../words/words.ts';

export type PayloadPart =
  | { kind: 'prose'; name: string; text: string }
  | { kind: 'code'; name: string; text: string; language: CodeLanguage }
  | { kind: 'diff'; name: string; title: string; lines: DiffLine[]; added: number; removed: number };

export interface DiffLine {
  type: 'add' | 'delete' | 'context' | 'place';
  text: string;
}

const PROSE = ['body', 'question', 'message', 'reason', 'description', 'detail'];
const CODE: Record<string, CodeLanguage> = {
  command: 'shell',
  prompt: 'code',
  text: 'code',
  stderr: 'code',
  stdout: 'code',
};
/** Said by the title, the form and the buttons, the link to where it comes from, and the time that is left. */
const SAID_ELSEWHERE = ['title', 'form', 'choices', 'questions', 'workflow', 'nodeId', 'onExpire'];
/** Of an edit: what the diff shows already. */
const IN_THE_DIFF = ['old_string', 'new_string', 'content', 'file_path'];

export function payloadParts(payload: Readonly<Record<string, unknown>>): {
  parts: PayloadPart[];
  rest: Record<string, unknown>;
} {
  const parts: PayloadPart[] = [];
  const rest: Record<string, unknown> = {};
  const diff = typeof payload['diff'] === 'string' ? payload['diff'] : null;
  for (const [name, value] of Object.entries(payload)) {
    if (SAID_ELSEWHERE.includes(name) || isNothing(value)) continue;
    const language = CODE[name];
    if (PROSE.includes(name) && typeof value === 'string') parts.push({ kind: 'prose', name, text: value });
    else if (name === 'diff' && diff !== null) parts.push({ kind: 'diff', name, ...diffPart(diff) });
    else if (language && typeof value === 'string') parts.push({ kind: 'code', name, text: value, language });
    else if (language && isArgv(value))
      parts.push({ kind: 'code', name, text: value.map(quoted).join(' '), language: 'shell' });
    else if (name === 'input' && diff !== null && isObject(value)) {
      const left = Object.fromEntries(Object.entries(value).filter(([key]) => !IN_THE_DIFF.includes(key)));
      if (Object.keys(left).length > 0) rest[name] = left;
    } else rest[name] = value;
  }
  const order = { prose: 0, code: 1, diff: 2 };
  return { parts: parts.toSorted((a, b) => order[a.kind] - order[b.kind]), rest };
}

function diffPart(text: string): Omit<Extract<PayloadPart, { kind: 'diff' }>, 'kind' | 'name'> {
  const [first = '', ...others] = text.split('\n');
  // Ours begins with the file it is about, as if that were a place in it.
  const file = /^@@ (?!-\d)(.+) @@$/.exec(first)?.[1];
  const lines = (file === undefined ? [first, ...others] : others).map(lineOf);
  return {
    title: file ?? t('changes'),
    lines,
    added: lines.filter(({ type }) => type === 'add').length,
    removed: lines.filter(({ type }) => type === 'delete').length,
  };
}

function lineOf(line: string): DiffLine {
  if (line.startsWith('@@') || line.startsWith('+++') || line.startsWith('---')) return { type: 'place', text: line };
  if (line.startsWith('+')) return { type: 'add', text: line.slice(1) };
  if (line.startsWith('-')) return { type: 'delete', text: line.slice(1) };
  return { type: 'context', text: line.startsWith(' ') ? line.slice(1) : line };
}

const isNothing = (value: unknown): boolean => value === undefined || value === null || value === '';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isArgv(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string');
}

/** So that where one argument ends is never in doubt. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
