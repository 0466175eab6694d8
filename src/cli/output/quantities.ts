/** Times, spans and sizes as people read them. */

const UNITS: readonly [number, string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
];

/** `340 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
  return `${Math.floor(ms / 3_600_000)} h ${Math.floor((ms % 3_600_000) / 60_000)} min`;
}

/** `now`, `12 s ago`, `3 min ago`, `in 2 h`; `-` for a time that is not known. */
export function ago(time: string | null | undefined, now: Date = new Date()): string {
  const at = time ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(at)) return '-';
  const distance = Math.abs(now.getTime() - at);
  if (distance < 1000) return 'now';
  const [size, unit] = UNITS.find(([ms]) => distance >= ms) ?? [1000, 's'];
  const amount = `${Math.floor(distance / size)} ${unit}`;
  return at > now.getTime() ? `in ${amount}` : `${amount} ago`;
}

/** `0 B`, `1.5 MB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** `$1.50`; what costs less than a cent still says so. */
export function dollars(usd: number): string {
  return usd > 0 && usd < 0.01 ? `$${Number(usd.toPrecision(2))}` : `$${usd.toFixed(2)}`;
}

/** How long something took, or has taken so far; `-` before it began. */
export function took(
  thing: { startedAt?: string | null; finishedAt?: string | undefined },
  now: Date = new Date(),
): string {
  if (!thing.startedAt) return '-';
  return span((thing.finishedAt ? Date.parse(thing.finishedAt) : now.getTime()) - Date.parse(thing.startedAt));
}
