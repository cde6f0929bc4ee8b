import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../../model/kube-object.js';

const AGENTS = ['portarium-agents', 'portarium-agents-globex'];
const inNamespaces = (values: readonly string[]) => ({
  matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values }],
});
const port53 = [{ udp: { destinationPort: { number: 53 } } }, { tcp: { destinationPort: { number: 53 } } }];
const deny = (name: string, networks: readonly string[], more = {}) => ({
  name,
  action: 'Deny',
  to: [{ networks }],
  ...more,
});

interface Spec {
  readonly tier: string;
  readonly priority: number;
  readonly subject: unknown;
  readonly egress: readonly { readonly name: string }[];
}

const isolated = (namespace: string): Spec => ({
  tier: 'Admin',
  priority: 20,
  subject: { namespaces: inNamespaces([namespace]) },
  egress: [
    {
      name: 'other-namespaces',
      action: 'Deny',
      to: [
        {
          namespaces: {
            matchExpressions: [
              { key: 'kubernetes.io/metadata.name', operator: 'Exists' },
              {
                key: 'kubernetes.io/metadata.name',
                operator: 'NotIn',
                values: ['kube-system', namespace, 'portarium-control-plane', 'portarium-observability', 'vault'],
              },
            ],
          },
        },
      ],
    } as Spec['egress'][number],
  ],
});

/** What no level opens, in literals; the order counts, since the first rule that fits decides. */
const EXPECTED: Readonly<Record<string, Spec>> = {
  'portarium-agents-never': {
    tier: 'Admin',
    priority: 10,
    subject: { namespaces: inNamespaces(AGENTS) },
    egress: [
      {
        name: 'pass-dns',
        action: 'Pass',
        to: [
          {
            pods: {
              namespaceSelector: inNamespaces(AGENTS),
              podSelector: {
                matchExpressions: [
                  {
                    key: 'portarium.io/component',
                    operator: 'In',
                    values: ['agent-dns-ws-acme', 'agent-dns-ws-globex'],
                  },
                ],
              },
            },
          },
          {
            pods: {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
              podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
            },
          },
        ],
        protocols: port53,
      } as Spec['egress'][number],
      deny('port-53-elsewhere', ['0.0.0.0/0', '::/0'], { protocols: port53 }),
      deny('metadata', ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254/128', '168.63.129.16/32', '100.100.100.200/32']),
      deny('nodes', ['10.0.0.0/24']),
      deny('kubernetes-api', ['10.96.0.1/32', '10.0.0.2/32']),
    ],
  },
  'portarium-agents-isolated-portarium-agents': isolated('portarium-agents'),
  'portarium-agents-isolated-portarium-agents-globex': isolated('portarium-agents-globex'),
};

/** The names of the rules, for people. */
export const adminRules = (): string =>
  [...new Set(Object.values(EXPECTED).flatMap(({ egress }) => egress.map(({ name }) => name)))]
    .filter((name) => name !== 'pass-dns')
    .join(', ');

/** How the cluster's ClusterNetworkPolicies differ from what they must be, each a sentence; empty when they do not. */
export function adminTierProblems(live: readonly KubeObject[]): readonly string[] {
  const policies = live.filter(({ kind }) => kind === 'ClusterNetworkPolicy');
  const unknown = policies
    .filter(({ metadata }) => EXPECTED[metadata.name] === undefined)
    .map(({ metadata }) => `ClusterNetworkPolicy ${metadata.name} is nobody's here`);
  return [...unknown, ...Object.entries(EXPECTED).flatMap(([name, expected]) => problemsOf(name, expected, policies))];
}

function problemsOf(name: string, expected: Spec, policies: readonly KubeObject[]): readonly string[] {
  const of = `ClusterNetworkPolicy ${name}`;
  const found = policies.find(({ metadata }) => metadata.name === name)?.['spec'] as Spec | undefined;
  if (found === undefined) return [`${of} is missing: ${expected.egress.map((rule) => rule.name).join(', ')}`];
  const rules = expected.egress
    .filter((rule, index) => !same(found.egress[index], rule))
    .map((rule) => `${of}: its rule ${rule.name} is missing, elsewhere or another`);
  return same(found, expected) || rules.length > 0
    ? rules
    : [`${of} has another tier, priority, subject or a rule too many`];
}

/** The order of names and addresses in a list means nothing, that of rules does. */
const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(sorted(a), sorted(b));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === 'string') ? value.toSorted() : value.map(sorted);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, sorted(of)]));
}
