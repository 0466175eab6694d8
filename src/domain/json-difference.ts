// Where two JSON values differ, as JSON Pointers. Objects are compared by field, lists by place, everything else whole.

/** Empty when they are the same; `undefined` and a missing field are the same. */
export function differingPaths(before: unknown, after: unknown, at = ''): string[] {
  if (before === after) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => differingPaths(before[index], after[index], `${at}/${index}`)).flat();
  }
  if (!isMap(before) || !isMap(after)) return [at];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].toSorted().flatMap((key) => {
    const path = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return differingPaths(own(before, key), own(after, key), path);
  });
}

export function sameJson(one: unknown, other: unknown): boolean {
  return differingPaths(one, other).length === 0;
}

function own(map: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
