import { describe, expect, it } from 'vitest';
import {
  ALL_PORTS,
  equal,
  includes,
  intersect,
  isEmpty,
  NO_PORTS,
  portRange,
  subtract,
  union,
} from '../../src/prove/ports.js';

describe('a set of ports', () => {
  it('has a range with both ends', () => {
    const range = portRange('TCP', 8000, 8080);
    expect([7999, 8000, 8080, 8081].map((port) => includes(range, 'TCP', port))).toEqual([false, true, true, false]);
    expect(includes(range, 'UDP', 8000)).toBe(false);
  });

  it('keeps protocols apart', () => {
    const dns = union(portRange('TCP', 53), portRange('UDP', 53));
    expect(intersect(dns, portRange('UDP'))).toEqual(portRange('UDP', 53));
    expect(subtract(dns, portRange('UDP'))).toEqual(portRange('TCP', 53));
  });

  it('is not all ports when it is all ports of TCP, UDP and SCTP: ICMP is missing', () => {
    const numbered = union(portRange('TCP'), portRange('UDP'), portRange('SCTP'));
    expect(equal(numbered, ALL_PORTS)).toBe(false);
    expect(subtract(ALL_PORTS, numbered)).toEqual({ ...NO_PORTS, other: true });
    expect([numbered, ALL_PORTS].map((set) => includes(set, 'other', 0))).toEqual([false, true]);
  });

  it('is empty without ports and without other protocols', () => {
    expect(isEmpty(NO_PORTS)).toBe(true);
    expect(isEmpty({ ...NO_PORTS, other: true })).toBe(false);
    expect(isEmpty(subtract(ALL_PORTS, ALL_PORTS))).toBe(true);
    expect(equal(intersect(ALL_PORTS, NO_PORTS), NO_PORTS)).toBe(true);
  });
});
