/** From a URL to the addresses that a connection may use: the name is resolved once, and every address is looked at. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type AllowEntry, isAllowed } from '../../domain/egress/allow-list.ts';
import { isWithin, parseIp, parseRange } from '../../domain/egress/ip-address.ts';
import { specialAddress } from '../../domain/egress/special-address.ts';
import type { EgressOutcome } from '../../ports/http-egress.ts';

export interface ResolvedAddress {
  address: string;
  family: number;
}

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<ResolvedAddress[]>;

export const resolveBySystem: Resolve = (host) => lookup(host, { all: true, verbatim: true });

export interface Reachable {
  allow: readonly AllowEntry[];
  /** The port of this server, which no request reaches on this machine; null while nobody listens. */
  ownPort: () => number | null;
  resolve: Resolve;
}

export type CheckedUrl =
  | { outcome: 'checked'; url: URL; host: string; addresses: ResolvedAddress[] }
  | Extract<EgressOutcome, { outcome: 'refused' | 'unreachable' }>;

export async function checkUrl(text: string, { allow, ownPort, resolve }: Reachable): Promise<CheckedUrl> {
  const url = URL.parse(text);
  if (!url) return invalid('the address is not a URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return invalid(`${url.protocol} is neither http: nor https:`);
  if (url.username !== '' || url.password !== '')
    return invalid('the URL holds a name or password; give it as a header, from a secret');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  let addresses: ResolvedAddress[];
  try {
    addresses = isIP(host) ? [{ address: host, family: isIP(host) }] : await resolve(host);
  } catch (error) {
    return { outcome: 'unreachable', reason: `${host} cannot be resolved (${codeOf(error)})` };
  }
  if (addresses.length === 0) return { outcome: 'unreachable', reason: `${host} has no address` };
  for (const { address } of addresses) {
    const why = whyNot({ host, port, address, allow, ownPort: ownPort() });
    if (why === null) continue;
    const at = address === host ? host : `${host} is ${address}, which`;
    return { outcome: 'refused', code: 'HTTP_ADDRESS_BLOCKED', reason: `${at} ${why}` };
  }
  return { outcome: 'checked', url, host, addresses };
}

function whyNot({
  host,
  port,
  address,
  allow,
  ownPort,
}: {
  host: string;
  port: number;
  address: string;
  allow: readonly AllowEntry[];
  ownPort: number | null;
}): string | null {
  const ip = parseIp(address);
  if (!ip) return 'is not an address that can be checked';
  if (port === ownPort && isOfThisMachine(address)) return 'is this server itself';
  const special = specialAddress(ip);
  return special === null || isAllowed(allow, { host, port, address: ip })
    ? null
    : `belongs to ${special}; an administrator can allow it with POINTSMAN_HTTP_ALLOW`;
}

function isOfThisMachine(text: string): boolean {
  const ip = parseIp(text);
  if (!ip) return false;
  const local = ['0.0.0.0/8', '127.0.0.0/8', '::/127', ...ownAddresses()];
  return local.some((one) => {
    const range = parseRange(one);
    return range !== null && isWithin(ip, range);
  });
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
}

function invalid(reason: string): Extract<CheckedUrl, { outcome: 'refused' }> {
  return { outcome: 'refused', code: 'HTTP_REQUEST_INVALID', reason };
}

export function codeOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code ?? message ?? String(error);
}
