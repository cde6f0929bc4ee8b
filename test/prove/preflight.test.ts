import { describe, expect, it } from 'vitest';
import { UnreadableObjectError } from '../../src/prove/index.js';
import type { KubeObject } from '../../src/prove/index.js';
import { preflight } from '../../src/prove/preflight.js';
import { ADVISORIES, affects } from '../../src/prove/preflight/cilium-advisories.js';
import { egress, object, policy } from './objects.js';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { name: string; value?: string }[];
}

const NODE = object('v1', 'Node', { metadata: { name: 'a', labels: { 'kubernetes.io/os': 'linux' } } });
const NEW = 'v1.36.2';

/** The DaemonSet of a network layer, ready on the one node there is. */
function daemonSet(containers: readonly Container[], status: object = { desiredNumberScheduled: 1, numberReady: 1 }) {
  return object('apps/v1', 'DaemonSet', {
    metadata: { name: containers[0]!.name, namespace: 'kube-system' },
    spec: { template: { spec: { containers } } },
    status,
  });
}
const ciliumAgent = (tag = ':v1.20.1'): KubeObject =>
  daemonSet([{ name: 'cilium-agent', image: `quay.io/cilium/cilium${tag}` }]);
const ciliumConfig = (data: Record<string, string> = {}): KubeObject =>
  object('v1', 'ConfigMap', { metadata: { name: 'cilium-config', namespace: 'kube-system' }, data });
const CALICO = daemonSet([{ name: 'calico-node', image: 'quay.io/calico/node:v3.32.0' }]);

/** Each finding as `verdict threat object field`. */
const found = (objects: readonly KubeObject[], version: string | undefined = NEW): string[] =>
  preflight(objects, version).findings.map(({ verdict, threat, object, field }) =>
    [verdict, threat, object, field].filter((part) => part !== '').join(' | '),
  );

describe('a cluster that enforces', () => {
  it.each<[string, readonly KubeObject[]]>([
    ['Cilium', [ciliumAgent(), ciliumConfig()]],
    ['Cilium', [ciliumAgent(':v1.20.1@sha256:0123'), ciliumConfig({ 'enable-policy': 'always' })]],
    ['Calico', [CALICO]],
  ])('with %s has no findings', (name, objects) => {
    expect(preflight([NODE, ...objects], NEW)).toEqual({ dataPlanes: [name], findings: [] });
  });

  it('is read from lists, as the API returns them, and in any order', () => {
    const list = object('apps/v1', 'DaemonSetList', { items: [{ ...ciliumAgent(), kind: undefined }] });
    const items = [ciliumConfig(), NODE, list].map((each) => JSON.parse(JSON.stringify(each)) as KubeObject);
    expect(preflight(items, NEW)).toEqual({ dataPlanes: ['Cilium'], findings: [] });
  });
});

describe('B21: a cluster of which nothing known enforces', () => {
  it.each<[string, readonly Container[], string]>([
    ['flannel alone', [{ name: 'kube-flannel', image: 'ghcr.io/flannel-io/flannel:v0.27.0' }], 'refuted'],
    ['an agent that nobody knows', [{ name: 'x', image: 'registry.example.com/cilium-like:1' }], 'inconclusive'],
  ])('%s', (_, containers, verdict) => {
    const [finding] = preflight([NODE, daemonSet(containers)], NEW).findings;
    expect(finding).toMatchObject({ verdict, threat: 'B21' });
  });

  it('flannel beside Calico is not judged: Calico enforces for it', () => {
    const flannel = daemonSet([{ name: 'kube-flannel', image: 'docker.io/flannel/flannel:v0.27.0' }]);
    expect(preflight([NODE, flannel, CALICO], NEW)).toEqual({ dataPlanes: ['Calico', 'flannel'], findings: [] });
  });

  it('nothing read at all is inconclusive thrice: version, nodes and network layer', () => {
    expect(preflight([]).findings.map(({ verdict }) => verdict)).toEqual([
      'inconclusive',
      'inconclusive',
      'inconclusive',
    ]);
  });
});

