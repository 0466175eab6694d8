/** Ids short enough to read and type, long enough to name one thing. */

/** Below this an id made in the same millisecond could be meant: UUIDv7 begins with its time. */
const SHORTEST = 13;

/** A function that shortens each of these ids to a prefix no other of them has. */
export function shortIds(ids: readonly string[]): (id: string) => string {
  const sorted = ids.toSorted();
  const lengths = new Map<string, number>();
  sorted.forEach((id, index) => {
    const shared = Math.max(sharedLength(id, sorted[index - 1]), sharedLength(id, sorted[index + 1]));
    lengths.set(id, Math.max(SHORTEST, shared + 1));
  });
  return (id) => id.slice(0, lengths.get(id) ?? id.length);
}

function sharedLength(a: string, b: string | undefined): number {
  if (b === undefined || a === b) return 0;
  let length = 0;
  while (a[length] === b[length]) length++;
  return length;
}
