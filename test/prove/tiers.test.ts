import { describe, expect, it } from 'vitest';
import { explain, explanationLines, reach, readCluster, reachTable } from '../../src/prove/index.js';
import type { KubeObject } from '../../src/prove/index.js';
import { egress, namespace, object, pod, policy } from './objects.js';

const SOURCE = { namespace: 'a', name: 'agent' };
const agent = pod('agent', { ips: ['10.0.0.1'], hostIP: '192.168.0.1' });
const server = pod('server', { namespace: 'b', ips: ['10.0.0.2'] });
const node = pod('kubelet', { namespace: 'b', ips: ['192.168.0.2'], hostIP: '192.168.0.2', hostNetwork: true });
const world = [agent, server, node, namespace('b', { team: 'b' })];

function table(...objects: KubeObject[]): string[] {
  const { rows } = reach([...world, ...objects], SOURCE);
  return rows.length === 0
    ? []
    : reachTable(rows)
        .split('\n')
        .slice(1)
        .map((line) => line.replace(/ {2,}/, ': '));
}

const tiered = (tier: string, priority: number, ...rules: object[]): KubeObject =>
  object('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', {
    metadata: { name: `${tier}-${priority}` },
    spec: { tier, priority, subject: { namespaces: {} }, egress: rules },
  });
const toB = { to: [{ namespaces: { matchLabels: { team: 'b' } } }] };
const cilium = (spec: object, inNamespace?: string): KubeObject =>
  object('cilium.io/v2', inNamespace === undefined ? 'CiliumClusterwideNetworkPolicy' : 'CiliumNetworkPolicy', {
    metadata: { name: 'c', ...(inNamespace !== undefined && { namespace: inNamespace }) },
    spec: { endpointSelector: {}, ...spec },
  });

describe('S14: tiers', () => {
  const probe = (...objects: KubeObject[]): string =>
    explain([...world, ...objects], SOURCE, {
      destination: { namespace: 'b', name: 'server' },
      protocol: 'TCP',
      port: 80,
    }).verdict;
  const [accept, deny, pass] = ['Accept', 'Deny', 'Pass'].map((action) => ({ action, ...toB }));
  const closed = policy('closed', egress());
  const open = policy('open', egress({}));

  it.each<[string, KubeObject[], string]>([
    ['the first rule decides', [tiered('Admin', 1, accept!, deny!)], 'allowed'],
    ['the lower priority decides', [tiered('Admin', 2, accept!), tiered('Admin', 1, deny!)], 'denied'],
    ['Admin Accept beats a NetworkPolicy', [tiered('Admin', 1, accept!), closed], 'allowed'],
    ['Admin Deny beats a NetworkPolicy', [tiered('Admin', 1, deny!), open], 'denied'],
    ['Pass skips the rest of its tier', [tiered('Admin', 1, pass!), tiered('Admin', 2, deny!)], 'allowed'],
    ['Pass leaves it to the NetworkPolicy', [tiered('Admin', 1, pass!), closed], 'denied'],
    ['Pass leaves it to the baseline', [tiered('Admin', 1, pass!), tiered('Baseline', 1, deny!)], 'denied'],
    ['a NetworkPolicy beats the baseline', [open, tiered('Baseline', 1, deny!)], 'allowed'],
    ['Pass in the baseline leaves it open', [tiered('Baseline', 1, pass!, deny!)], 'allowed'],
  ])('%s', (_, objects, verdict) => {
    expect(probe(...objects)).toBe(verdict);
  });

  it('networks select pods too, and pods peers never those on a node network', () => {
    const rule = { action: 'Deny', to: [{ networks: ['10.0.0.0/24'] }] };
    expect(table(tiered('Admin', 1, rule)).some((line) => line.startsWith('b/server'))).toBe(false);
    expect(table(tiered('Admin', 1, deny!))[0]).toMatch(/^b\/kubelet/);
  });

  it('equal priorities are named, and whatever some order allows counts as allowed', () => {
    const twin = { ...tiered('Admin', 1, deny!), metadata: { name: 'twin' } } as KubeObject;
    const objects = [...world, tiered('Admin', 1, accept!), twin];
    expect(readCluster(objects).notEvaluated).toMatchObject([{ kind: 'ClusterNetworkPolicy', name: 'twin' }]);
    expect(reach(objects, SOURCE).rows.some(({ to }) => to === 'b/server[Pod]')).toBe(true);
  });

  it('is explained by tier and action', () => {
    const packet = { destination: { namespace: 'b', name: 'server' }, protocol: 'TCP', port: 80 } as const;
    expect(explanationLines(explain([...world, tiered('Admin', 1, deny!)], SOURCE, packet))[1]).toBe(
      'egress: denied by ClusterNetworkPolicy Admin-1 spec.egress[0] (Admin, Deny)',
    );
  });
});

