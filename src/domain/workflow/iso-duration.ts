// ISO 8601 durations and times as milliseconds, pure: no clock is read.
import { isoDurationPattern } from '../../contract/workflow-document.ts';

/** Milliseconds of a duration in weeks, days, hours, minutes and seconds; undefined when it is not one. */
export function durationMs(text: string): number | undefined {
  if (text.length > 64 || !isoDurationPattern.test(text)) return undefined;
  const seconds = { W: 604_800, D: 86_400, H: 3_600, M: 60, S: 1 } as const;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)([WDHMS])/g)) {
    total += Number(count) * seconds[unit as keyof typeof seconds]; // the pattern lets only these through
  }
  return Math.round(total * 1_000);
}

/** The moment after a duration, as ISO text; undefined when that is beyond what a date can hold. */
export function isoAfter(at: string, milliseconds: number): string | undefined {
  return isoAt(Date.parse(at) + milliseconds);
}

export function isoAt(milliseconds: number): string | undefined {
  return Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : undefined;
}
