/** Every unit of fixed length, longest first. */
export const UNITS = [
  { short: 'w', name: 'week', ms: 604_800_000 },
  { short: 'd', name: 'day', ms: 86_400_000 },
  { short: 'h', name: 'hour', ms: 3_600_000 },
  { short: 'm', name: 'minute', ms: 60_000 },
  { short: 's', name: 'second', ms: 1_000 },
  { short: 'ms', name: 'millisecond', ms: 1 },
];

const OTHER_NAMES = { min: 'm', mins: 'm', sec: 's', secs: 's', hr: 'h', hrs: 'h', msec: 'ms', msecs: 'ms' };

/** The unit that a word means, or undefined. */
export function unitNamed(word) {
  const key = word.toLowerCase();
  const short = OTHER_NAMES[key] ?? key;
  return UNITS.find((unit) => unit.short === short || unit.name === short || `${unit.name}s` === short);
}

/** 32.02 s are 32020 ms, not 32020.000000000004: nothing is finer than a microsecond. */
export function exactMs(ms) {
  return Math.round(ms * 1_000) / 1_000;
}
