import { Cluster, type LiveObject } from '../../../src/bridge/cluster.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { LABELS } from '../../../src/model/names.js';
import { workerLab } from '../worker-lab.js';

let clusters = 0;

/** A name that no other test has: all share one API server. */
export const unique = (prefix: string): string => `${prefix}-${process.pid.toString(36)}-${(clusters += 1)}`;

export const connect = (user?: string): Promise<Cluster> => {
  const lab = workerLab();
  return Cluster.connect({ kubeconfig: user === undefined ? lab.kubeconfig : lab.users[user]! });
};

export interface SmallStack {
  /** With the policy that opens egress. @default true */
  readonly open?: boolean;
  /** On the Deployment's pods. @default one */
  readonly version?: string;
  /** Left out. @default none */
  readonly without?: readonly string[];
}

export const BASELINE = 'agent-deny-default';

/** A stack as charts render it, small: namespace, account, deny baseline, an allow, an opening, DNS, a workload. */
export function smallStack(
  name: string,
  { open = true, version = 'one', without = [] }: SmallStack = {},
): KubeObject[] {
  const labels = { [LABELS.stack]: name };
  const meta = (of: string, more: Record<string, string> = {}) => ({
    name: of,
    namespace: name,
    labels: { ...labels, ...more },
  });
  const policy = (of: string, spec: object, more: Record<string, string> = {}): KubeObject => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: meta(of, more),
    spec,
  });
  const selected = { app: 'agent' };
  const objects: KubeObject[] = [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: meta('agent'),
      spec: {
        replicas: 1,
        selector: { matchLabels: selected },
        template: {
          metadata: { labels: selected, annotations: { version } },
          spec: {
            serviceAccountName: 'agent',
            containers: [
              {
                name: 'agent',
                image: 'registry.example.com/agent:1',
                env: [{ name: 'VERSION', value: version }],
                resources: { limits: { cpu: '1000m', memory: '128Mi' } },
              },
            ],
          },
        },
      },
    },
    policy(
      BASELINE,
      { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] },
      { [LABELS.keep]: 'baseline' },
    ),
    policy('agent-allow-front', {
      podSelector: { matchLabels: selected },
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: { matchLabels: { app: 'front' } } }], ports: [{ protocol: 'TCP', port: 443 }] }],
    }),
    ...(open
      ? [
          policy(
            'agent-open-egress',
            {
              podSelector: { matchLabels: selected },
              policyTypes: ['Egress'],
              egress: [{ ports: [{ protocol: 'TCP', port: 8443 }] }],
            },
            { [LABELS.opens]: 'egress' },
          ),
        ]
      : []),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('agent-dns'), data: { Corefile: `. { ${version} }` } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta('agent-dns'),
      spec: { selector: { app: 'dns' }, ports: [{ name: 'dns', protocol: 'UDP', port: 53, targetPort: 1053 }] },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta('agent'), automountServiceAccountToken: false },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: meta('deployer'),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'deployer' },
      subjects: [{ kind: 'User', name: 'someone' }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: meta('deployer'),
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    },
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name,
        labels: { ...labels, [LABELS.keep]: 'namespace', 'pod-security.kubernetes.io/enforce': 'baseline' },
      },
    },
  ];
  return objects.filter(({ metadata }) => !without.includes(metadata.name));
}

/** The live counterpart of a rendered object, by kind and name. */
export const liveOf = (
  cluster: Cluster,
  objects: readonly KubeObject[],
  kind: string,
  name: string,
): Promise<LiveObject | undefined> =>
  cluster.tryGet(objects.find((object) => object.kind === kind && object.metadata.name === name)!);
