import { useCallback, useState } from 'react';

/**
 * Panels whose terminal the person holds the seat of. Such a one stays attached while it is behind another tab, because a
 * seat is given up with its terminal; it goes when its panel is closed or the page is left.
 */
export function useHeldSeats() {
  const [held, setHeld] = useState<ReadonlySet<string>>(new Set());
  const hold = useCallback((key: string, yours: boolean): void => {
    setHeld((was) => {
      if (was.has(key) === yours) return was;
      const next = new Set(was);
      if (yours) next.add(key);
      else next.delete(key);
      return next;
    });
  }, []);
  return { held, hold };
}
