// Says in words what the schema of the document found: unknown types and fields with the nearest known name, missing fields.
import type { z } from 'zod';
import {
  AgentConfig, ApprovalConfig, HttpConfig, LanggraphConfig, MapConfig, nodeTypes, NotifyConfig, Retry,
  ShellConfig, SubWorkflowConfig, TransformConfig, WaitConfig, WorkflowDocument, WorkflowEdge, WorkflowTrigger,
} from '../../contract/workflow-document.ts'; // prettier-ignore
import type { DocumentProblems } from './document-problems.ts';
import { didYouMean } from './nearest-name.ts';
import type { JsonPath } from './parse-workflow.ts';

const configFields: Record<string, readonly string[]> = {
  agent: Object.keys(AgentConfig.shape),
  shell: Object.keys(ShellConfig.shape),
  http: Object.keys(HttpConfig.shape),
  approval: Object.keys(ApprovalConfig.shape),
  condition: [],
  transform: Object.keys(TransformConfig.shape),
  map: Object.keys(MapConfig.shape),
  wait: Object.keys(WaitConfig.shape),
  workflow: Object.keys(SubWorkflowConfig.shape),
  notify: Object.keys(NotifyConfig.shape),
  langgraph: Object.keys(LanggraphConfig.shape),
};
const innerFields = ['type', 'config', 'name', 'description', 'timeout', 'retry', 'onError'];
const nodeFields = ['id', ...innerFields, 'join', 'position'];

export function reportSchemaProblems(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  problems: DocumentProblems,
): void {
  for (const issue of issues) reportIssue(issue, [], value, problems);
}

function reportIssue(issue: z.core.$ZodIssue, before: JsonPath, value: unknown, problems: DocumentProblems): void {
  const path = [...before, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys.slice(0, 50))
        problems.add({ path: [...path, key], code: 'UNKNOWN_FIELD', message: unknownField(key, path, value) });
      return;
    case 'invalid_union':
      return reportUnion(issue, path, value, problems);
    case 'invalid_key':
      for (const inner of issue.issues) problems.add({ path, code: 'INVALID_ID', message: inner.message });
      return;
    case 'invalid_type':
      return problems.add(missing(issue, path, value));
    default:
      problems.add({ path, code: codeOf(path), message: said(issue) });
  }
}

function said(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value')
    return `This must be ${issue.values.map((item) => JSON.stringify(item)).join(' or ')}.`;
  if (issue.code === 'too_small' && typeof issue.minimum === 'number' && issue.origin !== 'array')
    return `This must be at least ${issue.minimum}.`;
  if (issue.code === 'too_big' && typeof issue.maximum === 'number' && issue.origin !== 'string')
    return `This must be at most ${issue.maximum}.`;
  return issue.message;
}

function codeOf(path: JsonPath): string {
  if (path[0] === 'nodes' && path.length === 1) return 'NO_NODES';
  return path.at(-1) === 'id' ? 'INVALID_ID' : 'INVALID_VALUE';
}

function missing(issue: z.core.$ZodIssueInvalidType, path: JsonPath, value: unknown) {
  const field = String(path.at(-1) ?? 'document');
  if (path.length === 0)
    return { path, code: 'INVALID_VALUE', message: 'A workflow document is a map with `nodes` and `edges`.' };
  const found = valueAt(value, path);
  if (found !== undefined) {
    const got =
      found === null
        ? 'null'
        : Array.isArray(found)
          ? 'a list'
          : typeof found === 'object'
            ? 'a map'
            : `a ${typeof found}`;
    return { path, code: 'INVALID_VALUE', message: `\`${field}\` must be ${kindName(issue.expected)}, not ${got}.` };
  }
  if (path.length === 1 && field === 'nodes')
    return { path, code: 'NO_NODES', message: 'A workflow needs at least one node: add `nodes`.' };
  return {
    path,
    code: 'MISSING_FIELD',
    message: `\`${field}\` is missing here; it must be ${kindName(issue.expected)}.`,
  };
}

function kindName(expected: string): string {
  const names: Record<string, string> = {
    string: 'text',
    object: 'a map',
    record: 'a map',
    array: 'a list',
    int: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
  };
  return names[expected] ?? expected;
}

function reportUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  path: JsonPath,
  value: unknown,
  problems: DocumentProblems,
): void {
  const found = valueAt(value, path);
  if (issue.discriminator === 'type' || path.at(-1) === 'type') {
    if (found === undefined)
      return problems.add({
        path,
        code: 'MISSING_FIELD',
        message: `\`type\` is missing; it is one of ${nodeTypes.join(', ')}.`,
      });
    const type = String(found);
    const message = `There is no node type ${JSON.stringify(type)}.${didYouMean(type, nodeTypes)} Known types: ${nodeTypes.join(', ')}.`;
    return problems.add({ path, code: 'UNKNOWN_TYPE', message });
  }
  if (found === undefined)
    return problems.add({ path, code: 'MISSING_FIELD', message: `\`${String(path.at(-1))}\` is missing here.` });
  // The alternative that got furthest says best what is wrong: one that accepts the kind of value at all.
  const fitting = issue.errors.filter(
    (errors) => !errors.some((error) => error.code === 'invalid_type' && error.path.length === 0),
  );
  const [best] = (fitting.length > 0 ? fitting : issue.errors).toSorted((left, right) => left.length - right.length);
  if (fitting.length === 0 || !best) {
    const choices = issue.errors
      .flat()
      .flatMap((error) => (error.code === 'invalid_type' ? [kindName(error.expected)] : []));
    return problems.add({
      path,
      code: 'INVALID_VALUE',
      message: `\`${String(path.at(-1))}\` must be ${[...new Set(choices)].join(' or ') || 'something else'}.`,
    });
  }
  for (const inner of best) reportIssue(inner, path, value, problems);
}

function unknownField(key: string, path: JsonPath, value: unknown): string {
  const known = knownFields(path, value);
  const list = known.length === 0 ? 'Nothing can be set here.' : `Known fields: ${known.join(', ')}.`;
  return `There is no field \`${key}\` here.${didYouMean(key, known)} ${list}`;
}

function knownFields(path: JsonPath, value: unknown): readonly string[] {
  const last = path.at(-1);
  const parent = valueAt(value, path.slice(0, -1));
  if (path.length === 0) return Object.keys(WorkflowDocument.shape);
  if (last === 'config') return configFields[String((parent as { type?: unknown } | undefined)?.type)] ?? [];
  if (last === 'retry') return Object.keys(Retry.shape);
  if (last === 'join') return ['quorum', 'cancelRest'];
  if (last === 'node') return innerFields;
  if (path.length === 2 && path[0] === 'nodes') return nodeFields;
  if (path.length === 2 && path[0] === 'edges') return Object.keys(WorkflowEdge.shape);
  if (path.length === 2 && path[0] === 'triggers')
    return [...new Set(WorkflowTrigger.options.flatMap(({ shape }) => Object.keys(shape)))];
  if (path.length === 1 && last === 'workspace') return ['path', 'isolation', 'merge'];
  return path.length === 1 && last === 'budget' ? ['usd', 'tokens', 'duration'] : [];
}

export function valueAt(value: unknown, path: JsonPath): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    current = (current as Record<string | number, unknown>)[part];
  }
  return current;
}
