import fc from 'fast-check';
import { BlockList, isIPv6 } from 'node:net';
import { describe, expect, it } from 'vitest';
import * as addresses from '../../src/model/addresses.js';
import { formatAddress, formatCidrs, parseAddress, parseCidr } from '../../src/model/addresses.js';

const cidr4 = fc.tuple(fc.ipV4(), fc.nat(32)).map(([ip, length]) => `${ip}/${length}`);
const cidr6 = fc.tuple(fc.ipV6(), fc.nat(128)).map(([ip, length]) => `${ip}/${length}`);
const set = fc
  .array(fc.oneof(cidr4, cidr6), { maxLength: 6 })
  .map((cidrs) => addresses.union(addresses.NO_ADDRESSES, ...cidrs.map((cidr) => parseCidr(cidr))));

describe('an address', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['fd00::', 'fd00::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['10:0:0:0:1:1:1:1', '10::1:1:1:1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is written %s (RFC 5952)', (given, written) => {
    expect(formatAddress(parseAddress(given))).toBe(written);
  });

  it('reads back as itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = parseAddress(text);
        expect(parseAddress(formatAddress(address))).toEqual(address);
        expect(isIPv6(formatAddress(address))).toBe(address.family === 6);
      }),
      { numRuns: 1000 },
    );
  });

  it('that is IPv4-mapped is the IPv4 address, as the packet is', () => {
    expect(parseAddress('::ffff:10.0.0.1')).toEqual(parseAddress('10.0.0.1'));
  });

  it.each([
    '',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    '10.0.0.1 ',
    '1::2::3',
    'fe80::1%eth0',
    'example.com',
    '0x7f.0.0.1',
  ])('is not read from "%s"', (text) => {
    expect(() => parseAddress(text)).toThrow(`"${text}" is not an IPv4 or IPv6 address`);
  });
});

describe('a CIDR', () => {
  it('ignores host bits, as the API does', () => {
    expect(parseCidr('1.2.3.4/0')).toEqual(parseCidr('0.0.0.0/0'));
    expect(parseCidr('10.1.2.3/8')).toEqual(parseCidr('10.0.0.0/8'));
    expect(parseCidr('fd12:3456::1/8')).toEqual(parseCidr('fd00::/8'));
  });

  it.each([
    ['ipv4', fc.ipV4(), 32],
    ['ipv6', fc.ipV6(), 128],
  ] as const)('holds exactly the %s addresses that node:net says it holds', (family, ip, bits) => {
    fc.assert(
      fc.property(ip, fc.nat(bits), ip, (network, length, address) => {
        const list = new BlockList();
        list.addSubnet(network, length, family);
        const mapped = (text: string): boolean => parseAddress(text).family === 4 && family === 'ipv6';
        fc.pre(!mapped(network) && !mapped(address));
        const set = parseCidr(`${network}/${length}`);
        expect(addresses.includes(set, parseAddress(address))).toBe(list.check(address, family));
        expect(addresses.includes(set, parseAddress(network))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('in the IPv4-mapped range counts as the IPv4 range too, but not where it takes addresses away', () => {
    expect(formatCidrs(parseCidr('::ffff:0:0/96'))).toEqual(['0.0.0.0/0', '::ffff:0:0/96']);
    expect(formatCidrs(parseCidr('::ffff:10.0.0.0/104'))).toEqual(['10.0.0.0/8', '::ffff:a00:0/104']);
    expect(formatCidrs(parseCidr('::ffff:10.0.0.0/104', { certain: true }))).toEqual(['::ffff:a00:0/104']);
    expect(formatCidrs(parseCidr('::/0'))).toEqual(['::/0']);
  });

  it.each([
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0/8',
    '::/129',
    '10.0.0.0/8/8',
    '/8',
    '10.0.0.0/ 8',
  ])('is not read from "%s"', (text) => {
    expect(() => parseCidr(text)).toThrow(
      `"${text}" is not a CIDR; expected an IPv4 range such as 10.0.0.0/8 or an IPv6 range such as fd00::/8`,
    );
  });
});

describe('a set of addresses', () => {
  it('is written as the fewest CIDRs and reads back as itself', () => {
    expect(formatCidrs(addresses.union(parseCidr('0.0.0.0/1'), parseCidr('128.0.0.0/1')))).toEqual(['0.0.0.0/0']);
    expect(formatCidrs(addresses.subtract(parseCidr('10.0.0.0/30'), parseCidr('10.0.0.0/32')))).toEqual([
      '10.0.0.1/32',
      '10.0.0.2/31',
    ]);
    fc.assert(
      fc.property(set, (given) => {
        const cidrs = formatCidrs(given);
        expect(
          addresses.union(addresses.NO_ADDRESSES, ...cidrs.map((cidr) => parseCidr(cidr, { certain: true }))),
        ).toEqual(given);
        // Fewest: no two CIDRs of the list are the halves of one.
        const parents = cidrs.map((cidr) => cidr.replace(/\d+$/, (n) => String(Number(n) - 1)));
        const halves = parents
          .filter((parent) => !parent.endsWith('-1'))
          .map((parent) => formatCidrs(parseCidr(parent, { certain: true }))[0]);
        expect(new Set(halves).size).toBe(halves.length);
      }),
      { numRuns: 500 },
    );
  });

  it('is the complement of its complement, in both families', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const { complement, union, intersect, subtract, equal } = addresses;
        expect(complement(complement(a))).toEqual(a);
        expect(equal(complement(union(a, b)), intersect(complement(a), complement(b)))).toBe(true);
        expect(equal(union(subtract(a, b), intersect(a, b)), a)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
