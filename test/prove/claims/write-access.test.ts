import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/prove/kube-object.js';
import { guard } from '../../../src/prove/claims/settle.js';
import { protectedThings, proveWriteAccess } from '../../../src/prove/claims/write-access.js';
import type { WriteAccessInput } from '../../../src/prove/claims/write-access.js';
import { object } from '../objects.js';
import { GUARDS, ORDER, PLACES, STACKS, without } from './stack.js';
import { bindAll, bindIn, clusterRole, group, role, rule, serviceAccount, user } from './rbac.js';
import type { RbacSubject } from './rbac.js';

/** What a cluster has of its own, in short: the bindings that Kubernetes 1.36 makes, and its role `admin`. */
const CLUSTER: readonly KubeObject[] = [
  clusterRole('admin', [
    rule('', ['configmaps', 'pods', 'pods/exec', 'secrets', 'serviceaccounts/token'], ['*']),
    rule('', ['serviceaccounts'], ['impersonate']),
    rule('networking.k8s.io', ['networkpolicies'], ['*']),
  ]),
  bindAll('cluster-admin', 'cluster-admin', group('system:masters')),
  clusterRole('system:controller:deployment-controller', [rule('apps', ['replicasets'], ['*'])]),
  bindAll('d', 'system:controller:deployment-controller', serviceAccount('kube-system', 'deployment-controller')),
];

const INPUT: WriteAccessInput = {
  ...PLACES,
  objects: [...STACKS, ...CLUSTER],
  complete: true,
  guards: GUARDS,
  level: 'enforced',
};

const prove = (more: readonly KubeObject[] = [], changes: Partial<WriteAccessInput> = {}) =>
  proveWriteAccess({ ...INPUT, objects: [...INPUT.objects, ...more], ...changes });
const causes = (...of: Parameters<typeof prove>) => prove(...of).counterExamples.map(({ cause }) => cause);

