import { isIPv4, isIPv6 } from 'node:net';
import * as intervals from './intervals.js';
import type { IntervalSet } from './intervals.js';

export type Family = 4 | 6;

export const FAMILIES: readonly Family[] = [4, 6];

export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

/** Addresses of both families. They are kept apart: a rule for `0.0.0.0/0` says nothing about IPv6 (trap B10). */
export type AddressSet = Readonly<Record<Family, IntervalSet<bigint>>>;

export const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

export const NO_ADDRESSES: AddressSet = { 4: [], 6: [] };

export const ALL_ADDRESSES: AddressSet = { 4: [{ from: 0n, end: 1n << 32n }], 6: [{ from: 0n, end: 1n << 128n }] };

/** First address of `::ffff:0:0/96`, the IPv6 spelling of IPv4 addresses (RFC 4291, 2.5.5.2). */
const MAPPED = 0xffff_0000_0000n;

/**
 * Reads one IPv4 or IPv6 address, exactly: no leading zeros (which some planes read as octal), no zone.
 * An IPv4-mapped IPv6 address is the IPv4 address, as the packet on the wire is an IPv4 packet.
 *
 * @throws RangeError that says what was given
 */
export function parseAddress(text: string): Address {
  const address = parseLiteral(text);
  if (address === undefined) throw new RangeError(`"${text}" is not an IPv4 or IPv6 address`);
  return isMapped(address) ? { family: 4, value: address.value - MAPPED } : address;
}

/**
 * Reads one CIDR (RFC 4632, RFC 4291). Host bits are allowed and ignored, as in the API: `1.2.3.4/0` is everything.
 *
 * A range inside `::ffff:0:0/96` is read as the IPv6 range *and* as the IPv4 range it spells, because Go's
 * `IPNet.Contains`, and so many a data plane, matches IPv4 packets with it; what may be allowed counts as allowed.
 * With `certain`, meant for `except`, only what every reading agrees on is returned.
 *
 * @throws RangeError that says what was given and what is allowed
 */
export function parseCidr(text: string, { certain = false } = {}): AddressSet {
  const [literal = '', length = '', ...rest] = text.split('/');
  const address = parseLiteral(literal);
  const bits = address === undefined ? 0 : BITS[address.family];
  if (address === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits) {
    throw new RangeError(
      `"${text}" is not a CIDR; expected an IPv4 range such as 10.0.0.0/8 or an IPv6 range such as fd00::/8`,
    );
  }
  const set = { ...NO_ADDRESSES, [address.family]: [block(address.value, Number(length), bits)] };
  if (!certain && isMapped(address) && Number(length) >= 96) {
    set[4] = [block(address.value - MAPPED, Number(length) - 96, 32)];
  }
  return set;
}

/** The fewest CIDRs that cover exactly this set, IPv4 first, each family in ascending order. */
export function formatCidrs(set: AddressSet): string[] {
  return FAMILIES.flatMap((family) => set[family].flatMap((interval) => cidrsOf(family, interval.from, interval.end)));
}

/** IPv6 in the form of RFC 5952. */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(
    ':',
  );
  const runs = [...groups.matchAll(/\b0(?::0\b)+/g)].map((match) => match[0]);
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return groups;
  const at = groups.search(new RegExp(`\\b${longest}\\b`));
  return `${groups.slice(0, at).replace(/:$/, '')}::${groups.slice(at + longest.length).replace(/^:/, '')}`;
}

export function setOf(addresses: readonly Address[]): AddressSet {
  const only = (family: Family): IntervalSet<bigint> =>
    intervals.intervalSet(
      addresses.filter((a) => a.family === family).map(({ value }) => ({ from: value, end: value + 1n })),
    );
  return { 4: only(4), 6: only(6) };
}

export function includes(set: AddressSet, { family, value }: Address): boolean {
  return intervals.includes(set[family], value);
}

export function isEmpty(set: AddressSet): boolean {
  return set[4].length === 0 && set[6].length === 0;
}

export function union(...sets: readonly AddressSet[]): AddressSet {
  return { 4: intervals.union(...sets.map((set) => set[4])), 6: intervals.union(...sets.map((set) => set[6])) };
}

export function intersect(a: AddressSet, b: AddressSet): AddressSet {
  return { 4: intervals.intersect(a[4], b[4]), 6: intervals.intersect(a[6], b[6]) };
}

export function subtract(a: AddressSet, b: AddressSet): AddressSet {
  return { 4: intervals.subtract(a[4], b[4]), 6: intervals.subtract(a[6], b[6]) };
}

export function complement(set: AddressSet): AddressSet {
  return subtract(ALL_ADDRESSES, set);
}

export function equal(a: AddressSet, b: AddressSet): boolean {
  return intervals.equal(a[4], b[4]) && intervals.equal(a[6], b[6]);
}

function isMapped({ family, value }: Address): boolean {
  return family === 6 && value >> 32n === 0xffffn;
}

function block(value: bigint, length: number, bits: number): { from: bigint; end: bigint } {
  const size = 1n << BigInt(bits - length);
  const from = value - (value % size);
  return { from, end: from + size };
}

function cidrsOf(family: Family, from: bigint, end: bigint): string[] {
  const cidrs: string[] = [];
  for (let start = from; start < end;) {
    let length = BITS[family];
    let size = 1n;
    // The largest block that starts here: aligned, and not past the end.
    while (length > 0 && start % (size * 2n) === 0n && start + size * 2n <= end) {
      size *= 2n;
      length--;
    }
    cidrs.push(`${formatAddress({ family, value: start })}/${length}`);
    start += size;
  }
  return cidrs;
}

function parseLiteral(text: string): Address | undefined {
  if (isIPv4(text))
    return { family: 4, value: text.split('.').reduce((value, octet) => value * 256n + BigInt(octet), 0n) };
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (embedded !== null) {
    const low = parseLiteral(embedded[2]!)!.value;
    return parseLiteral(`${embedded[1]!}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`);
  }
  const [left = '', right] = text.split('::');
  const groups = (side: string): string[] => (side === '' ? [] : side.split(':'));
  const tail = right === undefined ? [] : groups(right);
  const zeros = Array<string>(8 - groups(left).length - tail.length).fill('0');
  const all = [...groups(left), ...zeros, ...tail];
  return { family: 6, value: all.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n) };
}
