import { describe, expect, it } from 'vitest';
import { isAllowed, parseAllowEntry } from './allow-list.ts';
import { parseIp } from './ip-address.ts';
import { specialAddress } from './special-address.ts';

describe('an address', () => {
  it.each([
    ['8.8.8.8', null],
    ['1.1.1.1', null],
    ['172.15.255.255', null],
    ['172.32.0.1', null],
    ['100.63.255.255', null],
    ['100.128.0.1', null],
    ['2606:4700:4700::1111', null],
    ['2a00:1450:4001:80b::200e', null],
    ['0.0.0.0', 'this machine'],
    ['127.8.9.10', 'this machine'],
    ['10.255.255.255', 'a private network'],
    ['172.31.255.255', 'a private network'],
    ['192.168.1.1', 'a private network'],
    ['100.100.100.200', 'CGNAT'],
    ['169.254.169.254', 'metadata'],
    ['192.0.0.192', 'protocols'],
    ['224.0.0.251', 'multicast'],
    ['255.255.255.255', 'reserved'],
    ['::', 'this machine'],
    ['::1', 'this machine'],
    ['::ffff:127.0.0.1', 'this machine'],
    ['::ffff:a00:1', 'a private network'],
    ['::7f00:1', 'reserved'],
    ['64:ff9b::7f00:1', 'NAT64'],
    ['2002:7f00:1::', '6to4'],
    ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'Teredo'],
    ['fd00:ec2::254', 'a private network'],
    ['fe80::1%eth0', 'link-local'],
    ['fec0::1', 'a private network'],
    ['ff02::1', 'multicast'],
    ['4000::1', 'reserved'],
  ])('%s belongs to %s', (text, name) => {
    const ip = parseIp(text);
    if (!ip) throw new Error(`${text} was not read`);
    if (name === null) expect(specialAddress(ip)).toBe(null);
    else expect(specialAddress(ip)).toContain(name);
  });

  it.each([
    '',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '256.1.1.1',
    '1::2::3',
    ':::',
    '12345::',
    '1:2:3:4:5:6:7',
  ])('is not %j', (text) => expect(parseIp(text)).toBe(null));
});

describe('what an administrator allows', () => {
  const allows = (entry: string, host: string, port: number, address: string): boolean => {
    const [parsed, ip] = [parseAllowEntry(entry), parseIp(address)];
    if (!parsed || !ip) throw new Error(`${entry} or ${address} was not read`);
    return isAllowed([parsed], { host, port, address: ip });
  };

  it.each([
    ['10.1.0.0/16', 'x', 80, '10.1.2.3', true],
    ['10.1.0.0/16', 'x', 80, '10.2.2.3', false],
    ['10.1.2.128/25', 'x', 80, '10.1.2.127', false],
    ['127.0.0.1', 'x', 9000, '127.0.0.1', true],
    ['127.0.0.1', 'x', 9000, '::ffff:127.0.0.1', true],
    ['127.0.0.1:9000', 'x', 9000, '127.0.0.1', true],
    ['127.0.0.1:9000', 'x', 9001, '127.0.0.1', false],
    ['::1', '::1', 80, '::1', true],
    ['[::1]:9000', '::1', 80, '::1', false],
    ['[::1]:9000', '::1', 9000, '::1', true],
    ['fd00::/8', 'x', 80, 'fdab::1', true],
    ['build.internal', 'Build.Internal.', 80, '10.0.0.1', true],
    ['build.internal', 'evil.build.internal', 80, '10.0.0.1', false],
    ['*.corp.example:443', 'a.b.corp.example', 443, '10.0.0.1', true],
    ['*.corp.example:443', 'corp.example', 443, '10.0.0.1', false],
    ['*.corp.example:443', 'notcorp.example', 443, '10.0.0.1', false],
  ])('%s for %s:%i at %s: %s', (entry, host, port, address, allowed) =>
    expect(allows(entry, host, port, address)).toBe(allowed),
  );

  it.each(['', '*', '10.0.0.0/33', 'http://x', 'x:0', 'x:65536', '1.2.3', 'a b', '*.*.x', '10.0.0.0/8/8'])(
    'is not %j',
    (entry) => expect(parseAllowEntry(entry)).toBe(null),
  );
});
