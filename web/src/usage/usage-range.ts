/** Which days are looked at, from the address; pure. Days are in UTC, as everything is booked. */
import { locale } from '../words/words.ts';

export interface UsageSearch {
  from?: string;
  to?: string;
  days?: string;
  by?: string;
}

export interface UsageRange {
  from: string | undefined;
  to: string | undefined;
  /** Which of the usual spans it is; null for days of the person's own. */
  days: number | null;
}

export const SPANS = [7, 30, 90] as const;
const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** `today` is the server's. Null until it is known, where the days depend on it; the last seven are the server's own. */
export function usageRange(search: UsageSearch, today: string | undefined): UsageRange | null {
  const from = search.from && DAY.test(search.from) ? search.from : undefined;
  const to = search.to && DAY.test(search.to) ? search.to : undefined;
  if (from !== undefined || to !== undefined) return { from, to, days: null };
  const days = SPANS.find((span) => String(span) === search.days) ?? SPANS[0];
  if (days === SPANS[0]) return { from: undefined, to: undefined, days };
  if (today === undefined) return null;
  return { from: dayBefore(today, days - 1), to: today, days };
}

export function dayBefore(day: string, days: number): string {
  return new Date(Date.parse(day) - days * DAY_MS).toISOString().slice(0, 10);
}

/** `Thu, Nov 26`; with its year where that is another one. */
export function dayWords(day: string, today: string): string {
  return new Date(day).toLocaleDateString(locale, {
    timeZone: 'UTC',
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    ...(day.slice(0, 4) === today.slice(0, 4) ? {} : { year: 'numeric' }),
  });
}
