/**
 * What changed between two states that share their unchanged parts, so that a superstep stores only that.
 * Parts are compared by identity: the state's author must keep unchanged entries identical.
 */
import type { Change } from '../../ports/checkpoints.ts';

/** Deeper than this a changed part is stored whole: state → room → drawer → entry. */
const MAX_DEPTH = 4;

/** Null when nothing changed. */
export function difference(before: unknown, after: unknown, depth = 0): Change | null {
  if (before === after) return null;
  if (depth >= MAX_DEPTH || !isMap(before) || !isMap(after)) return { value: after };
  const map: Record<string, Change> = {};
  for (const [key, value] of Object.entries(after)) {
    const change = Object.hasOwn(before, key) ? difference(before[key], value, depth + 1) : { value };
    if (change) map[key] = change;
  }
  const removed = Object.keys(before).filter((key) => !Object.hasOwn(after, key) || after[key] === undefined);
  return { map, ...(removed.length > 0 ? { removed } : {}) };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