describe('claim W', () => {
  it('is proved for the committed stacks in a cluster that gives nothing else', () => {
    expect(prove()).toMatchObject({ verdict: 'proved', counterExamples: [], reasons: [] });
  });

  it('is inconclusive from the manifests alone: RBAC alone holds RBAC and the admission policies', () => {
    const verdict = prove([], { objects: STACKS, complete: false });
    expect(verdict.verdict).toBe('inconclusive');
    expect(verdict.reasons).toHaveLength(1);
    expect(verdict.reasons[0]).toMatch(/admission policies; .*rights to give rights; .*enforce prove --cluster/);
  });

  it('is not claimed at routing, where guards may only warn', () => {
    expect(prove([], { guards: new Set(), level: 'routing' }).verdict).toBe('not claimed');
  });

  it('is inconclusive where no RBAC was read', () => {
    expect(prove([], { objects: [] })).toMatchObject({ verdict: 'inconclusive', counterExamples: [] });
  });

  const mallory = user('mallory');
  it.each<readonly [string, readonly KubeObject[]]>([
    ['is an admin of the cluster', [bindAll('x', 'cluster-admin', mallory)]],
    [
      'writes admission policies',
      grant(rule('admissionregistration.k8s.io', ['validatingadmissionpolicies'], ['patch'])),
    ],
    [
      'deletes a binding',
      grant(rule('admissionregistration.k8s.io', ['validatingadmissionpolicybindings'], ['delete'])),
    ],
    ['mutates', grant(rule('admissionregistration.k8s.io', ['mutatingwebhookconfigurations'], ['create']))],
    ['gives rights', grant(rule('rbac.authorization.k8s.io', ['clusterroles'], ['escalate']))],
    ['binds roles', grant(rule('rbac.authorization.k8s.io', ['clusterroles'], ['bind']))],
    ['impersonates groups', grant(rule('', ['groups'], ['impersonate']))],
    ['approves certificates', grant(rule('certificates.k8s.io', ['certificatesigningrequests/approval'], ['update']))],
    ['joins a node', grant(rule('certificates.k8s.io', ['certificatesigningrequests/nodeclient'], ['create']))],
    ['asks kubelets', grant(rule('', ['nodes/proxy'], ['get']))],
    ['asks everything of everything', grant(rule('', ['*/proxy'], ['get']))],
    ['takes over an API group', grant(rule('apiregistration.k8s.io', ['apiservices'], ['create']))],
    ['makes volumes of the host', grant(rule('', ['persistentvolumes'], ['create']))],
    ['reads the platform’s Secrets', grantIn('portarium-control-plane', rule('', ['secrets'], ['get']))],
    ['makes pods of the platform', grantIn('portarium-execution', rule('apps', ['deployments'], ['create']))],
    ['makes pods of the control plane', grantIn('kube-system', rule('batch', ['jobs'], ['create']))],
    ['writes Secrets for agents', grantIn('portarium-agents', rule('', ['secrets'], ['create']))],
    [
      'decides which names resolve',
      grantIn('portarium-agents', { ...rule('', ['configmaps'], ['update']), resourceNames: ['agent-dns-ws-acme'] }),
    ],
  ])('is refuted where somebody else %s', (_, objects) => {
    const verdict = prove(objects);
    expect(verdict.verdict).toBe('refuted');
    expect(verdict.counterExamples).toHaveLength(1);
    expect(verdict.counterExamples[0]!.summary).toContain('the user mallory');
    expect(verdict.counterExamples[0]!.because.map(({ object }) => object)).toEqual([
      expect.stringMatching(/Binding /),
      expect.stringMatching(/Role /),
    ]);
  });

  it.each<readonly [string, readonly KubeObject[], string]>([
    [
      'network policies among agents',
      grantIn('portarium-agents', rule('networking.k8s.io', ['networkpolicies'], ['create'])),
      'portarium-network-owner',
    ],
    [
      'network policies of the platform',
      grantIn('portarium-execution', rule('networking.k8s.io', ['networkpolicies'], ['delete'])),
      'portarium-network-platform',
    ],
    [
      'cluster-wide policies',
      grant(rule('policy.networking.k8s.io', ['clusternetworkpolicies'], ['create'])),
      'portarium-network-cluster-wide',
    ],
    [
      'Cilium’s',
      grant(rule('cilium.io', ['ciliumclusterwidenetworkpolicies'], ['create'])),
      'portarium-cilium-cluster-wide',
    ],
    ['namespaces', grant(rule('', ['namespaces'], ['patch'])), guard('namespaces')],
    ['a namespace in itself', grantIn('portarium-agents', rule('', ['namespaces'], ['patch'])), guard('namespaces')],
    ['exec', grantIn('portarium-agents', rule('', ['pods/exec'], ['get'])), guard('interactive-access')],
    [
      'debug containers',
      grantIn('portarium-agents', rule('', ['pods/ephemeralcontainers'], ['patch'])),
      guard('interactive-access'),
    ],
    ['tokens', grantIn('portarium-agents', rule('', ['serviceaccounts/token'], ['create'])), guard('token-requests')],
    ['pods', grantIn('portarium-agents', rule('', ['pods'], ['create'])), guard('agent-pods')],
    [
      'registrations',
      grant(rule('spire.spiffe.io', ['clusterspiffeids'], ['create'])),
      'portarium-spire-registrations',
    ],
    [
      'endpoints',
      grantIn('portarium-agents', rule('discovery.k8s.io', ['endpointslices'], ['update'])),
      guard('endpoints'),
    ],
    [
      'relaxations',
      grantIn('portarium-policy', rule('enforcement.portarium.io', ['relaxations'], ['update'])),
      'portarium-relaxation-approver',
    ],
    [
      'our definitions',
      grant({
        ...rule('apiextensions.k8s.io', ['customresourcedefinitions'], ['patch']),
        resourceNames: ['relaxations.enforcement.portarium.io'],
      }),
      'portarium-definitions-kept',
    ],
  ])('guards take back what RBAC gives: %s', (_, objects, name) => {
    expect(prove(objects)).toMatchObject({ verdict: 'proved' });
    const verdict = prove(objects, { guards: without(name) });
    const example = verdict.counterExamples.find(({ summary }) => summary.includes('mallory'));
    expect(example?.because).toContainEqual({ object: `ValidatingAdmissionPolicy ${name}`, field: 'not in force' });
  });

  it('a rule by name never allows what has no name yet', () => {
    const named = { ...rule('', ['secrets'], ['create', 'deletecollection']), resourceNames: ['x'] };
    expect(causes(grantIn('portarium-agents', named))).toEqual([]);
    expect(causes(grantIn('portarium-agents', { ...named, verbs: ['patch'] }))).toEqual(['write-access']);
  });

  it('rights elsewhere, and those that only read what may be read, change nothing', () => {
    const elsewhere = [role('x', 'other', [rule('*', ['*'], ['*'])]), bindIn('x', 'other', 'Role', 'x', mallory)];
    expect(
      prove([...elsewhere, ...grant(rule('', ['pods', 'configmaps', 'nodes'], ['get', 'list', 'watch']))]).verdict,
    ).toBe('proved');
    expect(prove(grantIn('portarium-agents', rule('', ['nodes/proxy', 'persistentvolumes'], ['*']))).verdict).toBe(
      'proved',
    );
    expect(prove(grant({ ...rule('', ['groups'], ['impersonate']), resourceNames: ['developers'] })).verdict).toBe(
      'proved',
    );
  });

  it('deployers are principals of their own namespace alone', () => {
    const write = rule('', ['configmaps'], ['patch']);
    const of = (id: string) => bindIn('x', 'portarium-agents', 'Role', 'x', group(`portarium:deployers:${id}`));
    const made = role('x', 'portarium-agents', [write]);
    expect(prove([made, of('ws-acme')]).verdict).toBe('proved');
    expect(prove([made, of('ws-globex')]).counterExamples[0]?.summary).toContain('portarium:deployers:ws-globex');
  });

  it('what deployers may do is worth more while a guard that narrows it is missing', () => {
    expect(
      prove([], { guards: without('portarium-network-opens') }).counterExamples.map(({ summary }) => summary),
    ).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/portarium:deployers:ws-acme may create networkpolicies in portarium-agents /),
      ]),
    );
  });

  it('a role that is not among the objects may be anything', () => {
    const verdict = prove([bindIn('x', 'portarium-agents', 'ClusterRole', 'gone', mallory)]);
    expect(verdict).toMatchObject({ verdict: 'inconclusive', counterExamples: [] });
    expect(verdict.reasons[0]).toBe(
      'ClusterRole gone, which RoleBinding portarium-agents/x gives to mallory, is not among the objects: what it allows is not known',
    );
    expect(prove([bindIn('x', 'other', 'ClusterRole', 'gone', mallory)]).verdict).toBe('proved');
  });

  it('an aggregated role has the rules of those that it selects, however far down', () => {
    const aggregated = (name: string, by: string, labels: Record<string, string> = {}) => ({
      ...clusterRole(name, [], labels),
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: by } }] },
    });
    const secrets = clusterRole('leaf', [rule('', ['secrets'], ['get'])], { to: 'middle' });
    const verdict = prove([
      aggregated('top', 'top', { to: 'middle' }),
      aggregated('middle', 'middle', { to: 'top' }),
      secrets,
      bindAll('x', 'top', mallory),
    ]);
    expect(verdict.counterExamples[0]?.because).toContainEqual({ object: 'ClusterRole leaf', field: 'rules[0]' });
  });

  it('the control plane’s accounts are those of kube-system, by name', () => {
    const roots = [rule('*', ['*'], ['*'])];
    const as = (subject: RbacSubject) => prove([clusterRole('r', roots), bindAll('x', 'r', subject)]).verdict;
    expect(as(serviceAccount('kube-system', 'namespace-controller'))).toBe('proved');
    expect(as(serviceAccount('default', 'namespace-controller'))).toBe('refuted');
    expect(as(serviceAccount('kube-system', 'default'))).toBe('refuted');
    expect(as(group('system:authenticated'))).toBe('refuted');
    expect(as(group('portarium:break-glass'))).toBe('proved');
    expect(as(user('portarium:break-glass'))).toBe('refuted');
  });

  it('whom the owner trusts is named, and so is who could become them', () => {
    const cni = 'system:serviceaccount:cni:operator';
    const objects = [
      clusterRole('r', [rule('', ['nodes'], ['patch'])]),
      bindAll('x', 'r', serviceAccount('cni', 'operator')),
    ];
    const trusted = [{ name: cni, why: 'it is the network layer' }];
    expect(prove(objects).verdict).toBe('refuted');
    const verdict = prove(objects, { trusted });
    expect(verdict.verdict).toBe('proved');
    expect(verdict.assumptions.at(-1)?.assumed).toBe(`${cni} is trusted: it is the network layer`);
    const pods = [role('p', 'cni', [rule('', ['pods'], ['create'])]), bindIn('p', 'cni', 'Role', 'p', mallory)];
    expect(prove(pods).verdict).toBe('proved');
    expect(prove([...objects, ...pods], { trusted }).verdict).toBe('refuted');
  });

  it('mutating admission that may change the platform’s pods leaves it open', () => {
    const webhook = object('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', {
      metadata: { name: 'mesh' },
      webhooks: [{ rules: [{ resources: ['pods'] }] }],
    });
    expect(prove([webhook])).toMatchObject({
      verdict: 'inconclusive',
      reasons: [expect.stringContaining('MutatingWebhookConfiguration mesh')],
    });
  });

  it('an object that cannot be read is an error that names it', () => {
    const broken = { ...bindAll('x', 'r', mallory), roleRef: { kind: 'Group', name: 'r' } };
    expect(() => prove([broken])).toThrow('ClusterRoleBinding x: roleRef.kind: expected one of Role, ClusterRole');
  });

  it('every guard that it counts on is one of the platform’s', () => {
    const counted = protectedThings(PLACES).flatMap(({ heldBy, principals }) => [
      ...heldBy,
      ...principals.flatMap(({ within }) => within),
    ]);
    expect([...new Set(counted)].filter((name) => !GUARDS.has(name))).toEqual([]);
  });

  it.each([...new Set(protectedThings(PLACES).flatMap(({ heldBy }) => heldBy))].sort())(
    'from the manifests is refuted without %s',
    (name) => {
      const verdict = prove([], { objects: STACKS, complete: false, guards: without(name) });
      expect(verdict.counterExamples.flatMap(({ because }) => because)).toContainEqual({
        object: `ValidatingAdmissionPolicy ${name}`,
        field: 'not in force',
      });
    },
  );

  it('never gets better by a guard less or by a binding more', () => {
    const things = protectedThings(PLACES).flatMap(({ access, namespaces }) =>
      access.map((each) => ({ each, namespace: namespaces === 'cluster' ? undefined : namespaces[0] })),
    );
    const grants = fc.constantFrom(...things).map(({ each, namespace }) => {
      const made = rule(each.group, each.resources, each.verbs);
      return namespace === undefined ? grant(made) : grantIn(namespace, made);
    });
    const rank = (...of: Parameters<typeof prove>): number => ORDER.indexOf(prove(...of).verdict);
    fc.assert(
      fc.property(
        fc.subarray([...GUARDS]),
        fc.constantFrom(...GUARDS),
        grants,
        fc.boolean(),
        (some, gone, more, complete) => {
          const guards = new Set(some);
          const fewer = new Set(some.filter((name) => name !== gone));
          expect(rank([], { guards: fewer, complete })).toBeLessThanOrEqual(rank([], { guards, complete }));
          expect(rank(more, { guards, complete })).toBeLessThanOrEqual(rank([], { guards, complete }));
        },
      ),
      { numRuns: 60 },
    );
  });
});

function grant(made: object): readonly KubeObject[] {
  return [clusterRole('granted', [made]), bindAll('granted', 'granted', user('mallory'))];
}

function grantIn(namespace: string, made: object): readonly KubeObject[] {
  return [role('granted', namespace, [made]), bindIn('granted', namespace, 'Role', 'granted', user('mallory'))];
}
