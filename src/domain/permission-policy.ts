/**
 * What the rules say of a tool that an agent wants to use: deny outranks ask, ask outranks allow, and where no rule fits
 * a person is asked. Pure.
 */
import type { Policy, PolicyEffect } from '../contract/policies.ts';

export interface PolicyRequest {
  agent: { id: string; role: string };
  tool: string;
  input: Readonly<Record<string, unknown>>;
}

export interface PolicyDecision {
  effect: PolicyEffect;
  /** The rule that decided; null where none fits. */
  policy: Policy | null;
}

const RANK: readonly PolicyEffect[] = ['deny', 'ask', 'allow'];

export function decidePermission(policies: readonly Policy[], request: PolicyRequest): PolicyDecision {
  const fitting = policies.filter((policy) => fits(policy, request));
  for (const effect of RANK) {
    const policy = fitting.find((one) => one.effect === effect);
    if (policy) return { effect, policy };
  }
  return { effect: 'ask', policy: null };
}

/** The one text that a pattern is held against: a command, a path, an address; empty where the tool has none. */
export function permissionSubject(tool: string, input: Readonly<Record<string, unknown>>): string {
  for (const name of ['command', 'file_path', 'notebook_path', 'path', 'url', 'query']) {
    const value = input[name];
    if (typeof value === 'string') return isPath(name) ? plainPath(value) : value;
  }
  return severalPaths(input).map(plainPath).join('\n');
}

/** The pattern that fits exactly this text and nothing else. */
export function exactPattern(subject: string): string {
  return subject.replaceAll(/[\\*]/g, (character) => `\\${character}`);
}

function fits(policy: Policy, { agent, tool, input }: PolicyRequest): boolean {
  if (policy.agentId && policy.agentId !== agent.id) return false;
  if (policy.role && policy.role !== agent.role) return false;
  if (policy.tool !== '*' && policy.tool !== tool) return false;
  if (policy.pattern === undefined) return true;
  const subject = permissionSubject(tool, input);
  if (policy.effect !== 'allow') return partsOf(subject).some((part) => matches(policy.pattern ?? '', part));
  // `git *` must not let `git status; rm -rf ~` through: a command that holds another one fits only letter by letter.
  if (typeof input['command'] === 'string' && hasWildcard(policy.pattern) && JOINS_COMMANDS.test(subject)) return false;
  // Each of several paths has to be allowed, not only how the first begins and the last ends.
  const paths = severalPaths(input);
  if (paths.length > 0 && hasWildcard(policy.pattern))
    return paths.every((path) => matches(policy.pattern ?? '', plainPath(path)));
  return matches(policy.pattern, subject);
}

/** Of a change to several files at once. */
function severalPaths(input: Readonly<Record<string, unknown>>): string[] {
  const paths = input['file_paths'];
  return Array.isArray(paths) ? paths.filter((path) => typeof path === 'string') : [];
}

/** Characters by which a shell runs a second command, expands a value or writes elsewhere. */
const JOINS_COMMANDS = /[;&|<>`$(){}\n\\]/;

/** For deny and ask, each command in a line counts as if it stood alone. */
function partsOf(subject: string): string[] {
  return [subject, ...subject.split(/[;&|\n(){}`]+/).map((part) => part.trim())];
}

function hasWildcard(pattern: string): boolean {
  return /(?<!\\)(?:\\\\)*\*/.test(pattern);
}

/** `*` stands for any text, `\*` and `\\` for themselves. Runs in time linear in text and pattern. */
function matches(pattern: string, text: string): boolean {
  const pieces = piecesOf(pattern);
  const [first = '', ...rest] = pieces;
  if (rest.length === 0) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  const last = rest.pop() ?? '';
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

function piecesOf(pattern: string): string[] {
  const pieces = [''];
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index] ?? '';
    if (character === '*') pieces.push('');
    else {
      const escapes = character === '\\' && index + 1 < pattern.length;
      if (escapes) index += 1;
      pieces[pieces.length - 1] += escapes ? (pattern[index] ?? '') : character;
    }
  }
  return pieces;
}

function isPath(name: string): boolean {
  return name.endsWith('path');
}

/** Without `.` and `..`, so that a pattern for a directory cannot be left. */
function plainPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`;
}