describe('B21: an agent that is not on every node', () => {
  const other = object('v1', 'Node', { metadata: { name: 'b', labels: {} } });
  const image = 'quay.io/calico/node:v3.32.0';
  const where = 'inconclusive | B21 | DaemonSet kube-system/calico-node';
  it.each<[string, object, readonly KubeObject[], string]>([
    ['is not ready there', { desiredNumberScheduled: 2, numberReady: 1 }, [NODE, other], 'status.numberReady'],
    ['has never been', { desiredNumberScheduled: 1 }, [NODE], 'status.numberReady'],
    [
      'is not meant for it',
      { desiredNumberScheduled: 1, numberReady: 1 },
      [NODE, other],
      'status.desiredNumberScheduled',
    ],
    ['does not say where it is', {}, [NODE], 'status'],
  ])('%s', (_, status, nodes, field) => {
    expect(found([...nodes, daemonSet([{ name: 'calico-node', image }], status)])).toEqual([`${where} | ${field}`]);
  });
});

describe('B21: Cilium', () => {
  const at = 'ConfigMap kube-system/cilium-config | data';
  const deny = policy('deny', egress());
  const admin = object('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', { metadata: { name: 'x' } });
  it.each<[Record<string, string>, readonly KubeObject[], readonly string[]]>([
    [{ 'enable-policy': 'never' }, [], [`refuted | B21 | ${at}.enable-policy`]],
    [{ 'enable-policy': 'sometimes' }, [], [`inconclusive | B21 | ${at}.enable-policy`]],
    [{ 'policy-audit-mode': 'true' }, [], [`refuted | B21 | ${at}.policy-audit-mode`]],
    [{ 'policy-audit-mode': 'True' }, [], [`refuted | B21 | ${at}.policy-audit-mode`]],
    [{ 'policy-audit-mode': 'false' }, [], []],
    [{ 'enable-k8s-networkpolicy': 'false' }, [deny], [`refuted | B21 | ${at}.enable-k8s-networkpolicy`]],
    [{ 'enable-k8s-networkpolicy': 'false' }, [], []],
    [{}, [deny], []],
    [{}, [admin], [`inconclusive | B21 | ${at}.enable-k8s-cluster-network-policy`]],
    [{ 'enable-k8s-cluster-network-policy': 'true' }, [admin], []],
    [{ 'policy-cidr-match-mode': 'nodes' }, [], [`inconclusive | S11 | ${at}.policy-cidr-match-mode`]],
    [{ 'policy-cidr-match-mode': '' }, [], []],
  ])('with %j', (data, objects, expected) => {
    expect(found([NODE, ciliumAgent(), ciliumConfig(data), ...objects])).toEqual(expected);
  });

  it('is not known without its settings', () => {
    expect(found([NODE, ciliumAgent()])).toEqual(['inconclusive | B21 | DaemonSet kube-system/cilium-agent']);
  });

  it('may be told to only audit on some nodes', () => {
    const some = object('cilium.io/v2', 'CiliumNodeConfig', {
      metadata: { name: 'some', namespace: 'kube-system' },
      spec: { defaults: { 'policy-audit-mode': 'true' } },
    });
    expect(found([NODE, ciliumAgent(), ciliumConfig(), deny, admin, some])).toEqual([
      `inconclusive | B21 | ${at}.enable-k8s-cluster-network-policy`,
      'refuted | B21 | CiliumNodeConfig kube-system/some | spec.defaults.policy-audit-mode',
    ]);
  });

  it('with settings that are no text is an error that names the field', () => {
    const broken = object('v1', 'ConfigMap', {
      metadata: { name: 'cilium-config', namespace: 'kube-system' },
      data: { 'enable-policy': true },
    });
    expect(() => preflight([ciliumAgent(), broken])).toThrow(UnreadableObjectError);
    expect(() => preflight([ciliumAgent(), broken])).toThrow('ConfigMap kube-system/cilium-config: data.enable-policy');
  });
});

