/**
 * Reads values given as text on a command line. The rule, also in the help: what is JSON in its plain form is that value
 * (3, true, null, [1,2], {"a":1}, "3" with its quotes), everything else is text. So 1.10 and 007 stay what they are.
 * An input whose declared type is string is always text.
 */
import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import type { PinnedOutcomes } from '../contract/pinned-outcomes.ts';
import { type CommandIo, readAll } from './command-io.ts';
import { UsageError } from './usage-error.ts';

export function givenValue(text: string, declaredType?: unknown): unknown {
  if (declaredType === 'string') return text;
  const trimmed = text.trim();
  if (/^-?\d/.test(trimmed)) return String(Number(trimmed)) === trimmed ? Number(trimmed) : text;
  if (!/^(?:true|false|null|\[[\s\S]*\]|\{[\s\S]*\}|"[\s\S]*")$/.test(trimmed)) return text;
  try {
    return JSON.parse(trimmed);
  } catch {
    return text;
  }
}

/** `k=v` pairs over what a file holds. `declared` are the workflow's inputs, where they are known. */
export function givenInputs(given: {
  pairs: readonly string[];
  file?: string | undefined;
  declared?: unknown;
}): Record<string, unknown> {
  // A map first: an input called __proto__ is a name like any other.
  const inputs = new Map(given.file === undefined ? [] : Object.entries(readMap(given.file)));
  for (const pair of given.pairs) {
    const at = pair.indexOf('=');
    if (at <= 0) throw new UsageError(`“${pair}” is not an input.`, 'Write it as --input name=value.');
    const name = pair.slice(0, at);
    inputs.set(name, givenValue(pair.slice(at + 1), declaredType(given.declared, name)));
  }
  return Object.fromEntries(inputs);
}

/** The `inputs` that a workflow document declares; undefined when the text is no document (the server says why). */
export function declaredInputs(document: string): unknown {
  try {
    return (parseYaml(document) as { inputs?: unknown } | null)?.inputs;
  } catch {
    return undefined;
  }
}

/** JSON as given, or from a file when it begins with `@`. */
export function givenJson(text: string, option: string): unknown {
  const json = text.startsWith('@') ? readText(text.slice(1)) : text;
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UsageError(
      `${option} is not valid JSON: ${error instanceof Error ? error.message : String(error)}`,
      `Write it like ${option} '{"name": "value"}', or name a file with ${option} @file.json.`,
    );
  }
}

/** `node=JSON` pairs as the `pinned` of a request; the server says what does not fit. */
export function givenPins(pairs: readonly string[] = []): { pinned?: PinnedOutcomes } {
  const pinned = new Map<string, PinnedOutcomes[string]>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at <= 0)
      throw new UsageError(
        `“${pair}” pins nothing.`,
        `Write it as --pin 'node={"output": …}' or --pin node=@file.json.`,
      );
    pinned.set(pair.slice(0, at), givenJson(pair.slice(at + 1), '--pin') as PinnedOutcomes[string]); // JSON by its parser
  }
  return pinned.size > 0 ? { pinned: Object.fromEntries(pinned) } : {};
}

/** The text of a file, or of standard input for `-`. */
export async function readFileOrInput(file: string, io: Pick<CommandIo, 'stdin'>): Promise<string> {
  return file === '-' ? await readAll(io.stdin) : readText(file);
}

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a directory' : `cannot be read (${code})`;
    throw new UsageError(`The file ${file} ${why}.`, 'Check the path.');
  }
}

function readMap(file: string): object {
  let value: unknown;
  try {
    value = parseYaml(readText(file));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `${file} is neither JSON nor YAML: ${error instanceof Error ? error.message : String(error)}`,
      'Correct the file.',
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${file} holds no map of inputs.`, 'Write it as {"name": value, …}.');
  return value;
}

function declaredType(declared: unknown, name: string): unknown {
  if (typeof declared !== 'object' || declared === null || !Object.hasOwn(declared, name)) return undefined;
  return ((declared as Record<string, unknown>)[name] as { type?: unknown } | null)?.type;
}
