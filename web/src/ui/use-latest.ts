import { useLayoutEffect, useRef } from 'react';

/** The value that is shown now, for what is called later. */
export function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  // With what is shown, not a moment after it: whoever sees it may press the key already.
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}
