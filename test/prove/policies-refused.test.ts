import { describe, expect, it } from 'vitest';
import { readCluster } from '../../src/prove/index.js';
import type { KubeObject } from '../../src/prove/index.js';
import { object } from './objects.js';

const GROUP = 'policy.networking.k8s.io';
const PODS = { namespaceSelector: {}, podSelector: {} };

/** What the API server says no to of policies with tiers, by their schemas (v0.1.5 and v0.2.0), is an error here. */
describe('policies with tiers that no API server takes', () => {
  const cluster = (rule: object, more: object = {}): KubeObject =>
    object(`${GROUP}/v1alpha2`, 'ClusterNetworkPolicy', {
      metadata: { name: 'x' },
      spec: {
        tier: 'Admin',
        priority: 1,
        subject: { namespaces: {} },
        egress: [{ action: 'Accept', ...rule }],
        ...more,
      },
    });
  const baseline = (name: string, rule: object): KubeObject =>
    object(`${GROUP}/v1alpha1`, 'BaselineAdminNetworkPolicy', {
      metadata: { name },
      spec: { subject: { namespaces: {} }, egress: [{ action: 'Allow', ...rule }] },
    });
  const to = [{ namespaces: {} }];
  const range = (start: number, end: number) => [{ tcp: { destinationPort: { range: { start, end } } } }];
  const many = (count: number): readonly object[] => Array.from({ length: count }, () => ({ namespaces: {} }));

  it.each<[string, KubeObject, string]>([
    ['more peers than 25', cluster({ to: many(26) }), 'spec.egress[0].to: holds 26 items; at most 25 are allowed'],
    ['more rules than 25', cluster({ to }, { ingress: many(26) }), 'spec.ingress: holds 26 items'],
    ['an empty list of protocols', cluster({ to, protocols: [] }), 'spec.egress[0].protocols: needs at least one'],
    [
      'a protocol without ports',
      cluster({ to, protocols: [{ tcp: {} }] }),
      'protocols[0].tcp.destinationPort: is required',
    ],
    ['a range of one port', cluster({ to, protocols: range(80, 80) }), 'range: must end after its start'],
    [
      'a range that runs backwards',
      cluster({ to, protocols: range(81, 80) }),
      'must not be less than start, which is 81',
    ],
    ['no name', cluster({ to: [{ domainNames: [] }] }), 'spec.egress[0].to[0].domainNames: needs at least one name'],
    ['a name that is none', cluster({ to: [{ domainNames: ['*'] }] }), 'domainNames[0]: "*" is not a name'],
    ['a rule with a long name', cluster({ to, name: 'n'.repeat(101) }), 'spec.egress[0].name: is longer than 100'],
    ['a second baseline, by its name', baseline('other', { to }), 'metadata.name: there is one of these in a cluster'],
    ['a hundred peers and one', baseline('default', { to: many(101) }), 'at most 100 are allowed'],
  ])('%s', (_, refused, message) => {
    expect(() => readCluster([refused])).toThrow(message);
  });

  it.each<[string, object, string]>([
    ['an empty list of ports', { to, ports: [] }, 'spec.egress[0]: an empty list of ports has no defined meaning'],
    ['names in a baseline', { to: [{ domainNames: ['a.example'] }] }, 'spec.egress[0]: a peer is not known'],
  ])('%s is not evaluated', (_, rule, reason) => {
    expect(readCluster([baseline('default', rule)]).notEvaluated).toMatchObject([{ name: 'default', reason }]);
  });

  it('what is left out where it may be is read as everything', () => {
    const fine = [
      cluster({ to: [{ pods: { podSelector: {} } }] }),
      baseline('default', { to: [...many(99), { pods: PODS }] }),
    ];
    expect(readCluster(fine).notEvaluated).toEqual([]);
  });
});
