/** A common time for all bars: where a moment lies, as a share, and which moments are named; pure. */
import { t } from '../words/words.ts';

export interface TimeScale {
  from: number;
  to: number;
}

const STEPS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500].concat(
  [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400].map(
    (seconds) => seconds * 1000,
  ),
);

export const share = ({ from, to }: TimeScale, at: number): number => (at - from) / Math.max(1, to - from);

/** Round distances from the beginning, about as many as asked for. */
export function ticks({ from, to }: TimeScale, about: number): number[] {
  const whole = Math.max(1, to - from);
  const days = Math.ceil(whole / about / 86_400_000) * 86_400_000;
  const step = STEPS_MS.find((one) => whole / one <= about) ?? days;
  return Array.from({ length: Math.floor(whole / step) + 1 }, (_unused, index) => index * step);
}

/** A distance from the beginning in the fewest signs: 0, 250 ms, 12 s, 3:20, 1:05:00. */
export function tickWords(ms: number): string {
  if (ms === 0) return '0';
  if (ms < 1000) return t('{ms} ms', { ms });
  const seconds = ms / 1000;
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  return hours > 0
    ? `${hours}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`
    : `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}
