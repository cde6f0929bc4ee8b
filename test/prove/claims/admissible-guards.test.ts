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

  it.each<[string, string, (object: any) => void]>([
    ['an action that warns', BINDING, ({ spec }) => (spec.validationActions = ['Warn'])],
    ['an action beside Deny', BINDING, ({ spec }) => spec.validationActions.push('Audit')],
    ['another selector', BINDING, ({ spec }) => (spec.matchResources.namespaceSelector = { matchLabels: { a: 'b' } })],
    ['a namespace less', BINDING, ({ spec }) => spec.matchResources.namespaceSelector.matchExpressions[0].values.pop()],
    ['Ignore', POLICY, ({ spec }) => (spec.failurePolicy = 'Ignore')],
    ['a condition more', POLICY, ({ spec }) => (spec.matchConditions = [{ name: 'never', expression: 'false' }])],
    ['an expression that is true', POLICY, ({ spec }) => (spec.validations[0].expression = 'true')],
    ['a rule less', POLICY, ({ spec }) => (spec.matchConstraints.resourceRules = [])],
    ['excluded resources', POLICY, ({ spec }) => (spec.matchConstraints.excludeResourceRules = [{}])],
    ['a deletion that has begun', POLICY, ({ metadata }) => (metadata.deletionTimestamp = '2026-10-01T00:00:00Z')],
    ['another version', POLICY, (object) => (object.apiVersion = 'admissionregistration.k8s.io/v1beta1')],
  ])('do not include one with %s', (_, kind, change) => {
    expect(lost(changed(RENDERED, named(kind, PODS), change))).toEqual([PODS]);
  });

  it('do not mind another binding, nor another policy', () => {
    const binding = RENDERED.find(named(BINDING, PODS))!;
    const more = { ...binding, metadata: { name: 'more' }, spec: { policyName: PODS, validationActions: ['Warn'] } };
    expect(lost([...RENDERED, more])).toEqual([]);
  });

  it('do not include one that is there twice and differs', () => {
    const other = structuredClone(RENDERED.find(named(BINDING, PODS))!) as any;
    other.spec.validationActions = ['Audit'];
    expect(lost([...RENDERED, other])).toEqual([PODS]);
  });

  it('are nothing that the live objects say of themselves', () => {
    const audit = changed(RENDERED, named(BINDING, PODS), ({ spec }) => (spec.validationActions = ['Audit']));
    expect(lost(audit, audit)).toEqual([PODS]);
  });
});
