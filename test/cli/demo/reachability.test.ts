import { describe, expect, it } from 'vitest';
import { adminRules, adminTierProblems } from '../../../src/cli/demo/reachability/admin-tier.js';
import { eachReachProblem, reachProblems } from '../../../src/cli/demo/reachability/assertions.js';
import type { Open } from '../../../src/cli/demo/reachability/expected.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import type { Level } from '../../../src/model/levels.js';
import { live } from './fixture.js';

const OPEN: readonly (readonly [Level, Open])[] = [
  ['routing', { mtls: true, egress: true }],
  ['identity', { mtls: false, egress: true }],
  ['enforced', { mtls: false, egress: false }],
];

interface Spec {
  readonly ingress?: readonly object[];
  readonly egress?: readonly object[];
}
const specOf = (object: KubeObject): Spec => object['spec'] as Spec;
const isPolicy = ({ kind }: KubeObject): boolean => kind === 'NetworkPolicy';
const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
const without = (objects: readonly KubeObject[], removed: KubeObject): KubeObject[] =>
  objects.filter((object) => object !== removed);
const changed = (objects: readonly KubeObject[], from: KubeObject, spec: Spec): KubeObject[] => [
  ...without(objects, from),
  { ...from, spec: { ...specOf(from), ...spec } },
];

/** `portarium-agents 443,8444`: the namespaces and ports of a rule. */
const ends = (rule: object): string => {
  const text = JSON.stringify(rule);
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, found]) => found).join(',');
  return `${all(/"kubernetes.io\/metadata.name":"([^"]+)"/g)} ${all(/"port":(\d+)/g)}`;
};

/** What the platform's side always allows for agents that may listen. */
const NO_LISTENER = [
  'portarium-control-plane/api-server-allow egress portarium-agents-globex 18789',
  'portarium-observability/prometheus-allow egress portarium-agents-globex 9464',
];
/** Each workspace with mtls in shadow lets the workers in, so with two of them one would do. */
const TWICE = ['ws-acme', 'ws-globex'].map(
  (id) => `portarium-control-plane/api-server-${id}-open-mtls ingress portarium-execution 443,8444`,
);

const noticed = (objects: readonly KubeObject[], open: Open): boolean => !eachReachProblem(objects, open).next().done;

describe.each(OPEN)('at %s', (level, open) => {
  const objects = live(level);
  const policies = objects.filter(isPolicy);

  it('the rendered stacks amount to what the demo expects', () => {
    expect(reachProblems(objects, open)).toEqual([]);
  });

  it.each(policies.map((policy) => [keyOf(policy), policy] as const))('%s deleted is noticed', (_, policy) => {
    expect(noticed(without(objects, policy), open)).toBe(true);
  });

  it('each rule deleted is noticed, but those whose other end is closed or does not listen', () => {
    const unnoticed = policies.flatMap((policy) =>
      (['ingress', 'egress'] as const).flatMap((direction) => {
        const rules = specOf(policy)[direction] ?? [];
        return rules
          .filter((rule) => {
            const fewer = changed(objects, policy, { [direction]: rules.filter((other) => other !== rule) });
            return !noticed(fewer, open);
          })
          .map((rule) => `${keyOf(policy)} ${direction} ${ends(rule)}`);
      }),
    );
    expect(unnoticed.sort()).toEqual([...NO_LISTENER, ...(open.mtls ? TWICE : [])].sort());
  });

  it('each policy that lets everything out is noticed', () => {
    for (const policy of policies) {
      const wider = changed(objects, policy, { egress: [...(specOf(policy).egress ?? []), {}] });
      expect(noticed(wider, open), keyOf(policy)).toBe(true);
    }
  });

  it('each policy that lets everybody in is noticed', () => {
    for (const policy of policies) {
      const wider = changed(objects, policy, { ingress: [...(specOf(policy).ingress ?? []), {}] });
      expect(noticed(wider, open), keyOf(policy)).toBe(true);
    }
  });

  it('another level’s network is noticed', () => {
    for (const [other, otherOpen] of OPEN) {
      if (other !== level) expect(reachProblems(objects, otherOpen), other).not.toEqual([]);
    }
  });
});

describe('at enforced', () => {
  const [, open] = OPEN[2]!;

  it('says what is open that must be closed', () => {
    expect(reachProblems(live('routing'), open)).toContain(
      'portarium-agents/sales-bot[Deployment] reaches vault/vault[Deployment] on TCP 8200, which must be closed',
    );
  });

  it('says what must be open and is closed', () => {
    expect(reachProblems(live('enforced'), OPEN[1]![1])).toContain(
      'portarium-agents/sales-bot[Deployment] no longer reaches vault/vault[Deployment] on TCP 8200',
    );
  });

  it('notices a pod that nobody expects', () => {
    const objects = live('enforced');
    const [pod] = objects.filter(({ kind }) => kind === 'Pod');
    const stray = { ...pod!, metadata: { name: 'stray', namespace: 'portarium-agents' } };
    expect(reachProblems([...objects, stray], open)).toContain(
      'portarium-agents/stray[Pod] runs where nobody expects it',
    );
  });

  it('notices a component without a pod', () => {
    const objects = live('enforced').filter(({ metadata }) => metadata.name !== 'worker-0');
    expect(reachProblems(objects, open)).toContain('there is no pod of portarium-execution/worker[Deployment]');
  });
});

describe('the Admin tier', () => {
  const objects = live('enforced');
  const tiers = objects.filter(({ kind }) => kind === 'ClusterNetworkPolicy');

  it('is as expected', () => {
    expect(adminTierProblems(objects)).toEqual([]);
    expect(adminRules()).toBe('port-53-elsewhere, metadata, nodes, kubernetes-api, other-namespaces');
  });

  it.each(tiers.map((tier) => [tier.metadata.name, tier] as const))('%s deleted is noticed', (name, tier) => {
    expect(adminTierProblems(without(objects, tier))[0]).toContain(`ClusterNetworkPolicy ${name} is missing`);
  });

  it('each of its rules deleted is noticed by name', () => {
    for (const tier of tiers) {
      const rules = specOf(tier).egress as readonly { name: string }[];
      for (const rule of rules) {
        const fewer = changed(objects, tier, { egress: rules.filter((other) => other !== rule) });
        expect(adminTierProblems(fewer).join('\n')).toContain(`rule ${rule.name} is missing`);
      }
    }
  });

  it('another subject is noticed, and a policy of nobody', () => {
    const [tier] = tiers;
    const other = changed(objects, tier!, { ...specOf(tier!), ...{ subject: { namespaces: {} } } });
    expect(adminTierProblems(other)[0]).toContain('another tier, priority, subject');
    const added = { ...tier!, metadata: { name: 'mine' } };
    expect(adminTierProblems([...objects, added])).toEqual(["ClusterNetworkPolicy mine is nobody's here"]);
  });
});
