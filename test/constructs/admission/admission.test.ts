import { describe, expect, it } from 'vitest';
import type { Platform } from '../../../src/model/platform.js';
import { PLATFORM } from '../../model/examples.js';
import { authority, network } from './fixture.js';

const FRONT = ['portarium-cilium-front-shape', 'portarium-network-front', 'portarium-network-front-shape'];
const audit: Platform = { ...PLATFORM, guards: 'audit' };
const deny: Platform = { ...PLATFORM, guards: 'deny' };
const everything = (platform: Platform) => [authority(platform), network(platform)];
const allPolicies = everything(deny).flatMap(({ policies }) => policies);

describe('admission', () => {
  it('is these policies, so that losing one is seen', () => {
    expect(allPolicies.map(({ metadata }) => metadata.name).sort()).toEqual([
      'portarium-cilium-cluster-wide',
      'portarium-cilium-front-shape',
      'portarium-cilium-shape',
      'portarium-definitions-kept',
      'portarium-network-baseline',
      'portarium-network-cluster-wide',
      'portarium-network-definitions-kept',
      'portarium-network-foreign-kinds',
      'portarium-network-front',
      'portarium-network-front-shape',
      'portarium-network-opens',
      'portarium-network-owner',
      'portarium-network-platform',
      'portarium-network-relaxed',
      'portarium-network-shape',
      'portarium-network-workspace',
      'portarium-onboarding',
      'portarium-policy-namespace-kept',
      'portarium-policyapproval-kept',
      'portarium-policyapproval-write',
      'portarium-relaxation-approver',
      'portarium-relaxation-change',
      'portarium-relaxation-history',
      'portarium-relaxation-request',
      'portarium-workspacepolicy-approved',
      'portarium-workspacepolicy-kept',
      'portarium-workspacepolicy-status',
      'portarium-workspacepolicy-write',
    ]);
  });

  it('fails closed, is kept as a guard, and binds every policy', () => {
    for (const { objects, policies, bindings } of everything(deny)) {
      for (const { metadata } of objects) expect(metadata.labels).toMatchObject({ 'portarium.io/keep': 'guard' });
      for (const { metadata, spec } of policies) {
        expect(spec.failurePolicy).toBe('Fail');
        expect(bindings.some((binding) => binding.spec.policyName === metadata.name)).toBe(true);
        for (const { resources } of spec.matchConstraints.resourceRules) expect(resources).not.toContain('*');
      }
    }
  });

  it('of Relaxations, WorkspacePolicies, approvals and onboarding refuses whatever the guards are', () => {
    for (const platform of [audit, deny]) {
      for (const { spec } of authority(platform).bindings) {
        expect(spec.validationActions).toEqual(['Deny']);
        if (spec.paramRef) expect(spec.paramRef.parameterNotFoundAction).toBe('Deny');
      }
    }
  });

  it('of what workspaces write beside the control plane refuses whatever the guards are', () => {
    const front = network(audit).bindings.filter(({ metadata }) => FRONT.includes(metadata.name));
    expect(front.map(({ metadata }) => metadata.name).sort()).toEqual(FRONT);
    for (const { spec } of front) {
      expect(spec.validationActions).toEqual(['Deny']);
      expect(spec.matchResources.namespaceSelector).toMatchObject({
        matchExpressions: [{ values: ['portarium-control-plane'] }],
      });
    }
  });

  it('of other network objects warns and records while the guards are audit', () => {
    for (const { spec } of network(audit).bindings.filter(({ metadata }) => !FRONT.includes(metadata.name))) {
      expect(spec.validationActions).toEqual(['Audit', 'Warn']);
      if (spec.paramRef) expect(spec.paramRef.parameterNotFoundAction).toBe('Allow');
    }
    for (const { metadata, spec } of network(deny).bindings) {
      expect(spec.validationActions).toEqual(['Deny']);
      // Updates that name a Relaxation open nothing; see network-relaxed.ts.
      const notFound = metadata.name.startsWith('portarium-network-relaxed-renamed-') ? 'Allow' : 'Deny';
      if (spec.paramRef) expect(spec.paramRef.parameterNotFoundAction).toBe(notFound);
    }
  });

  it('takes parameters from portarium-policy only', () => {
    const refs = everything(deny).flatMap(({ bindings }) => bindings.flatMap(({ spec }) => spec.paramRef ?? []));
    expect(refs.length).toBe(PLATFORM.workspaces.length * 7);
    for (const { namespace } of refs) expect(namespace).toBe('portarium-policy');
  });

  it('says in one line what is refused, and in one paragraph of CEL with what values', () => {
    for (const { spec } of allPolicies) {
      for (const { message, reason } of spec.validations) {
        expect(message).toMatch(/^[^\n]{20,400}$/);
        expect(message).toMatch(/[.]$/);
        expect(reason).toBe('Forbidden');
      }
    }
  });

  it('holds for no workspace at all without an empty selector', () => {
    for (const { bindings } of everything({ ...deny, workspaces: [] })) {
      expect(JSON.stringify(bindings)).not.toContain('"values":[]');
    }
  });

  it('stays below the API server’s 100,000 characters an expression with 1,000 workspaces', () => {
    const workspaces = Array.from({ length: 1000 }, (_, i) => ({
      id: `${'w'.repeat(56)}-${i}`,
      namespace: `${'n'.repeat(56)}-${i}`,
    }));
    for (const { policies } of everything({ ...deny, workspaces })) {
      for (const { spec } of policies) {
        const { variables = [], matchConditions = [], validations } = spec;
        for (const { expression } of [...variables, ...matchConditions, ...validations]) {
          expect(expression.length).toBeLessThan(100_000);
        }
      }
    }
  });
});
