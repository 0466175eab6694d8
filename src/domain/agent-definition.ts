/** Reads an agent definition (Markdown with front matter, Claude Code's format), and changes one without losing what it does not know. Pure. */
import { parseDocument } from 'yaml';
import { z } from 'zod';
import {
  type AgentDefinition,
  type ChangeAgentDefinition,
  DEFINITION_MAX_LENGTH,
  DefinitionName,
} from '../contract/agent-definitions.ts';
import { PermissionMode } from '../contract/agents.ts';
import type { ProblemItem } from '../contract/errors.ts';
import { type JsonPath, parseWorkflow, pointer } from './workflow/parse-workflow.ts';

export interface ReadDefinition {
  /** Null when there are problems. */
  definition: AgentDefinition | null;
  /** `path` is that of the field in the front matter, `line` that of the file. */
  problems: ProblemItem[];
}

/** An empty field is one that is left out, as in Claude Code. */
const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);
const Text = z.string().trim().min(1);
/** A list, or one text with commas; a comma in brackets belongs to the tool. */
const Tools = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(/,(?![^(]*\))/))])
  .transform((tools) => tools.map((tool) => tool.trim()).filter((tool) => tool !== ''));

const FrontMatter = z.object({
  name: z.string().trim().pipe(DefinitionName),
  description: Text,
  tools: optional(Tools),
  disallowedTools: optional(Tools),
  /** `inherit` is what leaving it out means here. */
  model: optional(Text).transform((model) => (model === 'inherit' ? undefined : model)),
  /** Claude Code calls `manual` the default. */
  permissionMode: optional(z.preprocess((mode) => (mode === 'default' ? 'manual' : mode), PermissionMode)),
});

/** Never throws, whatever it is given. */
export function readDefinition(text: string): ReadDefinition {
  const unreadable = unreadablePlace(text);
  if (unreadable) return refused(unreadable);
  const parts = partsOf(text);
  if (!parts)
    return refused({ message: 'A definition begins with front matter between two lines of ---.', line: 1, column: 1 });
  const front = parseFrontMatter(parts.frontMatter);
  if (front.problems.length > 0) return { definition: null, problems: front.problems };
  const parsed = FrontMatter.safeParse(front.value ?? {});
  if (!parsed.success)
    return { definition: null, problems: parsed.error.issues.map((issue) => problemOf(issue, front.place)) };
  const { name, description, ...rest } = parsed.data;
  const known = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { definition: { name, description, ...known, instructions: parts.body.trim() }, problems: [] };
}

/** The text of a readable definition with these changes. Fields, comments and order that are not concerned stay as they are. */
export function changeDefinition(text: string, { instructions, ...fields }: ChangeAgentDefinition): string {
  const parts = partsOf(text);
  if (!parts) throw new Error('only a definition that could be read can be changed');
  const changed = Object.entries(fields).filter(([, value]) => value !== undefined);
  const frontMatter = changed.length === 0 ? parts.frontMatter : changeFields(parts.frontMatter, changed);
  const body = instructions === undefined ? parts.body : `\n${instructions.trim()}\n`;
  const result = `---\n${frontMatter}---\n${body}`;
  return text.includes('\r\n') ? result.replaceAll('\n', '\r\n') : result;
}

function changeFields(frontMatter: string, changes: readonly (readonly [string, unknown])[]): string {
  const document = parseDocument(readableSource(frontMatter));
  for (const [field, value] of changes) {
    if (value === null) document.delete(field);
    else document.set(field, Array.isArray(value) ? value.join(', ') : value);
  }
  return document.toString({ lineWidth: 0 });
}

function partsOf(text: string): { frontMatter: string; body: string } | null {
  const lines = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const found = /^---[ \t]*\n((?:.*\n)*?)---[ \t]*(?:\n([\s\S]*))?$/.exec(lines);
  return found ? { frontMatter: found[1] ?? '', body: found[2] ?? '' } : null;
}

function unreadablePlace(text: string): { message: string; line?: number; column?: number } | null {
  if (text.length > DEFINITION_MAX_LENGTH)
    return {
      message: `The definition has ${text.length} characters; at most ${DEFINITION_MAX_LENGTH} are allowed.`,
    };
  const at = text.isWellFormed() ? text.indexOf('\u0000') : text.search(/\p{Surrogate}/u);
  if (at < 0) return null;
  const before = text.slice(0, at).split('\n');
  return {
    message: 'A character here belongs to no text.',
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
  };
}

interface Front {
  value: unknown;
  problems: ProblemItem[];
  /** Line and column in the file. */
  place: (path: JsonPath) => { line?: number; column?: number };
}

function parseFrontMatter(frontMatter: string): Front {
  const parsed = parseWorkflow(readableSource(frontMatter));
  const inFile = ({ line, column }: { line?: number | undefined; column?: number | undefined }) => ({
    ...(line === undefined ? {} : { line: line + 1 }),
    ...(column === undefined ? {} : { column }),
  });
  return {
    value: parsed.value,
    problems: parsed.problems.map(({ path, code, message, severity, ...place }) => ({
      path,
      code,
      message: message.replace('The document is neither YAML nor JSON', 'The front matter is not valid YAML'),
      severity,
      ...inFile(place),
    })),
    place: (path) => inFile(parsed.locate(path)),
  };
}

/** Claude Code writes descriptions with colons and without quotes, and reads them: what is no YAML is tried with quotes. */
function readableSource(frontMatter: string): string {
  if (!isBroken(frontMatter)) return frontMatter;
  const quoted = frontMatter.replaceAll(
    /^([A-Za-z][\w-]*:[ \t]+)(?!["'|>[{&*!])(.*(?:: |:$| #).*)$/gm,
    (_line, field: string, value: string) => `${field}'${value.replaceAll("'", "''")}'`,
  );
  return isBroken(quoted) ? frontMatter : quoted;
}

function isBroken(source: string): boolean {
  return parseWorkflow(source).problems.some(({ code }) => code === 'SYNTAX_ERROR');
}

function problemOf(issue: z.core.$ZodIssue, place: Front['place']): ProblemItem {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const field = path.join('/');
  const missing = issue.code === 'invalid_type' && issue.message.includes('received undefined');
  const why = missing
    ? `“${field}” is missing.`
    : issue.code === 'invalid_value'
      ? `“${field}” must be one of default, ${issue.values.join(', ')}.`
      : issue.code === 'too_small'
        ? `“${field}” is empty.`
        : issue.code === 'invalid_format'
          ? `“${field}” ${issue.message}.`
          : `“${field}” is of the wrong type.`;
  return {
    path: pointer(path),
    code: missing ? 'REQUIRED' : 'INVALID_VALUE',
    message: field === '' ? 'The front matter must be a map of fields.' : why,
    severity: 'error',
    ...place(path),
  };
}

function refused({ message, ...place }: { message: string; line?: number; column?: number }): ReadDefinition {
  return { definition: null, problems: [{ path: '', code: 'INVALID_VALUE', message, severity: 'error', ...place }] };
}
