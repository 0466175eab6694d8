/** Reads data that somebody else wrote: bounded, copied onto objects without a prototype, and never trusted to have a shape. */

/** As much as the API takes in one body. */
export const FOREIGN_MAX_LENGTH = 1_048_576;
const DEPTH_MAX = 60;
const VALUES_MAX = 200_000;

export type Foreign = Readonly<Record<string, unknown>>;
export class ForeignDataError extends Error {}

/** A plain copy. What lies deeper or is more than any real export holds is refused. */
export function foreignCopy(source: unknown): unknown {
  let values = 0;
  const copy = (value: unknown, depth: number): unknown => {
    if (++values > VALUES_MAX) throw new ForeignDataError(`It holds more than ${VALUES_MAX} values.`);
    if (depth > DEPTH_MAX) throw new ForeignDataError(`It is nested deeper than ${DEPTH_MAX} levels.`);
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number') return Number.isFinite(value) ? value : null;
    if (typeof value !== 'object') return null;
    if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1));
    const result: Record<string, unknown> = Object.create(null);
    for (const [key, item] of Object.entries(value)) if (key !== '__proto__') result[key] = copy(item, depth + 1);
    return result;
  };
  return copy(source, 0);
}

const NOTHING: Foreign = Object.freeze(Object.create(null));

export function record(value: unknown): Foreign {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Foreign) : NOTHING;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text, or a number as text; nothing for anything else. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

export function at(value: unknown, ...path: (string | number)[]): unknown {
  let found = value;
  for (const part of path) found = typeof part === 'number' ? list(found)[part] : record(found)[part];
  return found;
}

export function shortened(value: string, length = 200): string {
  return value.length > length ? `${value.slice(0, length)}…` : value;
}

/** Names of fields hold no surprises once they are between slashes. */
export function pointer(...path: (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

export function positionOf(value: unknown): [number, number] | undefined {
  const [x, y] = Array.isArray(value) ? (value as unknown[]) : [record(value)['x'], record(value)['y']];
  return typeof x === 'number' && typeof y === 'number' ? [Math.round(x), Math.round(y)] : undefined;
}
