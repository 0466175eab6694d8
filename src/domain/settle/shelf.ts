// A map in plain JSON that is cheap to copy: a cabinet of 32 by 32 drawers, and a change copies one drawer.
// Without it every event would copy an entry for each node, and a long chain would cost its length squared.

/** Cabinet, drawer, key. Read it with `shelfGet` and `shelfEntries`; which drawer a key is in is nobody's business. */
export type Shelf<T> = Record<string, Record<string, Record<string, T>>>;

const WIDTH = 32;

/** The entry under a key, or undefined. */
export function shelfGet<T>(shelf: Shelf<T>, key: string): T | undefined {
  const [cabinet, drawer] = placeOf(key);
  const entries = shelf[cabinet]?.[drawer];
  return entries !== undefined && Object.hasOwn(entries, key) ? entries[key] : undefined;
}

/** All entries, in no meaningful order. */
export function shelfEntries<T>(shelf: Shelf<T>): [string, T][] {
  return Object.values(shelf).flatMap((cabinet) => Object.values(cabinet).flatMap((drawer) => Object.entries(drawer)));
}

/** A shelf with changes applied (undefined removes); drawers without a change keep their identity. */
export function shelfWith<T>(shelf: Shelf<T>, changes: ReadonlyMap<string, T | undefined>): Shelf<T> {
  if (changes.size === 0) return shelf;
  const next: Shelf<T> = { ...shelf };
  const copied = new Set<string>();
  for (const [key, value] of changes) {
    const [cabinetName, drawerName] = placeOf(key);
    const cabinet = copyOnce(next, cabinetName, cabinetName, copied);
    const drawer = copyOnce(cabinet, drawerName, `${cabinetName}/${drawerName}`, copied);
    if (value !== undefined) {
      drawer[key] = value;
      continue;
    }
    // Rebuilt instead of `delete`, which would make every later copy of this drawer slow.
    cabinet[drawerName] = Object.fromEntries(Object.entries(drawer).filter(([other]) => other !== key));
    if (Object.keys(cabinet[drawerName] ?? {}).length > 0) continue;
    delete cabinet[drawerName];
    if (Object.keys(cabinet).length === 0) delete next[cabinetName];
  }
  return next;
}

function copyOnce<T>(
  owner: Record<string, Record<string, T>>,
  name: string,
  mark: string,
  copied: Set<string>,
): Record<string, T> {
  const known = owner[name];
  if (known && copied.has(mark)) return known;
  copied.add(mark);
  return (owner[name] = { ...known });
}

function placeOf(key: string): [cabinet: string, drawer: string] {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  const place = (hash ^ (hash >>> 15)) >>> 0;
  return [`c${place % WIDTH}`, `d${Math.floor(place / WIDTH) % WIDTH}`];
}
