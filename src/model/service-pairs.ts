import type { Edge, End } from './edges.js';

/** A pair of services that talk: a row of the table of docs/mtls.md. */
export interface ServicePair {
  readonly from: string;
  readonly to: string;
  /** `TCP 443` as clients dial it, with the pod's own port where that differs. */
  readonly ports: string;
  readonly open: string;
  readonly mtls: string;
}

/** Every edge as a pair, those that differ in nothing that is shown once. */
export function servicePairs(edges: readonly Edge[]): readonly ServicePair[] {
  const pairs = edges.map((edge) => ({
    from: nameOf(edge.from),
    to: nameOf(edge.to),
    ports: edge.ports.map(portOf).join(', '),
    open: edge.open === 'always' ? 'always' : `while ${edge.open.whileShadow} is in shadow or relaxed`,
    mtls: edge.mtls === 'SVID' ? 'SVIDs both ways' : `no: ${edge.mtls.not}`,
  }));
  return [...new Map(pairs.map((pair) => [JSON.stringify(pair), pair])).values()];
}

const portOf = ({ protocol, service, target }: Edge['ports'][number]): string =>
  `${protocol} ${service}${target === service ? '' : ` (${target})`}`;

const nameOf = (end: End): string => (end.kind === 'public' ? `${end.name} (public)` : end.name);
