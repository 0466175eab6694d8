/**
 * Keys that a person has chosen in place of ours, kept in this browser. Only plain keys of a page can be chosen, one or two after
 * each other: chords, Enter, Escape and arrows are what people know from everywhere.
 */
import { useSyncExternalStore } from 'react';
import type { KeyGroup } from './shown-keys.ts';

const KEY = 'pointsman.keys';
const PLAIN = /^\S( \S)?$/u;
/** By group and our key, such as `Inbox: j`. */
type Chosen = Readonly<Record<string, string>>;

let chosen: Chosen = kept();
const listeners = new Set<() => void>();

export function isPlain(keys: string): boolean {
  return PLAIN.test(keys);
}

/** What is pressed for one of our keys. */
export function chosenFor(group: KeyGroup, ours: string): string {
  return chosen[`${group}: ${ours}`] ?? ours;
}

/** Which of our keys is meant by what was pressed; null for one that was given up for another. */
export function oursOf(group: KeyGroup, pressed: string): string | null {
  const meant = Object.entries(chosen).find(([key, keys]) => keys === pressed && key.startsWith(`${group}: `));
  if (meant) return meant[0].slice(group.length + 2);
  return `${group}: ${pressed}` in chosen ? null : pressed;
}

/** Ours itself takes it again. */
export function choose(group: KeyGroup, ours: string, keys: string): void {
  const { [`${group}: ${ours}`]: _before, ...others } = chosen;
  chosen = keys === ours ? others : { ...others, [`${group}: ${ours}`]: keys };
  try {
    localStorage.setItem(KEY, JSON.stringify(chosen));
  } catch {
    // Storage is switched off: the choice lasts until the page is left.
  }
  for (const listener of listeners) listener();
}

/** For hints beside what a key does: `keyOf('a')` is the key that does what our `a` did. */
export function useKeyOf(group: KeyGroup): (ours: string) => string {
  useSyncExternalStore(subscribe, () => chosen);
  return (ours) => chosenFor(group, ours);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function kept(): Chosen {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof read !== 'object' || read === null) return {};
    return Object.fromEntries(
      Object.entries(read).filter((pair): pair is [string, string] => typeof pair[1] === 'string' && isPlain(pair[1])),
    );
  } catch {
    return {}; // nothing is kept, or nothing that we could have written
  }
}
