import * as intervals from '../model/intervals.js';
import type { IntervalSet } from '../model/intervals.js';

/** The protocols that NetworkPolicy knows (NetworkPolicyPort.protocol). */
export type Protocol = 'TCP' | 'UDP' | 'SCTP';

export const PROTOCOLS: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

/** 1 to 65535; the API refuses port 0. */
const EVERY_PORT: IntervalSet<number> = [{ from: 1, end: 65536 }];

/**
 * Destination ports by protocol. `other` stands for every protocol without ports, ICMP first of all: NetworkPolicy
 * does not define them, so they count as allowed exactly where a rule names no ports, and as denied elsewhere.
 */
export interface PortSet extends Readonly<Record<Protocol, IntervalSet<number>>> {
  readonly other: boolean;
}

export const NO_PORTS: PortSet = { TCP: [], UDP: [], SCTP: [], other: false };

export const ALL_PORTS: PortSet = { TCP: EVERY_PORT, UDP: EVERY_PORT, SCTP: EVERY_PORT, other: true };

/** Ports `first` to `last`, both included (NetworkPolicyPort.endPort is inclusive); all ports when none is given. */
export function portRange(protocol: Protocol, first?: number, last = first): PortSet {
  const ports = first === undefined ? EVERY_PORT : intervals.intervalSet([{ from: first, end: last! + 1 }]);
  return { ...NO_PORTS, [protocol]: ports };
}

export function union(...sets: readonly PortSet[]): PortSet {
  if (sets.length === 1) return sets[0]!;
  return {
    ...perProtocol((protocol) => intervals.union(...sets.map((set) => set[protocol]))),
    other: sets.some((set) => set.other),
  };
}

export function intersect(a: PortSet, b: PortSet): PortSet {
  // Most pairs meet "not isolated" on one side.
  if (a === ALL_PORTS) return b;
  if (b === ALL_PORTS) return a;
  return { ...perProtocol((protocol) => intervals.intersect(a[protocol], b[protocol])), other: a.other && b.other };
}

export function subtract(a: PortSet, b: PortSet): PortSet {
  return { ...perProtocol((protocol) => intervals.subtract(a[protocol], b[protocol])), other: a.other && !b.other };
}

export function isEmpty(set: PortSet): boolean {
  return !set.other && PROTOCOLS.every((protocol) => set[protocol].length === 0);
}

export function equal(a: PortSet, b: PortSet): boolean {
  return a.other === b.other && PROTOCOLS.every((protocol) => intervals.equal(a[protocol], b[protocol]));
}

/** @param port 1 to 65535; ignored for `other`, which has none */
export function includes(set: PortSet, protocol: Protocol | 'other', port: number): boolean {
  return protocol === 'other' ? set.other : intervals.includes(set[protocol], port);
}

function perProtocol(ports: (protocol: Protocol) => IntervalSet<number>): Record<Protocol, IntervalSet<number>> {
  return { TCP: ports('TCP'), UDP: ports('UDP'), SCTP: ports('SCTP') };
}
