import { describe, expect, it } from 'vitest';
import { Guard, type GuardProps } from '../../../src/constructs/guards/guard.js';
import { render } from './fixture.js';

const props: GuardProps = {
  mode: 'deny',
  name: 'example',
  requests: [{ operations: ['CREATE'], resources: ['pods', 'pods/status'] }],
  bindings: [{ namespaces: ['a', 'b'] }],
  refusals: [{ expression: 'false', message: 'No.' }],
};
const rendered = (changes: Partial<GuardProps> = {}) =>
  render((scope) => new Guard(scope, 'guard', { ...props, ...changes }));

describe('Guard', () => {
  it('is one policy and one binding that refuse and fail closed', () => {
    const labels = { 'portarium.io/keep': 'guard' };
    expect(rendered().objects).toEqual([
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: 'portarium-guard-example', labels },
        spec: {
          failurePolicy: 'Fail',
          matchConstraints: {
            matchPolicy: 'Equivalent',
            namespaceSelector: {},
            objectSelector: {},
            resourceRules: [
              {
                apiGroups: [''],
                apiVersions: ['v1'],
                operations: ['CREATE'],
                resources: ['pods', 'pods/status'],
                scope: '*',
              },
            ],
          },
          validations: [{ expression: 'false', message: 'No.', reason: 'Forbidden' }],
        },
      },
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name: 'portarium-guard-example', labels },
        spec: {
          policyName: 'portarium-guard-example',
          validationActions: ['Deny'],
          matchResources: {
            matchPolicy: 'Equivalent',
            namespaceSelector: {
              matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['a', 'b'] }],
            },
            objectSelector: {},
          },
        },
      },
    ]);
  });

  it('in audit warns and records', () => {
    expect(rendered({ mode: 'audit' }).bindings[0]!.spec.validationActions).toEqual(['Audit', 'Warn']);
  });

  it('refuses where its parameter is missing, but in audit lets pass', () => {
    const bindings = [{ suffix: 'x', param: { name: 'x', namespace: 'y' } }];
    const of = (mode: GuardProps['mode']) => rendered({ mode, bindings }).bindings[0]!;
    expect(of('deny').metadata.name).toBe('portarium-guard-example-x');
    expect(of('deny').spec.paramRef).toEqual({ name: 'x', namespace: 'y', parameterNotFoundAction: 'Deny' });
    expect(of('audit').spec.paramRef).toEqual({ name: 'x', namespace: 'y', parameterNotFoundAction: 'Allow' });
  });

  it('leaves a binding for no namespace out', () => {
    expect(rendered({ bindings: [{ namespaces: [] }] }).objects).toHaveLength(1);
  });
});
