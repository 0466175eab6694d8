// What an administrator lets requests reach although it is not public: hosts by name, addresses and ranges, each with a port or all. Pure.
import { type AddressRange, type IpAddress, isWithin, parseRange } from './ip-address.ts';

export type AllowEntry = ({ range: AddressRange } | { host: string }) & { port: number | null };

/**
 * `10.1.0.0/16`, `127.0.0.1:9000`, `[::1]:9000`, `build.internal`, `*.corp.example:443`; null for anything else.
 * A name admits whatever addresses it has, so it stands for the trust in whoever answers for it.
 */
export function parseAllowEntry(text: string): AllowEntry | null {
  const whole = parseRange(text);
  if (whole) return { range: whole, port: null };
  const [, place = text, digits] = /^(.+?)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = digits === undefined ? null : Number(digits);
  if (port === 0 || (port ?? 1) > 65_535) return null;
  const range = parseRange(place);
  if (range) return { range, port };
  return /^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(place) && /[a-z]/i.test(place)
    ? { host: place.toLowerCase(), port }
    : null;
}

export function isAllowed(
  list: readonly AllowEntry[],
  { host, port, address }: { host: string; port: number; address: IpAddress },
): boolean {
  return list.some((entry) => {
    if (entry.port !== null && entry.port !== port) return false;
    return 'range' in entry ? isWithin(address, entry.range) : fits(host, entry.host);
  });
}

function fits(host: string, pattern: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern;
}
