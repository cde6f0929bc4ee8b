import { Chart, App } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { CustomResources } from '../../../src/constructs/custom-resources/custom-resources.js';
import { CONTROLS, LEVELS } from '../../../src/model/levels.js';
import { policyDocument, workspacePolicy } from '../../../src/model/policy.js';
import { ACME, PLATFORM } from '../../model/examples.js';

interface Node {
  readonly type: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly default?: unknown;
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message: string }[];
}
interface Definition {
  readonly metadata: { readonly name: string; readonly labels: object };
  readonly spec: {
    readonly scope: string;
    readonly versions: readonly [{ readonly name: string; readonly schema: { readonly openAPIV3Schema: Node } }];
  };
}

const chart = new Chart(new App(), 'test');
new CustomResources(chart, 'custom-resources');
const definitions = chart.toJson() as readonly Definition[];
const spec = (kind: string): Node =>
  definitions.find(({ metadata }) => metadata.name === `${kind}.enforcement.portarium.io`)!.spec.versions[0].schema
    .openAPIV3Schema.properties!['spec']!;

const nodes = (node: Node): readonly Node[] => [
  node,
  ...Object.values(node.properties ?? {}).flatMap(nodes),
  ...(node.items ? nodes(node.items) : []),
];

describe('CustomResources', () => {
  it('are five namespaced kinds that no engine deletes', () => {
    expect(definitions.map(({ metadata }) => metadata.name)).toEqual([
      'workspacepolicies.enforcement.portarium.io',
      'relaxations.enforcement.portarium.io',
      'authorizationmodels.enforcement.portarium.io',
      'policyapprovals.enforcement.portarium.io',
      'onboardings.enforcement.portarium.io',
    ]);
    for (const { metadata, spec } of definitions) {
      expect(metadata.labels).toEqual({ 'portarium.io/keep': 'definition' });
      expect(spec.scope).toBe('Namespaced');
      expect(spec.versions.map(({ name }) => name)).toEqual(['v1alpha1']);
    }
  });

  it.each(['workspacepolicies', 'relaxations', 'policyapprovals', 'onboardings'])(
    'bound every text and list, since CEL is budgeted by size: %s',
    (kind) => {
      for (const node of nodes(spec(kind))) {
        if (node.type === 'string' && node.enum === undefined) expect(node.maxLength).toBeGreaterThan(0);
        if (node.type === 'array') expect(node.maxItems).toBeGreaterThan(0);
      }
    },
  );

  it('know every field of what this program writes, and require all but the relaxation', () => {
    const { properties, required } = spec('workspacepolicies');
    const written = workspacePolicy(PLATFORM, ACME);
    expect(Object.keys(properties!)).toEqual(expect.arrayContaining(Object.keys(written)));
    expect(Object.keys(properties!).filter((field) => !required!.includes(field))).toEqual(['relaxation']);
    for (const list of ['agents', 'allowedTools', 'systemsOfRecord'] as const) {
      expect(Object.keys(properties![list]!.items!.properties!).sort()).toEqual(Object.keys(written[list][0]!).sort());
    }
  });

  it('know of an approval’s policy exactly what the hash is of', () => {
    const { properties, required } = spec('policyapprovals').properties!['policy']!;
    expect(Object.keys(properties!).sort()).toEqual(
      Object.keys(policyDocument(workspacePolicy(PLATFORM, ACME))).sort(),
    );
    expect([...required!].sort()).toEqual(Object.keys(properties!).sort());
  });

  it('let nothing of an approval change, and the onboarding list only shrink', () => {
    const rules = (of: Node) => of['x-kubernetes-validations']!.map(({ rule }) => rule);
    expect(rules(spec('policyapprovals'))).toContain('self == oldSelf');
    expect(rules(spec('onboardings').properties!['pending']!)).toEqual(['self.all(id, id in oldSelf)']);
  });

  it('default every list that may be emptied, since server-side apply leaves null of one', () => {
    const { properties } = spec('workspacepolicies');
    for (const list of ['agents', 'allowedTools', 'blastRadius', 'approvers']) {
      expect([list, properties![list]!.default]).toEqual([list, []]);
    }
    expect(spec('onboardings')).toMatchObject({ default: { pending: [] }, properties: { pending: { default: [] } } });
  });

  it('have the levels and controls of the model', () => {
    expect(spec('workspacepolicies').properties!['reachedLevel']!.enum).toEqual([...LEVELS]);
    expect(Object.keys(spec('workspacepolicies').properties!['modes']!.properties!).sort()).toEqual(
      [...CONTROLS].sort(),
    );
    expect(spec('relaxations').properties!['controls']!.items!.enum).toEqual([...CONTROLS]);
  });

  it('hold each mode to the preset of its level', () => {
    const rules = spec('workspacepolicies')['x-kubernetes-validations']!.map(({ rule }) => rule);
    expect(rules).toEqual([
      '(self.modes.authz == "enforce") == (self.reachedLevel in ["authz","identity","allowlist","enforced"])',
      '(self.modes.mtls == "enforce") == (self.reachedLevel in ["identity","allowlist","enforced"])',
      '(self.modes.allowlist == "enforce") == (self.reachedLevel in ["allowlist","enforced"])',
      '(self.modes.egress == "enforce") == (self.reachedLevel in ["enforced"])',
    ]);
  });

  it('let nothing of a request change', () => {
    const { properties } = spec('relaxations');
    const fixed = Object.entries(properties!).filter(([, node]) =>
      node['x-kubernetes-validations']?.some(({ rule }) => rule === 'self == oldSelf'),
    );
    expect(fixed.map(([name]) => name).sort()).toEqual(
      ['workspaceId', 'controls', 'planHash', 'reason', 'ticket', 'requestedBy', 'expiresAt'].sort(),
    );
  });
});