describe('S15: Cilium', () => {
  it.each<[string, object, string[]]>([
    ['a rule without anything isolates', { egress: [{}] }, []],
    ['an empty list of endpoints is nobody', { egress: [{ toEndpoints: [] }] }, []],
    [
      'port 0 of any protocol is ICMP as well',
      { egress: [{ toCIDR: ['8.8.8.8/32'], toPorts: [{ ports: [{ port: '0', protocol: 'ANY' }] }] }] },
      ['8.8.8.8/32: everything'],
    ],
    [
      'and only of one where it is named',
      { egress: [{ toCIDR: ['8.8.8.8/32'], toPorts: [{ ports: [{ port: '0', protocol: 'TCP' }] }] }] },
      ['8.8.8.8/32: TCP all ports'],
    ],
    ['{} is the own namespace', { egress: [{ toEndpoints: [{}] }] }, []],
    [
      'a port alone is for everyone, in quotes',
      { egress: [{ toPorts: [{ ports: [{ port: '53', protocol: 'UDP' }] }] }] },
      ['b/kubelet[Pod] (host network): UDP 53', 'b/server[Pod]: UDP 53', '0.0.0.0/0: UDP 53', '::/0: UDP 53'],
    ],
    ['a range selects neither pods nor nodes', { egress: [{ toCIDR: ['192.168.0.2/32', '10.0.0.2'] }] }, []],
    [
      'nobody else but remote nodes',
      { egress: [{ toEntities: ['remote-node'] }] },
      ['b/kubelet[Pod] (host network): everything', '192.168.0.2/32: everything'],
    ],
    ['only the own node', { egress: [{ toEntities: ['host'] }] }, ['192.168.0.1/32: everything']],
  ])('%s', (_, spec, rows) => {
    expect(table(cilium(spec, 'a'))).toEqual(rows);
  });

  it('{} is the whole cluster in a clusterwide policy', () => {
    expect(table(cilium({ egress: [{ toEndpoints: [{}] }] }))).toEqual(['b/server[Pod]: everything']);
  });

  it('denials beat a NetworkPolicy, and isolate unless told not to', () => {
    const egressDeny = [{ toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'b' } }] }];
    expect(table(cilium({ egressDeny }))).toEqual([]);
    const lenient = cilium({ egressDeny, enableDefaultDeny: { egress: false } });
    const everything = ['b/kubelet[Pod] (host network): everything', '0.0.0.0/0: everything', '::/0: everything'];
    expect(table(lenient)).toEqual(everything);
    expect(table(lenient, policy('open', egress({})))).toEqual(everything);
  });

  it('what is not decided is named and counts as open', () => {
    for (const rule of [{ toGroups: [{}] }, { toPorts: [{ ports: [] }] }]) {
      const found = reach([...world, cilium({ egress: [rule] })], SOURCE);
      expect(found.complete).toBe(false);
      expect(found.rows.map(({ to }) => to)).toContain('0.0.0.0/0');
    }
  });
});
