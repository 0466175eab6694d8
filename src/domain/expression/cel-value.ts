// The border between JSON and CEL: data goes in as null-prototype copies with whole numbers as int, results come out as JSON.
import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';

/** A result that has no JSON form: not a number, bytes, a type, nested too deep. */
export class NotJsonError extends Error {}

/** Deeper data is refused: every walk over it is recursive. */
export const DATA_MAX_DEPTH = 200;

/** Keys that could reach a prototype; they are left out of what expressions see and make. */
const UNSAFE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const copies = new WeakMap<object, unknown>();

/** A copy for the evaluator; the same object is copied once, so never change data after it was used. */
export function toCelValue(value: unknown, depth = 0): unknown {
  if (depth > DATA_MAX_DEPTH) throw new NotJsonError(`the data is nested more than ${DATA_MAX_DEPTH} levels deep`);
  if (typeof value === 'number') return isInt(value) ? BigInt(value) : value;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value !== 'object') return null;
  const known = copies.get(value);
  if (known !== undefined) return known;
  const copy = Array.isArray(value) ? value.map((item) => toCelValue(item, depth + 1)) : copyMap(value, depth);
  copies.set(value, copy);
  return copy;
}

function copyMap(value: object, depth: number): unknown {
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined && !UNSAFE_KEYS.has(key)) copy[key] = toCelValue(item, depth + 1);
  }
  return copy;
}

/** The JSON of a result: int and double become numbers, timestamps and durations ISO 8601 text. */
export function fromCelValue(value: unknown, depth = 0): unknown {
  if (depth > DATA_MAX_DEPTH) throw new NotJsonError(`the result is nested more than ${DATA_MAX_DEPTH} levels deep`);
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'bigint':
      return wholeNumber(value);
    case 'number':
      if (!Number.isFinite(value)) throw new NotJsonError(`the result ${value} is not a JSON number`);
      return value;
    case 'object':
      return value === null ? null : fromCelObject(value, depth);
    default:
      throw new NotJsonError('the result is not JSON data');
  }
}

function fromCelObject(value: object, depth: number): unknown {
  if (Array.isArray(value)) return value.map((item) => fromCelValue(item, depth + 1));
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Duration) return `${value.valueOf() < 0 ? '-' : ''}PT${Math.abs(value.valueOf()) / 1000}S`;
  if (value instanceof UnsignedInt) return wholeNumber(BigInt(String(value)));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    throw new NotJsonError('the result is not JSON data; turn it into text with string()');
  }
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (!UNSAFE_KEYS.has(key)) copy[key] = fromCelValue(item, depth + 1);
  }
  return copy;
}

const INT_LIMIT = 2n ** 53n;

function wholeNumber(value: bigint): number {
  if (value > INT_LIMIT || value < -INT_LIMIT) {
    throw new NotJsonError(`the whole number ${value} is beyond ±2^53 and would lose digits; use double() or string()`);
  }
  return Number(value);
}

/** Rule 17: a JSON number is an int when it is whole and within ±2^53. */
function isInt(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= 2 ** 53 && !Object.is(value, -0);
}
