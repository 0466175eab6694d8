import { exactMs } from './units.js';

const ISO = /^(-)?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const LENGTHS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000];

/** Milliseconds of an ISO 8601 duration without months and years. */
export function parseIso(text) {
  const found = ISO.exec(text);
  const numbers = found?.slice(2) ?? [];
  if (!found || text.endsWith('T') || numbers.every((number) => number === undefined)) {
    throw new RangeError(`"${text}" is not an ISO 8601 duration of fixed length`);
  }
  const total = exactMs(numbers.reduce((sum, number, index) => sum + Number(number ?? 0) * LENGTHS[index], 0));
  return found[1] && total !== 0 ? -total : total;
}

/** The ISO 8601 form of whole milliseconds, in days and smaller: PT1H30M. */
export function toIso(ms) {
  if (!Number.isInteger(ms)) throw new RangeError('toIso takes whole milliseconds');
  if (ms === 0) return 'PT0S';
  let rest = Math.abs(ms);
  const take = (length) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return count;
  };
  const [days, hours, minutes] = [take(86_400_000), take(3_600_000), take(60_000)];
  const seconds = rest / 1_000;
  const date = days ? `${days}D` : '';
  const time = `${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${seconds ? `${seconds}S` : ''}`;
  return `${ms < 0 ? '-' : ''}P${date}${time ? `T${time}` : ''}`;
}
