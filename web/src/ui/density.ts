/** How close together things stand; kept in this browser. theme-before-paint.js applies it before the first paint. */
import { useSyncExternalStore } from 'react';

export type Density = 'comfortable' | 'compact';
const KEY = 'pointsman.density';
const listeners = new Set<() => void>();

export const density = (): Density =>
  document.documentElement.dataset['density'] === 'compact' ? 'compact' : 'comfortable';

export function setDensity(to: Density): void {
  try {
    if (to === 'comfortable') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, to);
  } catch {
    // Storage is switched off: the choice lasts until the page is left.
  }
  document.documentElement.dataset['density'] = to;
  for (const listener of listeners) listener();
}

export function useDensity(): Density {
  return useSyncExternalStore(subscribe, density);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
