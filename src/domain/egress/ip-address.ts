// Internet addresses as bytes, so that every way to write one is compared as the one address it is. Pure.

/** 4 or 16 bytes. An IPv4 address inside an IPv6 one (`::ffff:127.0.0.1`) is the IPv4 address: that is where it leads. */
export type IpAddress = readonly number[];

/** Null for text that is no address. A zone (`fe80::1%eth0`) and the brackets of a URL do not count. */
export function parseIp(text: string): IpAddress | null {
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  if (!bare.includes(':')) return parseIpv4(bare);
  const bytes = parseIpv6(bare);
  return bytes && isMapped(bytes) ? bytes.slice(12) : bytes;
}

export interface AddressRange {
  bytes: IpAddress;
  bits: number;
}

/** `10.0.0.0/8`, or one address. Null for anything else. */
export function parseRange(text: string): AddressRange | null {
  const [address = '', length, ...more] = text.split('/');
  const bytes = parseIp(address);
  if (!bytes || more.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return null;
  const bits = length === undefined ? bytes.length * 8 : Number(length);
  return bits <= bytes.length * 8 ? { bytes, bits } : null;
}

export function isWithin(address: IpAddress, range: AddressRange): boolean {
  if (address.length !== range.bytes.length) return false;
  return address.every((byte, index) => {
    const kept = Math.min(8, Math.max(0, range.bits - index * 8));
    return byte >> (8 - kept) === (range.bytes[index] ?? 0) >> (8 - kept);
  });
}

/** Dotted decimal alone: other ways to write it are turned into this one by whoever parses the URL. */
function parseIpv4(text: string): number[] | null {
  const parts = text.split('.');
  const numbers = parts.map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  return numbers.length === 4 && numbers.every((number) => number < 256) ? numbers : null;
}

function parseIpv6(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = halves.map(bytesOfGroups);
  if (!head || tail === null) return null;
  if (tail === undefined) return head.length === 16 ? head : null;
  const missing = 16 - head.length - tail.length;
  return missing >= 2 ? [...head, ...Array<number>(missing).fill(0), ...tail] : null;
}

function bytesOfGroups(text: string): number[] | null {
  if (text === '') return [];
  const groups = text.split(':');
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    const dotted = index === groups.length - 1 && group.includes('.') ? parseIpv4(group) : null;
    if (dotted) bytes.push(...dotted);
    else if (/^[0-9a-f]{1,4}$/i.test(group))
      bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255);
    else return null;
  }
  return bytes;
}

function isMapped(bytes: IpAddress): boolean {
  return bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
}
