// A map in plain JSON that is cheap to copy: entries lie in 64 drawers, and a change copies one drawer.
// Without it every event would copy an entry for each node, and a long chain would cost its length squared.

export type Shelf<T> = Record<string, Record<string, T>>;

const DRAWERS = 64;

/** The entry under a key, or undefined. */
export function shelfGet<T>(shelf: Shelf<T>, key: string): T | undefined {
  const drawer = shelf[drawerOf(key)];
  return drawer !== undefined && Object.hasOwn(drawer, key) ? drawer[key] : undefined;
}

/** All entries, in no meaningful order. */
export function shelfEntries<T>(shelf: Shelf<T>): [string, T][] {
  return Object.values(shelf).flatMap((drawer) => Object.entries(drawer));
}

/** A shelf with changes applied (undefined removes); drawers without a change keep their identity. */
export function shelfWith<T>(shelf: Shelf<T>, changes: ReadonlyMap<string, T | undefined>): Shelf<T> {
  if (changes.size === 0) return shelf;
  const next: Shelf<T> = { ...shelf };
  const copied = new Set<string>();
  for (const [key, value] of changes) {
    const name = drawerOf(key);
    if (!copied.has(name)) {
      copied.add(name);
      next[name] = { ...next[name] };
    }
    const drawer = next[name] as Record<string, T>; // made one line above
    if (value === undefined) delete drawer[key];
    else drawer[key] = value;
  }
  for (const name of copied) if (Object.keys(next[name] ?? {}).length === 0) delete next[name];
  return next;
}

function drawerOf(key: string): string {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (hash * 31 + key.charCodeAt(i)) | 0;
  return ((hash >>> 0) % DRAWERS).toString(36);
}
