// What our expressions can do beyond the CEL library: mixed arithmetic for the checker, and a few helpers for texts and lists.
import type { Environment } from '@marcbachmann/cel-js';
import { equalValues } from './cel-operators.ts';
import { fromCelValue, toCelValue } from './cel-value.ts';

/** Registers them; handlers get and return CEL values (int is bigint, double is number). */
export function registerFunctions(environment: Environment): Environment {
  for (const operator of ['+', '-', '*', '/', '%']) {
    environment.registerOperator(`int ${operator} double: double`, unreachable);
    environment.registerOperator(`double ${operator} int: double`, unreachable);
  }
  environment.registerOperator('double % double: double', unreachable);
  const register = (signature: string, handler: (...values: never[]) => unknown) =>
    environment.registerFunction(signature, { handler, async: false } as never); // the option is missing in the types
  register('json(dyn): string', (value: never) => JSON.stringify(fromCelValue(value)));
  register('parseJson(string): dyn', (text: string) => toCelValue(JSON.parse(text)));
  register('string.replace(string, string): string', (text: string, from: string, to: string) =>
    text.replaceAll(from, () => to),
  );
  register('base64(string): string', toBase64);
  register('fromBase64(string): string', fromBase64);
  register('string(google.protobuf.Timestamp): string', fromCelValue);
  register('string(google.protobuf.Duration): string', fromCelValue);
  register('keys(map): list<string>', (map: object) => Object.keys(map));
  register('values(map): list', (map: object) => Object.values(map));
  register('list.first(): dyn', (list: unknown[]) => end(list, 0));
  register('list.last(): dyn', (list: unknown[]) => end(list, -1));
  register('list.reverse(): list', (list: unknown[]) => list.toReversed());
  register('list.flatten(): list', (list: unknown[]) => list.flat());
  register('list.slice(int, int): list', (list: unknown[], from: bigint, to: bigint) =>
    list.slice(Number(from), Number(to)),
  );
  register('list.unique(): list', unique);
  register('list.sort(): list', (list: unknown[]) => list.toSorted(order));
  register('list.sum(): dyn', (list: unknown[]) => list.reduce(add, 0n));
  register('list.min(): dyn', (list: unknown[]) => extreme(list, -1));
  register('list.max(): dyn', (list: unknown[]) => extreme(list, 1));
  register('abs(int): int', (value: bigint) => (value < 0n ? -value : value));
  register('abs(double): double', (value: number) => Math.abs(value));
  for (const name of ['round', 'floor', 'ceil'] as const) {
    register(`${name}(int): int`, (value: bigint) => value);
    register(`${name}(double): int`, (value: number) => BigInt(Math[name](value)));
  }
  return environment;
}

/** The evaluator computes operators itself (cel-operators.ts); these exist for the type checker. */
function unreachable(): never {
  throw new Error('operators are computed in cel-operators.ts');
}

function add(total: unknown, value: unknown): bigint | number {
  if (typeof value !== 'bigint' && typeof value !== 'number') throw new Error('sum() adds numbers only');
  if (typeof total === 'bigint' && typeof value === 'bigint') return total + value;
  return Number(total) + Number(value);
}

function order(left: unknown, right: unknown): number {
  const numbers = isNumber(left) && isNumber(right);
  if (!numbers && !(typeof left === 'string' && typeof right === 'string')) {
    throw new Error('only numbers, or only texts, can be put in order');
  }
  return left === right ? 0 : (left as string) < (right as string) ? -1 : 1; // both are of one kind by now
}

function end(list: unknown[], place: 0 | -1): unknown {
  if (list.length === 0) throw new Error('an empty list has no first and no last value');
  return list.at(place);
}

// Both are in every JavaScript host, but in none of the libraries that this room is compiled with.
declare const btoa: (bytes: string) => string;
declare const atob: (base64: string) => string;

/** Of the text's UTF-8. */
function toBase64(text: string): string {
  const byte = (_: string, hex: string): string => String.fromCharCode(Number.parseInt(hex, 16));
  return btoa(encodeURIComponent(text).replace(/%([0-9A-F]{2})/g, byte));
}

function fromBase64(base64: string): string {
  const bytes = Array.from(atob(base64), (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
  try {
    return decodeURIComponent(bytes.join(''));
  } catch {
    throw new Error('fromBase64() gives text, and these bytes are not UTF-8');
  }
}

function extreme(list: unknown[], sign: number): unknown {
  if (list.length === 0) throw new Error('an empty list has no smallest or largest value');
  return list.reduce((best, value) => (order(value, best) * sign > 0 ? value : best));
}

function unique(list: unknown[]): unknown[] {
  if (list.length > 10_000) throw new Error('unique() takes at most 10000 values');
  const scalars = new Set<unknown>();
  const kept: unknown[] = [];
  for (const value of list) {
    if (typeof value === 'object' && value !== null) {
      if (kept.length > 1_000) throw new Error('unique() takes at most 1000 lists and maps');
      if (kept.some((other) => equalValues(other, value))) continue;
    } else {
      const scalar = typeof value === 'bigint' ? Number(value) : value;
      if (scalars.has(scalar)) continue;
      scalars.add(scalar);
    }
    kept.push(value);
  }
  return kept;
}

function isNumber(value: unknown): boolean {
  return typeof value === 'bigint' || typeof value === 'number';
}