describe('B28: a version of Cilium with a known fault', () => {
  it.each<[tag: string, ids: readonly string[]]>([
    [':v1.13.5', ['CVE-2026-33726']],
    [':v1.14.15', ['CVE-2024-47825', 'CVE-2026-33726']],
    [':v1.15.10', ['CVE-2026-33726']],
    [':v1.17.13', ['CVE-2026-33726']],
    [':v1.17.14', []],
    [':v1.18.7', ['CVE-2026-33726']],
    [':v1.18.8', []],
    [':v1.19.1', ['CVE-2026-33726', 'CVE-2026-56743']],
    [':v1.19.4@sha256:0123', ['CVE-2026-56743']],
    [':v1.19.5', []],
    [':v1.20.0-rc.1', []],
    [':v1.21.0', []],
    [':v2.0.0', []],
  ])('%s has %j', (tag, ids) => {
    const { findings } = preflight([NODE, ciliumAgent(tag), ciliumConfig()], NEW);
    expect(findings.map(({ reason }) => /CVE-[\d-]+\d/.exec(reason)?.[0])).toEqual(ids);
    expect(findings.every(({ verdict, threat }) => verdict === 'inconclusive' && threat === 'B28')).toBe(true);
  });

  it.each(['@sha256:0123', ':latest', ''])('%s has faults that nobody knows', (tag) => {
    const [finding] = preflight([NODE, ciliumAgent(tag), ciliumConfig()], NEW).findings;
    expect(finding).toMatchObject({ verdict: 'inconclusive', threat: 'B28' });
  });

  it('an advisory lists a fix once a minor release, oldest first', () => {
    for (const advisory of ADVISORIES) {
      const minors = advisory.fixed.map(([major, minor]) => major * 1000 + minor);
      expect(minors).toEqual([...new Set(minors)].sort((a, b) => a - b));
      for (const version of advisory.fixed) expect(affects(advisory, version)).toBe(false);
    }
  });
});

describe('B21, B22: the Amazon VPC CNI', () => {
  const amazon = (args: readonly string[], mode?: string): KubeObject =>
    daemonSet([
      {
        name: 'aws-node',
        image: '602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni:v1.21.0',
        env: [...(mode === undefined ? [] : [{ name: 'NETWORK_POLICY_ENFORCING_MODE', value: mode }]), { name: 'X' }],
      },
      { name: 'aws-eks-nodeagent', image: 'amazon/aws-network-policy-agent:v1.3.0', args },
    ]);
  const ON = ['--enable-ipv6=false', '--enable-network-policy=true'];
  it.each<[string, KubeObject, RegExp | undefined]>([
    ['in strict mode closes from the first packet', amazon(ON, 'strict'), undefined],
    ['in standard mode is open for seconds', amazon(ON, 'standard'), /^refuted \| B22 .*ENFORCING_MODE$/],
    ['without a mode is in standard mode', amazon(ON), /^refuted \| B22 .*ENFORCING_MODE$/],
    ['without its agent enforces nothing', amazon(['--enable-network-policy=false'], 'strict'), /^refuted \| B21/],
    ['that says nothing of its agent enforces nothing', amazon([], 'strict'), /^refuted \| B21/],
  ])('%s', (_, object, expected) => {
    const findings = found([NODE, object]);
    expect(findings).toHaveLength(expected === undefined ? 0 : 1);
    if (expected !== undefined) expect(findings[0]).toMatch(expected);
  });
});

