// Which addresses are not on the public internet, by the registries of IANA for special purposes. Pure.
import { type IpAddress, isWithin, parseRange } from './ip-address.ts';

/** The first that fits names it. */
const SPECIAL: readonly (readonly [range: string, name: string])[] = [
  ['0.0.0.0/8', 'this machine'],
  ['10.0.0.0/8', 'a private network'],
  ['100.64.0.0/10', 'a network of a provider (CGNAT)'],
  ['127.0.0.0/8', 'this machine'],
  ['169.254.0.0/16', 'link-local, where clouds keep their metadata'],
  ['172.16.0.0/12', 'a private network'],
  ['192.0.0.0/24', 'reserved for protocols'],
  ['192.0.2.0/24', 'reserved for documentation'],
  ['192.88.99.0/24', 'a relay of 6to4'],
  ['192.168.0.0/16', 'a private network'],
  ['198.18.0.0/15', 'reserved for benchmarks'],
  ['198.51.100.0/24', 'reserved for documentation'],
  ['203.0.113.0/24', 'reserved for documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['::/127', 'this machine'],
  ['64:ff9b::/96', 'a translation to IPv4 (NAT64)'],
  ['64:ff9b:1::/48', 'a translation to IPv4 (NAT64)'],
  ['2001::/23', 'reserved for protocols (Teredo among them)'],
  ['2001:db8::/32', 'reserved for documentation'],
  ['2002::/16', 'a translation to IPv4 (6to4)'],
  ['3fff::/20', 'reserved for documentation'],
  ['fc00::/7', 'a private network'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'a private network'],
  ['ff00::/8', 'multicast'],
];
const ranges = SPECIAL.map(([text, name]) => ({ range: parseRange(text), name }));
/** The only part of IPv6 that is given out. */
const GLOBAL_IPV6 = parseRange('2000::/3');

/** What a special address belongs to, for people; null for a public one. */
export function specialAddress(address: IpAddress): string | null {
  const found = ranges.find(({ range }) => range !== null && isWithin(address, range));
  if (found) return found.name;
  return address.length === 16 && GLOBAL_IPV6 && !isWithin(address, GLOBAL_IPV6) ? 'reserved' : null;
}
