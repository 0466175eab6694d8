/** Readers of option values that commander calls while it parses. */
import { InvalidArgumentError } from 'commander';

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}

export function amount(text: string): number {
  if (!/^\d{1,7}(?:\.\d{1,6})?$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError('It must be an amount above 0, such as 2.50.');
  return Number(text);
}

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A date or time, or how long ago (30m, 2h, 7d, 1w), as ISO text in UTC. */
export function moment(text: string): string {
  const [, count, unit] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  const time = count ? Date.now() - Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS] : Date.parse(text);
  if (Number.isNaN(time) || (!count && !/^\d{4}-\d\d-\d\d/.test(text)))
    throw new InvalidArgumentError(
      'Write a time like 2026-01-31 or 2026-01-31T12:00:00Z, or how long ago: 30m, 2h, 7d.',
    );
  return new Date(time).toISOString();
}

/** For options that may be given more than once. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
