/** Views of the overview that somebody gave a name, kept in this browser. What they are is an address, so a link does it too. */
import { useSyncExternalStore } from 'react';
import type { OverviewSearch } from './overview-view.ts';

export interface SavedView {
  name: string;
  search: OverviewSearch;
}

const KEY = 'pointsman.views';
const FIELDS = ['q', 'show', 'group', 'sort', 'columns'] as const;
export const MOST_VIEWS = 30;
export const MOST_NAME = 40;

/** What is stored may be of another version, or of somebody who tried something: only what fits is taken. */
export function readViews(text: string | null): readonly SavedView[] {
  try {
    const found: unknown = JSON.parse(text ?? '[]');
    if (!Array.isArray(found)) return [];
    return found.flatMap((entry: unknown): SavedView[] => {
      const { name, search } = (entry ?? {}) as { name?: unknown; search?: unknown };
      return typeof name === 'string' && name !== '' ? [{ name, search: fields(search) }] : [];
    });
  } catch {
    return [];
  }
}

/** A name is there once; the newest meaning of it counts. */
export function withView(views: readonly SavedView[], view: SavedView): readonly SavedView[] {
  return [...views.filter(({ name }) => name !== view.name), view]
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .slice(0, MOST_VIEWS);
}

export const withoutView = (views: readonly SavedView[], name: string): readonly SavedView[] =>
  views.filter((view) => view.name !== name);

export function sameSearch(a: OverviewSearch, b: OverviewSearch): boolean {
  return FIELDS.every((field) => a[field] === b[field]);
}

export function useSavedViews(): readonly SavedView[] {
  return useSyncExternalStore(subscribe, current);
}

export function saveViews(views: readonly SavedView[]): void {
  held = views;
  try {
    localStorage.setItem(KEY, JSON.stringify(views));
  } catch {
    // Storage is switched off or full: they last until the page is left.
  }
  for (const listener of listeners) listener();
}

let held: readonly SavedView[] | null = null;
const listeners = new Set<() => void>();

function current(): readonly SavedView[] {
  return (held ??= stored());
}

function stored(): readonly SavedView[] {
  try {
    return readViews(localStorage.getItem(KEY));
  } catch {
    return [];
  }
}

function subscribe(listener: () => void): () => void {
  const elsewhere = (event: StorageEvent): void => {
    if (event.key !== KEY) return;
    held = null;
    listener();
  };
  listeners.add(listener);
  addEventListener('storage', elsewhere);
  return () => {
    listeners.delete(listener);
    removeEventListener('storage', elsewhere);
  };
}

function fields(search: unknown): OverviewSearch {
  const given = (search ?? {}) as Record<string, unknown>;
  return Object.fromEntries(FIELDS.flatMap((name) => (typeof given[name] === 'string' ? [[name, given[name]]] : [])));
}
