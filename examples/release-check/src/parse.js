import { exactMs, unitNamed } from './units.js';

const PART = /^(\d+(?:\.\d+)?)\s*([a-z]+)\s*/i;
const SEPARATOR = /^(?:,\s*(?:and\s+)?|and\s+)/i;
const WITHOUT_LENGTH = /^(?:months?|years?|mo|y)$/i;

/**
 * Milliseconds of a text such as "1h 30m" or "2 days and 4 hours".
 * Throws a RangeError when the text is not a duration.
 */
export function parseDuration(text) {
  if (typeof text !== 'string') throw new TypeError('parseDuration takes a text');
  let rest = text.trim();
  if (rest === '') throw new RangeError('an empty text is not a duration');

  const sign = rest.startsWith('-') ? -1 : 1;
  if (sign === -1) rest = rest.slice(1).trimStart();

  let total = 0;
  for (let first = true; rest !== ''; first = false) {
    if (!first) rest = rest.replace(SEPARATOR, '');
    const part = PART.exec(rest);
    if (!part) throw notUnderstood(rest);
    total += Number(part[1]) * lengthOf(part[2]);
    rest = rest.slice(part[0].length);
  }
  // Not `sign * total`: that would make -0 of "-0s".
  return sign === -1 && total !== 0 ? -exactMs(total) : exactMs(total);
}

function lengthOf(word) {
  if (WITHOUT_LENGTH.test(word)) throw new RangeError(`"${word}" has no fixed length; use days or weeks`);
  const unit = unitNamed(word);
  if (!unit) throw new RangeError(`"${word}" is not a unit of time`);
  return unit.ms;
}

function notUnderstood(rest) {
  const [word] = rest.split(/\s+/, 1);
  return new RangeError(`"${word || rest}" is not a number with a unit`);
}
