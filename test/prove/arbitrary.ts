import fc from 'fast-check';
import type { KubeObject } from '../../src/prove/index.js';
import { namespace, pod, policy } from './objects.js';

/**
 * Small random clusters: few names, labels, addresses and ports, so that policies meet pods, and each other, often.
 * Pods have addresses in 10.0.0.0/28 and fd00::/124, and the ranges of policies end in the middle of them.
 */

export const NAMESPACES = ['a', 'b', 'c'];
export const PORTS = [1, 53, 80, 81, 443, 8080, 65535];
const names = fc.constantFrom('web', 'dns');
const protocol = fc.constantFrom('TCP', 'UDP', 'SCTP');
const labels = fc.dictionary(fc.constantFrom('x', 'y'), fc.constantFrom('1', '2'), { maxKeys: 2 });

export const selector = fc.oneof(
  { weight: 3, arbitrary: labels.map((matchLabels) => ({ matchLabels })) },
  { weight: 1, arbitrary: fc.constant({}) },
  {
    weight: 2,
    arbitrary: fc
      .array(
        fc.oneof(
          fc.record({
            key: fc.constantFrom('x', 'y'),
            operator: fc.constantFrom('In', 'NotIn'),
            values: fc.subarray(['1', '2'], { minLength: 1 }),
          }),
          fc.record({ key: fc.constantFrom('x', 'y'), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
        ),
        { minLength: 1, maxLength: 2 },
      )
      .map((matchExpressions) => ({ matchExpressions })),
  },
);

export const namespaceSelector = fc.oneof(
  selector,
  fc.constantFrom(...NAMESPACES).map((name) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })),
);

const block4 = fc.tuple(fc.nat(15), fc.constantFrom(0, 1, 8, 28, 29, 30, 31, 32)).map(([host, n]) => ({
  cidr: `10.0.0.${host}/${n}`,
  inside: fc
    .tuple(fc.nat(15), fc.integer({ min: n + 1, max: 33 }))
    .map(([other, m]) => (m > 32 || !same(host, other, n - 28) ? [] : [`10.0.0.${other}/${m}`])),
}));
const block6 = fc.tuple(fc.nat(15), fc.constantFrom(0, 8, 124, 125, 126, 127, 128)).map(([host, n]) => ({
  cidr: `fd00::${host.toString(16)}/${n}`,
  inside: fc
    .tuple(fc.nat(15), fc.integer({ min: n + 1, max: 129 }))
    .map(([other, m]) => (m > 128 || !same(host, other, n - 124) ? [] : [`fd00::${other.toString(16)}/${m}`])),
}));
/** Whether two numbers of four bits agree in the first `bits`. */
const same = (a: number, b: number, bits: number): boolean => bits <= 0 || a >> (4 - bits) === b >> (4 - bits);

const ipBlock = fc
  .oneof(block4, block6)
  .chain(({ cidr, inside }) => fc.tuple(fc.constant(cidr), fc.array(inside, { maxLength: 2 })))
  .map(([cidr, excepts]) => ({ ipBlock: { cidr, ...(excepts.flat().length > 0 && { except: excepts.flat() }) } }));

const peer = fc.oneof(
  selector.map((podSelector) => ({ podSelector })),
  namespaceSelector.map((found) => ({ namespaceSelector: found })),
  fc.record({ podSelector: selector, namespaceSelector }),
  ipBlock,
);

const port = fc.oneof(
  fc.record({ protocol, port: fc.constantFrom(...PORTS) }, { requiredKeys: [] }),
  fc.record({ protocol, port: names }, { requiredKeys: ['port'] }),
  fc
    .tuple(protocol, fc.constantFrom(...PORTS), fc.constantFrom(...PORTS))
    .map(([of, a, b]) => ({ protocol: of, port: Math.min(a, b), endPort: Math.max(a, b) })),
);

const rule = (side: 'from' | 'to'): fc.Arbitrary<object> =>
  fc.record(
    { [side]: fc.array(peer, { maxLength: 2 }), ports: fc.array(port, { maxLength: 3 }) },
    { requiredKeys: [] },
  );

const spec = fc.record(
  {
    podSelector: selector,
    policyTypes: fc.subarray(['Ingress', 'Egress']),
    ingress: fc.array(rule('from'), { maxLength: 2 }),
    egress: fc.array(rule('to'), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const ports = fc.array(fc.record({ name: names, containerPort: fc.constantFrom(...PORTS), protocol }), {
  maxLength: 2,
});

const pods = fc
  .array(
    fc.record({
      namespace: fc.constantFrom(...NAMESPACES),
      labels,
      ports,
      families: fc.constantFrom('4', '6', '46', ''),
      hostNetwork: fc.constantFrom(false, false, false, false, true),
    }),
    { minLength: 2, maxLength: 5 },
  )
  .map((made) =>
    made.map(({ families, ...fields }, i) => {
      // Every third address is a pod's, so that ranges hold strangers too.
      const host = (i * 3).toString(16);
      const ips = [...families].map((family) => (family === '4' ? `10.0.0.${i * 3}` : `fd00::${host}`));
      return pod(`pod-${i}`, { ...fields, ips });
    }),
  );

export const cluster: fc.Arbitrary<KubeObject[]> = fc
  .tuple(
    pods,
    fc.array(fc.tuple(fc.constantFrom(...NAMESPACES), spec), { maxLength: 4 }),
    fc.tuple(
      ...NAMESPACES.map((name) =>
        fc.option(
          labels.map((found) => namespace(name, found)),
          { nil: undefined },
        ),
      ),
    ),
  )
  .map(([made, policies, namespaces]) => [
    ...made,
    ...policies.map(([inNamespace, found], i) => policy(`policy-${i}`, found, inNamespace)),
    ...namespaces.filter((found) => found !== undefined),
  ]);

/** Addresses of nobody, inside and outside the ranges of the policies. */
export const STRANGERS = [
  '10.0.0.1',
  '10.0.0.7',
  '10.0.0.15',
  '8.8.8.8',
  '192.0.2.1',
  'fd00::1',
  'fd00::b',
  '2001:db8::1',
];
