import fc from 'fast-check';
import type { KubeObject } from '../../src/prove/index.js';
import { NAMESPACES, namespaceSelector, PORTS, selector } from './arbitrary.js';
import { object } from './objects.js';

/** Small random policies of the kinds with tiers and of Cilium, for the clusters of `arbitrary.ts`. */

const number = fc.constantFrom(...PORTS);
const cidrs = fc.subarray(['10.0.0.0/29', '10.0.0.6/31', '0.0.0.0/0', 'fd00::/125', '::/0'], { minLength: 1 });
const podsPeer = fc.oneof(
  namespaceSelector.map((namespaces) => ({ namespaces })),
  fc.record({ namespaceSelector, podSelector: selector }).map((pods) => ({ pods })),
);
const egressPeer = fc.oneof(
  podsPeer,
  cidrs.map((networks) => ({ networks })),
  fc.constant({ nodes: {} }),
);
const destinationPort = fc.oneof(
  number.map((port) => ({ number: port })),
  fc.constant({ range: { start: 80, end: 443 } }),
);
const named = fc.constantFrom('web', 'dns');
const protocols = fc.array(
  fc.oneof(
    fc
      .tuple(fc.constantFrom('tcp', 'udp', 'sctp'), destinationPort)
      .map(([of, port]) => ({ [of]: { destinationPort: port } })),
    named.map((destinationNamedPort) => ({ destinationNamedPort })),
  ),
  { minLength: 1, maxLength: 2 },
);
const adminPorts = fc.array(
  fc.oneof(
    fc.record({ protocol: fc.constantFrom('TCP', 'UDP'), port: number }).map((portNumber) => ({ portNumber })),
    fc.constant({ portRange: { protocol: 'TCP', start: 53, end: 81 } }),
    named.map((namedPort) => ({ namedPort })),
  ),
  { minLength: 1, maxLength: 2 },
);
const rules = (
  side: string,
  peer: fc.Arbitrary<object>,
  field: string,
  ports: fc.Arbitrary<object>,
  actions: string[],
) =>
  fc.array(
    fc.record(
      { action: fc.constantFrom(...actions), [side]: fc.array(peer, { minLength: 1, maxLength: 2 }), [field]: ports },
      { requiredKeys: ['action', side] },
    ),
    { maxLength: 3 },
  );
const tiered = (field: string, ports: fc.Arbitrary<object>, actions: string[]) =>
  fc.record({
    subject: podsPeer,
    ingress: rules('from', podsPeer, field, ports, actions),
    egress: rules('to', egressPeer, field, ports, actions),
  });
const group = 'policy.networking.k8s.io';
const clusterwide = fc
  .record({
    tier: fc.constantFrom('Admin', 'Baseline'),
    spec: tiered('protocols', protocols, ['Accept', 'Deny', 'Pass']),
  })
  .map(
    ({ tier, spec }) =>
      (i: number) =>
        object(`${group}/v1alpha2`, 'ClusterNetworkPolicy', {
          metadata: { name: `k-${i}` },
          spec: { tier, priority: (i * 37) % 100, ...spec },
        }),
  );
const admin = tiered('ports', adminPorts, ['Allow', 'Deny', 'Pass']).map(
  (spec) => (i: number) =>
    object(`${group}/v1alpha1`, 'AdminNetworkPolicy', {
      metadata: { name: `a-${i}` },
      spec: { priority: (i * 37) % 100, ...spec },
    }),
);
const baseline = tiered('ports', adminPorts, ['Allow', 'Deny']).map(
  (spec) => () => object(`${group}/v1alpha1`, 'BaselineAdminNetworkPolicy', { metadata: { name: 'default' }, spec }),
);

const ciliumEndpoint = fc.oneof(
  fc.constant({}),
  fc.record({
    matchLabels: fc.constantFrom<Record<string, string>>(
      { 'k8s:x': '1' },
      { x: '2' },
      { 'any:y': '1', 'k8s:io.kubernetes.pod.namespace': 'b' },
    ),
  }),
  fc.constant({ matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['1'] }] }),
);
const ciliumL3 = (side: string) =>
  fc.oneof(
    fc.constant({}),
    fc.array(ciliumEndpoint, { maxLength: 2 }).map((all) => ({ [`${side}Endpoints`]: all })),
    cidrs.map((all) => ({ [`${side}CIDR`]: all })),
    fc.constant({ [`${side}CIDRSet`]: [{ cidr: '10.0.0.0/28', except: ['10.0.0.4/30'] }] }),
    fc.constantFrom('world', 'cluster', 'all', 'world-ipv4').map((entity) => ({ [`${side}Entities`]: [entity] })),
  );
const ciliumPort = fc.oneof(
  fc.record(
    { port: fc.constantFrom('0', '53', '80', '443', 'web'), protocol: fc.constantFrom('TCP', 'UDP', 'ANY') },
    { requiredKeys: ['port'] },
  ),
  fc.constant({ port: '80', endPort: 443, protocol: 'TCP' }),
);
const ciliumRule = (side: string) =>
  fc
    .tuple(ciliumL3(side), fc.option(fc.array(ciliumPort, { minLength: 1, maxLength: 2 }), { nil: undefined }))
    .map(([peers, ports]) => ({ ...peers, ...(ports && { toPorts: [{ ports }] }) }));
const ciliumRules = (side: string) => fc.array(ciliumRule(side), { maxLength: 2 });
const cilium = fc
  .tuple(
    fc.option(fc.constantFrom(...NAMESPACES), { nil: undefined }),
    fc.record(
      {
        endpointSelector: ciliumEndpoint,
        ingress: ciliumRules('from'),
        ingressDeny: ciliumRules('from'),
        egress: ciliumRules('to'),
        egressDeny: ciliumRules('to'),
        enableDefaultDeny: fc.record({ egress: fc.boolean(), ingress: fc.boolean() }, { requiredKeys: [] }),
      },
      { requiredKeys: ['endpointSelector'] },
    ),
  )
  .map(
    ([namespace, spec]) =>
      (i: number) =>
        object('cilium.io/v2', namespace === undefined ? 'CiliumClusterwideNetworkPolicy' : 'CiliumNetworkPolicy', {
          metadata: { name: `c-${i}`, ...(namespace && { namespace }) },
          spec,
        }),
  );

/** At most four policies, each with a priority of its own, at most one of them the baseline of v1alpha1. */
export const tieredPolicies: fc.Arbitrary<KubeObject[]> = fc
  .tuple(
    fc.array(fc.oneof(clusterwide, clusterwide, admin, cilium, cilium), { maxLength: 3 }),
    fc.option(baseline, { nil: undefined }),
  )
  .map(([made, last]) => [...made, ...(last ? [last] : [])].map((make, i) => make(i)));
