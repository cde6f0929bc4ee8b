import { describe, expect, it } from 'vitest';
import { podsIn } from '../../../src/prove/classes/pod-class.js';
import { hostNetworkExamples } from '../../../src/prove/claims/admissible-host.js';
import { mutationsNotEvaluated } from '../../../src/prove/claims/admissible-mutation.js';
import { guard } from '../../../src/prove/claims/settle.js';
import { namespace, object, pod } from '../objects.js';
import { PLACES, RENDERED } from './stack.js';

const HOST = new Set([guard('host-access')]);
const ENFORCE = 'pod-security.kubernetes.io/enforce';
const examples = (objects: Parameters<typeof hostNetworkExamples>[0], guards: ReadonlySet<string>, guarded = true) =>
  hostNetworkExamples(objects, [{ name: 'a', guarded }], guards, (name) => [podsIn(name)]);

describe('a pod in the network of its node', () => {
  it.each([
    ['no label and no guard', [namespace('a')], new Set<string>(), 1],
    ['a namespace that was not read', [], new Set<string>(), 1],
    ['privileged', [namespace('a', { [ENFORCE]: 'privileged' })], new Set<string>(), 1],
    [
      'a label of another mode',
      [namespace('a', { 'pod-security.kubernetes.io/warn': 'restricted' })],
      new Set<string>(),
      1,
    ],
    ['baseline', [namespace('a', { [ENFORCE]: 'baseline' })], new Set<string>(), 0],
    ['restricted', [namespace('a', { [ENFORCE]: 'restricted' })], new Set<string>(), 0],
    ['the guard', [namespace('a')], HOST, 0],
  ] as const)('with %s', (_, objects, guards, count) => {
    const found = examples(objects, guards);
    expect(found).toHaveLength(count);
    for (const {
      cause,
      objects: [made],
    } of found) {
      expect(cause).toBe('host-network');
      expect(made).toMatchObject({ kind: 'Pod', metadata: { namespace: 'a' }, spec: { hostNetwork: true } });
    }
  });

  it('is not held by a guard that does not bind there', () => {
    expect(examples([namespace('a')], HOST, false)).toHaveLength(1);
  });

  it('is one that is there already, whatever holds now', () => {
    const objects = [namespace('a', { [ENFORCE]: 'restricted' }), pod('old', { hostNetwork: true }), pod('new')];
    expect(examples(objects, HOST).map(({ because }) => because)).toEqual([
      [{ object: 'Pod a/old', field: 'spec.hostNetwork' }],
    ]);
  });

  it('is held twice by the rendered platform', () => {
    const names = PLACES.workspaces.map((workspace) => ({ name: workspace.namespace, guarded: true }));
    const all = (guards: ReadonlySet<string>, objects: readonly (typeof RENDERED)[0][]) =>
      hostNetworkExamples(objects, names, guards, (name) => [podsIn(name)]);
    expect(all(new Set(), RENDERED)).toEqual([]);
    expect(all(HOST, [])).toEqual([]);
    expect(all(new Set(), [])).toHaveLength(names.length);
  });
});

describe('mutating admission', () => {
  const webhook = (rule: object, hook: object = {}) =>
    object('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', {
      metadata: { name: 'm' },
      webhooks: [
        { name: 'm.x', rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], ...rule }], ...hook },
      ],
    });
  const except = {
    namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['a'] }] },
  };
  it.each([
    ['pods', webhook({ resources: ['pods'] }), true],
    ['everything', webhook({ resources: ['*'] }), true],
    ['everything with subresources', webhook({ resources: ['*/*'] }), true],
    ['network policies', webhook({ resources: ['networkpolicies'] }), true],
    ['namespaces, whatever it selects', webhook({ resources: ['namespaces'] }, except), true],
    ['pods elsewhere', webhook({ resources: ['pods'] }, except), false],
    [
      'pods by a label that nobody has read',
      webhook({ resources: ['pods'] }, { namespaceSelector: { matchLabels: { x: 'y' } } }),
      true,
    ],
    ['events', webhook({ resources: ['events'] }), false],
  ])('of %s', (_, config, expected) => {
    expect(mutationsNotEvaluated([config], ['a']).map(({ name }) => name)).toEqual(expected ? ['m'] : []);
  });

  it('by a label that the namespace is known not to have', () => {
    const config = webhook({ resources: ['pods'] }, { namespaceSelector: { matchLabels: { x: 'y' } } });
    expect(mutationsNotEvaluated([config, namespace('a')], ['a'])).toEqual([]);
    expect(mutationsNotEvaluated([config, namespace('a', { x: 'y' })], ['a'])).toHaveLength(1);
  });

  it('by policy', () => {
    const spec = { matchConstraints: { resourceRules: [{ resources: ['pods'] }] } };
    const policy = object('admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicy', {
      metadata: { name: 'p' },
      spec,
    });
    expect(mutationsNotEvaluated([policy], ['a'])).toMatchObject([{ kind: 'MutatingAdmissionPolicy', name: 'p' }]);
  });

  it('is none of the platform’s own', () => {
    expect(mutationsNotEvaluated(RENDERED, PLACES.platformNamespaces)).toEqual([]);
  });
});
