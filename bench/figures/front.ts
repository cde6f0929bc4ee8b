import { measureFront, type Hop, type Memory } from '../front.js';
import { median, type Part } from './figure.js';

/** One mTLS hop between two sidecars against the same hop in plain HTTP; ratios of runs beside each other. */
export const frontFigures: Part = async (runs) => {
  const { plain, mtls, front, allowlist, tool } = await measureFront(runs);
  const of = (hops: readonly Hop[], what: 'p50' | 'p99' | 'cpu'): number => median(hops.map((hop) => hop[what]));
  const against = (one: readonly Hop[], other: readonly Hop[], what: 'p50' | 'p99' | 'cpu'): string =>
    `${median(one.map((hop, run) => hop[what] / (other[run]?.[what] ?? NaN))).toFixed(2)} x (${of(one, what).toFixed(2)} ms, ${of(other, what).toFixed(2)} ms)`;
  const rate = (hops: readonly Hop[]): string => `${(1000 / of(hops, 'cpu')).toFixed(0)}/s`;
  const idle = (what: keyof Memory): number => Math.max(...[...plain, ...mtls, ...front].map((hop) => hop.idle[what]));
  const middle = (hops: readonly Hop[], what: (hop: Hop) => number): number => median(hops.map(what));
  const all = (hops: readonly Hop[]): number => middle(hops, (hop) => hop.cpu + hop.authorizer);
  return [
    { figure: 'one hop by mTLS against plain HTTP: latency, p50', measured: against(mtls, plain, 'p50'), target: '' },
    { figure: '  CPU of both Envoys per request', measured: against(mtls, plain, 'cpu'), target: '' },
    { figure: '  requests a second per core, mTLS and plain', measured: `${rate(mtls)}, ${rate(plain)}`, target: '' },
    {
      figure: 'the front as rendered against that hop: latency, p50',
      measured: against(front, mtls, 'p50'),
      target: '',
    },
    { figure: '  latency, p99', measured: against(front, mtls, 'p99'), target: '' },
    {
      figure: '  a decision, p50 and p99, and OpenFGA’s part of it',
      measured: `${middle(front, (hop) => hop.decision.p50).toFixed(2)}, ${middle(front, (hop) => hop.decision.p99).toFixed(2)} ms; ${middle(front, (hop) => hop.openfga.p50).toFixed(2)}, ${middle(front, (hop) => hop.openfga.p99).toFixed(2)} ms`,
      target: '',
    },
    {
      figure: 'a tool call as rendered against Envoy’s own allowlist: latency, p50',
      measured: against(tool, allowlist, 'p50'),
      target: '',
    },
    {
      figure: '  CPU of Envoys and authorizer, per call; calls a second per core',
      measured: `${(all(tool) / all(allowlist)).toFixed(2)} x (${all(tool).toFixed(2)} ms, ${all(allowlist).toFixed(2)} ms); ${(1000 / all(tool)).toFixed(0)}/s, ${(1000 / all(allowlist)).toFixed(0)}/s`,
      target: '',
    },
    {
      figure: 'a workload’s sidecar at idle: memory of its own',
      measured: `${idle('own').toFixed(0)} MiB (${idle('resident').toFixed(0)} MiB with the pages of its program)`,
      target: '<= 64 MiB',
      met: idle('own') <= 64,
    },
  ];
};
