import { UNITS } from './units.js';

/**
 * Words for a number of milliseconds.
 * `style`: "long" (1 hour 30 minutes) or "short" (1h 30m). `parts`: the most units that are shown; the rest is rounded.
 */
export function formatDuration(ms, { style = 'long', parts = UNITS.length } = {}) {
  if (!Number.isFinite(ms)) throw new RangeError('formatDuration takes a finite number');
  if (style !== 'long' && style !== 'short') throw new RangeError(`there is no style "${style}"`);
  if (!Number.isInteger(parts) || parts < 1) throw new RangeError('parts is a whole number of at least 1');

  const rounded = roundedTo(Math.abs(ms), parts);
  if (rounded === 0) return style === 'short' ? '0ms' : '0 milliseconds';

  const words = split(rounded).map(({ unit, count }) =>
    style === 'short' ? `${count}${unit.short}` : long(count, unit),
  );
  return `${ms < 0 ? '-' : ''}${words.join(' ')}`;
}

// TODO: plural forms of other languages (Intl.DurationFormat, once Node 20 is gone)
function long(count, unit) {
  return `${count} ${unit.name}${count === 1 ? '' : 's'}`;
}

/** Rounded first and split after, so that 59.9996 s is a minute and not "60 seconds". */
function roundedTo(ms, parts) {
  const whole = Math.round(ms);
  const used = split(whole);
  if (used.length <= parts) return whole;
  const smallest = used[parts - 1].unit.ms;
  const result = Math.round(whole / smallest) * smallest;
  // Rounding up may reach the next unit (59m 59s in one part is an hour), which may leave more to round.
  return split(result).length > parts ? roundedTo(result, parts) : result;
}

function split(ms) {
  const found = [];
  let rest = ms;
  for (const unit of UNITS) {
    const count = Math.floor(rest / unit.ms);
    if (count > 0) found.push({ unit, count });
    rest -= count * unit.ms;
  }
  return found;
}