describe('B21, B22: others', () => {
  const agent = (image: string): KubeObject => daemonSet([{ name: 'agent', image }]);
  const late = 'inconclusive | B22 | DaemonSet kube-system/agent';
  it.each<[string, readonly string[]]>([
    [
      'kindest/kindnetd:v20240513-cbbd5c3c',
      [late, 'refuted | B21 | DaemonSet kube-system/agent | spec.template.spec.containers'],
    ],
    ['docker.io/kindest/kindnetd:v20250512-df8de77b', [late]],
    [
      'kindest/kindnetd:dev',
      [late, 'inconclusive | B21 | DaemonSet kube-system/agent | spec.template.spec.containers'],
    ],
    ['registry.k8s.io/networking/kube-network-policies:v1.0.0', [late]],
    ['docker.io/cloudnativelabs/kube-router:v2.6.0', [late]],
    ['antrea/antrea-agent-ubuntu:v2.4.0', []],
    ['rancher/mirrored-calico-node:v3.30.3', []],
    ['registry.example.com:5000/mirror/calico/node:v3.32.0', []],
    ['rancher/mirrored-flannel-flannel:v0.27.0', ['refuted | B21 | DaemonSet kube-system/agent']],
  ])('%s', (image, expected) => {
    expect(found([NODE, agent(image)])).toEqual(expected);
  });
});

describe('B21: kinds of nodes', () => {
  const node = (labels: Record<string, string>, ...taints: readonly (readonly [string, string])[]): KubeObject =>
    object('v1', 'Node', {
      metadata: { name: 'odd', labels },
      spec: { taints: taints.map(([key, effect]) => ({ key, effect })) },
    });
  const FARGATE = { 'eks.amazonaws.com/compute-type': 'fargate' };
  const [refuted, inconclusive] = ['refuted', 'inconclusive'].map(
    (verdict) => `${verdict} | B21 | Node odd | spec.taints`,
  );
  it.each<[string, KubeObject, string | undefined]>([
    ['a Fargate node', node(FARGATE), refuted],
    ['a Fargate node with its taint', node(FARGATE, ['eks.amazonaws.com/compute-type', 'NoSchedule']), undefined],
    ['a virtual node', node({ type: 'virtual-kubelet' }), refuted],
    [
      'a virtual node with its taint',
      node({ type: 'virtual-kubelet' }, ['virtual-kubelet.io/provider', 'NoExecute']),
      undefined,
    ],
    [
      'a taint that only asks',
      node({ type: 'virtual-kubelet' }, ['virtual-kubelet.io/provider', 'PreferNoSchedule']),
      refuted,
    ],
    ['a Windows node', node({ 'kubernetes.io/os': 'windows' }), refuted],
    ['a Windows node with some taint', node({ 'kubernetes.io/os': 'windows' }, ['os', 'NoSchedule']), inconclusive],
    ['a node of kwok, on which nothing runs', node({ type: 'kwok' }), inconclusive],
    ['an ordinary node', node({ type: 'worker', 'kubernetes.io/os': 'linux' }), undefined],
  ])('%s', (_, odd, expected) => {
    const status = { desiredNumberScheduled: 2, numberReady: 2 };
    const calico = daemonSet([{ name: 'calico-node', image: 'quay.io/calico/node:v3.32.0' }], status);
    expect(found([NODE, odd, calico])).toEqual(expected === undefined ? [] : [expected]);
  });
});

describe('B24: the version of Kubernetes', () => {
  it.each<[string | undefined, string | undefined]>([
    ['v1.36.2', undefined],
    ['v1.34.0', undefined],
    ['v1.34+', undefined],
    ['v1.33.4-eks-abc', 'inconclusive'],
    ['v1.32.9', 'refuted'],
    ['v1.3.0', 'refuted'],
    ['v2.0.0', 'inconclusive'],
    ['', 'inconclusive'],
    [undefined, 'inconclusive'],
  ])('%s', (version, verdict) => {
    const { findings } = preflight([NODE, CALICO], version);
    expect(findings.map(({ verdict, threat }) => [verdict, threat])).toEqual(
      verdict === undefined ? [] : [[verdict, 'B24']],
    );
  });
});
