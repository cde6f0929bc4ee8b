import { describe, expect, it } from 'vitest';
import { renderPlatform } from '../../../src/charts/render.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { guardsInForce } from '../../../src/prove/claims/admissible-guards.js';
import { guard } from '../../../src/prove/claims/settle.js';
import { changed, GUARDS, named, PLATFORM, RENDERED } from './stack.js';

const POLICY = 'ValidatingAdmissionPolicy';
const BINDING = 'ValidatingAdmissionPolicyBinding';
const PODS = guard('agent-pods');
const ACCOUNTS = guard('agent-accounts');

const lost = (live: readonly KubeObject[], expected = RENDERED): readonly string[] => {
  const inForce = guardsInForce(expected, live);
  return [...GUARDS].filter((name) => !inForce.has(name));
};

describe('the guards in force', () => {
  it('are all that the platform renders, with what the API server adds', () => {
    const policies = RENDERED.filter(({ kind }) => kind === POLICY).map(({ metadata }) => metadata.name);
    expect([...GUARDS].sort()).toEqual([...policies].sort());
    const live = RENDERED.map((object) => ({
      ...object,
      metadata: { ...object.metadata, uid: 'u', resourceVersion: '1', generation: 3, managedFields: [] },
      status: { observedGeneration: 3 },
    }));
    expect(lost(live)).toEqual([]);
  });

  it('are none where the platform’s guards only warn, but for those that always refuse', () => {
    const audit = renderPlatform({ ...PLATFORM, guards: 'audit' });
    const inForce = guardsInForce(audit, audit);
    expect([...inForce].filter((name) => name.startsWith('portarium-guard-'))).toEqual([]);
    expect(inForce.has('portarium-relaxation-change')).toBe(true);
    expect(inForce.has('portarium-network-owner')).toBe(false);
  });

  it('do not include one of which a part is missing', () => {
    expect(lost(RENDERED.filter((each) => !named(POLICY, PODS)(each)))).toEqual([PODS]);
    expect(lost(RENDERED.filter((each) => !named(BINDING, `${ACCOUNTS}-ws-globex`)(each)))).toEqual([ACCOUNTS]);
    expect(
      guardsInForce(
        RENDERED.filter(({ kind }) => kind !== BINDING),
        RENDERED,
      ).size,
    ).toBe(0);
  });

  const SELECTOR = ['spec', 'matchResources', 'namespaceSelector'];
  it.each<readonly [string, string, readonly (string | number)[], unknown]>([
    ['an action that warns', BINDING, ['spec', 'validationActions'], ['Warn']],
    ['an action beside Deny', BINDING, ['spec', 'validationActions', 1], 'Audit'],
    ['another selector', BINDING, SELECTOR, { matchLabels: { a: 'b' } }],
    ['a namespace less', BINDING, [...SELECTOR, 'matchExpressions', 0, 'values'], ['portarium-agents']],
    ['Ignore', POLICY, ['spec', 'failurePolicy'], 'Ignore'],
    ['a condition more', POLICY, ['spec', 'matchConditions'], [{ name: 'never', expression: 'false' }]],
    ['an expression that is true', POLICY, ['spec', 'validations', 0, 'expression'], 'true'],
    ['no validations', POLICY, ['spec', 'validations'], undefined],
    ['no rules', POLICY, ['spec', 'matchConstraints', 'resourceRules'], []],
    ['excluded resources', POLICY, ['spec', 'matchConstraints', 'excludeResourceRules'], [{}]],
    ['a deletion that has begun', POLICY, ['metadata', 'deletionTimestamp'], '2026-10-01T00:00:00Z'],
    ['another version', POLICY, ['apiVersion'], 'admissionregistration.k8s.io/v1beta1'],
  ])('do not include one with %s', (_, kind, path, value) => {
    expect(lost(changed(RENDERED, named(kind, PODS), path, value))).toEqual([PODS]);
  });

  it('do not mind another binding, nor another policy', () => {
    const binding = RENDERED.find(named(BINDING, PODS))!;
    const more = { ...binding, metadata: { name: 'more' }, spec: { policyName: PODS, validationActions: ['Warn'] } };
    expect(lost([...RENDERED, more])).toEqual([]);
  });

  it('do not include one that is there twice and differs', () => {
    const [other] = changed(
      [RENDERED.find(named(BINDING, PODS))!],
      () => true,
      ['spec', 'validationActions'],
      ['Audit'],
    );
    expect(lost([...RENDERED, other!])).toEqual([PODS]);
  });

  it('are nothing that the live objects say of themselves', () => {
    const audit = changed(RENDERED, named(BINDING, PODS), ['spec', 'validationActions'], ['Audit']);
    expect(lost(audit, audit)).toEqual([PODS]);
    const ignored = changed(RENDERED, named(POLICY, PODS), ['spec', 'failurePolicy'], 'Ignore');
    expect(lost(ignored, ignored)).toEqual([PODS]);
  });
});
