/** What can be done on the page that is open, for the palette: what its keys do, and what has no key. */
import { useLayoutEffect } from 'react';
import { keyActions } from './keys.ts';
import { useLatest } from './use-latest.ts';

export interface PageAction {
  what: string;
  run: () => void;
  keys?: string;
}

/** Null while it cannot be done. */
type Offer = readonly [what: string, act: (() => void) | null];

const offered: { readonly current: readonly Offer[] }[] = [];

/** Without a key of its own; the palette finds it by its words. */
export function useOffers(offers: readonly Offer[]): void {
  const latest = useLatest(offers);
  useLayoutEffect(() => {
    offered.push(latest);
    return () => void offered.splice(offered.indexOf(latest), 1);
  }, [latest]);
}

export function pageActions(): PageAction[] {
  const offers = offered.flatMap(({ current }) => current.flatMap(([what, run]) => (run ? [{ what, run }] : [])));
  return [...keyActions(), ...offers];
}
