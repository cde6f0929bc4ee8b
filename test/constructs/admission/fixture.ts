import { Chart, App } from 'cdk8s';
import type { Construct } from 'constructs';
import { NetworkObjectAdmission } from '../../../src/constructs/admission/network-object-admission.js';
import { OnboardingAdmission } from '../../../src/constructs/admission/onboarding-admission.js';
import { PolicyApprovalAdmission } from '../../../src/constructs/admission/policy-approval-admission.js';
import { RelaxationAdmission } from '../../../src/constructs/admission/relaxation-admission.js';
import { WorkspacePolicyAdmission } from '../../../src/constructs/admission/workspace-policy-admission.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import type { Platform } from '../../../src/model/platform.js';

export interface Policy extends KubeObject {
  readonly spec: {
    readonly failurePolicy: string;
    readonly paramKind?: { readonly kind: string };
    readonly variables?: readonly { readonly name: string; readonly expression: string }[];
    readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
    readonly matchConstraints: { readonly resourceRules: readonly { readonly resources: readonly string[] }[] };
    readonly validations: readonly {
      readonly expression: string;
      readonly message: string;
      readonly messageExpression?: string;
      readonly reason: string;
    }[];
  };
}

export interface PolicyBinding extends KubeObject {
  readonly spec: {
    readonly policyName: string;
    readonly validationActions: readonly string[];
    readonly matchResources: {
      readonly namespaceSelector: object;
      readonly objectSelector: { readonly matchExpressions?: readonly object[] };
    };
    readonly paramRef?: {
      readonly name?: string;
      readonly namespace: string;
      readonly selector?: object;
      readonly parameterNotFoundAction: string;
    };
  };
}

export interface Rendered {
  readonly objects: readonly KubeObject[];
  readonly policies: readonly Policy[];
  readonly bindings: readonly PolicyBinding[];
}

export function render(build: (scope: Construct) => void): Rendered {
  const chart = new Chart(new App(), 'test', { disableResourceNameHashes: true });
  build(chart);
  const objects = chart.toJson() as readonly KubeObject[];
  const of = (kind: string): readonly KubeObject[] => objects.filter((object) => object.kind === kind);
  return {
    objects,
    policies: of('ValidatingAdmissionPolicy') as readonly Policy[],
    bindings: of('ValidatingAdmissionPolicyBinding') as readonly PolicyBinding[],
  };
}

export const authority = (platform: Platform): Rendered =>
  render((scope) => {
    new RelaxationAdmission(scope, 'relaxations', { platform });
    new PolicyApprovalAdmission(scope, 'policy-approvals', { platform });
    new OnboardingAdmission(scope, 'onboarding');
    new WorkspacePolicyAdmission(scope, 'workspace-policies', { platform });
  });

export const network = (platform: Platform): Rendered =>
  render((scope) => new NetworkObjectAdmission(scope, 'network', { platform }));
