import { describe, expect, it } from 'vitest';
import { violationsOf, type Violations } from '../../policy/violations.js';
import type { Resource } from '../../policy/resources.js';
import { renderStack } from '../../src/bridge/render.js';
import { loadStack } from '../../src/config/load.js';
import type { KubeObject } from '../../src/model/kube-object.js';
import { namespace, policy } from '../prove/objects.js';

const DIR = 'stacks';

/** An object as the engine hands it to a policy. */
const resource = (object: object): Resource => {
  const { apiVersion, kind, metadata } = object as KubeObject;
  const type = `kubernetes:${apiVersion}:${kind}`;
  return {
    type,
    name: metadata.name,
    urn: `urn:pulumi:s::portarium::${type}::${metadata.name}`,
    props: { ...object, __initialApiVersion: apiVersion },
  };
};
const rendered = (stack: string): readonly KubeObject[] => renderStack(loadStack(stack, { dir: DIR }));
const judge = (stack: string, objects: readonly object[]): Violations =>
  violationsOf(stack, objects.map(resource), { dir: DIR });
const messages = (of: Violations['holes']): readonly string[] => of.map(({ message }) => message);

/** Everything out for every pod of the namespace. */
const open = (namespace: string): object =>
  policy('debug', { podSelector: {}, policyTypes: ['Egress'], egress: [{}] }, namespace);
const OPEN = open('portarium-agents');

interface Spec {
  readonly egress: readonly object[];
}

describe('the preview of a stack', () => {
  it.each(['ws-acme', 'ws-globex', 'platform'])('as it renders opens nothing: %s', (stack) => {
    expect(judge(stack, rendered(stack)).holes).toEqual([]);
  });

  it('names the resource that opens a hole, with object, field and fix', () => {
    const { holes } = judge('ws-acme', [...rendered('ws-acme'), OPEN]);
    const [first] = holes.filter(({ urn }) => urn === resource(OPEN).urn);
    expect(first?.message).toMatch(
      /claim P is refuted: .* reaches .*NetworkPolicy portarium-agents\/debug spec\.egress\[0\].*Fix: /,
    );
  });

  it('refuses an own policy that was widened by a rule', () => {
    const widened = (change: (spec: Spec) => Spec): readonly string[] =>
      messages(
        judge(
          'ws-acme',
          rendered('ws-acme').map((object) =>
            isOpening(object) ? { ...object, spec: change(object['spec'] as Spec) } : object,
          ),
        ).holes,
      );
    const isOpening = ({ metadata }: KubeObject): boolean => metadata.name === 'agents-ws-acme-allow';
    expect(widened((spec) => spec)).toEqual([]);
    expect(widened((spec) => ({ ...spec, egress: [...spec.egress, {}] })).join()).toContain(
      'agents-ws-acme-allow spec.egress[',
    );
  });

  it('judges the platform’s for each workspace of the folder', () => {
    const everywhere = ['portarium-agents', 'portarium-agents-globex'].map(open);
    const told = messages(judge('platform', [...rendered('platform'), ...everywhere]).holes).join('\n');
    for (const id of ['ws-acme', 'ws-globex']) expect(told).toContain(`${id} at `);
  });

  it('judges another program’s by design.md’s names', () => {
    const closed = policy('deny', { policyTypes: ['Ingress', 'Egress'] }, 'portarium-agents');
    const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    const agents = [closed, namespace('portarium-agents', restricted)];
    expect(judge('another', agents).holes).toEqual([]);
    expect(messages(judge('another', [...agents, OPEN]).holes)[0]).toMatch(
      /^another, claim P is refuted: .*debug spec/,
    );
  });
});

describe('what a preview does not tell', () => {
  const unsettled = (...resources: readonly Resource[]): string =>
    messages(
      violationsOf('ws-acme', [...rendered('ws-acme').map(resource), ...resources], { dir: DIR }).unsettled,
    ).join('\n');

  it('is named, and never counts as closed: a value that is known after the update', () => {
    const later = resource(OPEN);
    const props = {
      ...later.props,
      get spec(): never {
        throw new Error("object value at .spec can't be known during preview");
      },
    };
    expect(unsettled({ ...later, props })).toContain(
      "claim P is not settled: kubernetes:networking.k8s.io/v1:NetworkPolicy debug: object value at .spec can't be known",
    );
  });

  it('is named: a Helm release, whose objects are made by the provider', () => {
    const type = 'kubernetes:helm.sh/v3:Release';
    expect(unsettled({ type, name: 'cni', urn: 'u', props: { chart: 'cilium' } })).toContain(
      `${type} cni: what it installs`,
    );
  });

  it('is not asked of other providers and of components', () => {
    const others = ['aws:s3:Bucket', 'pulumi:providers:kubernetes', 'kubernetes:yaml/v2:ConfigGroup'];
    expect(unsettled(...others.map((type) => ({ type, name: 'x', urn: type, props: {} })))).toEqual(unsettled());
  });
});

it('refuses an object that cannot be read exactly', () => {
  const wrong = policy(
    'wrong',
    { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: 'everywhere' } }] }] },
    'portarium-agents',
  );
  expect(messages(judge('ws-acme', [...rendered('ws-acme'), wrong]).holes)[0]).toMatch(
    /^not proved, since this cannot be read: NetworkPolicy portarium-agents\/wrong: spec\.egress\[0\]/,
  );
});
