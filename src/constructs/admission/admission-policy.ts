import { Construct } from 'constructs';
import { API_VERSION, NAMESPACE_NAME_LABEL, NAMESPACES } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import { object } from '../object.js';

/** Every construct here is made from the platform alone: its workspaces, its edge matrix and its guards' mode. */
export interface AdmissionProps {
  readonly platform: Platform;
}

/** Requests that a policy judges. Exact versions, since the API server type-checks no wildcard. */
export interface Requests {
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT')[];
  /** With subresources by name: a rule for `pods` does not match `pods/status` (bypass B15). */
  readonly resources: readonly string[];
  /** @default - the core group */
  readonly group?: string;
  /** @default v1 */
  readonly version?: string;
  /** Only objects with these names. @default - any name */
  readonly names?: readonly string[];
}

export interface Refusal {
  /** CEL; the request is refused unless it is true. */
  readonly expression: string;
  /** What is refused, why, and what to do instead; one line. */
  readonly message: string;
  /** CEL that says it with values of the request; `message` where it fails. @default - `message` */
  readonly messageExpression?: string;
}

export interface LabelCondition {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

/** Where a policy holds. */
export interface Binding {
  /** Appended to the binding's name. @default - the policy's own name */
  readonly suffix?: string;
  /** By the API server's own label, which no tenant can set. @default - everywhere */
  readonly namespaces?: readonly string[];
  /** Only objects with these names. @default - as the policy's requests say */
  readonly names?: readonly string[];
  /** Conditions on the labels of the object or, on updates and deletions, of the old one. @default - any object */
  readonly labels?: readonly LabelCondition[];
  /** The objects that `params` stands for: one by name, or each that has the labels, every one without any. */
  readonly param?: ({ readonly name: string } | { readonly labels: Readonly<Record<string, string>> }) & {
    /** @default portarium-policy */
    readonly namespace?: string;
    /** @default - `Deny`; `Allow` in `audit` */
    readonly notFound?: 'Allow' | 'Deny';
  };
  /** @default - all of the policy's */
  readonly operations?: Requests['operations'];
}

export interface AdmissionPolicyProps {
  readonly name: string;
  /** `audit` warns the caller and records. @default deny */
  readonly mode?: Platform['guards'];
  readonly requests: readonly Requests[];
  readonly bindings: readonly Binding[];
  readonly paramKind?: 'WorkspacePolicy' | 'Relaxation' | 'PolicyApproval';
  /** CEL by name; a request is judged only where all hold. */
  readonly conditions?: Readonly<Record<string, string>>;
  /** CEL by name, evaluated when first used. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly refusals: readonly Refusal[];
  /** CEL of text by key: what the API server notes in its audit log of a request that was judged. @default - nothing */
  readonly audit?: Readonly<Record<string, string>>;
}

/**
 * One ValidatingAdmissionPolicy and its bindings. An error in it refuses, and so does a missing parameter, except in
 * `audit`: there the API server would refuse for a missing parameter whatever the binding's actions are.
 * A binding for no namespace at all is left out, since an empty `In` is invalid.
 * Source: KEP-3488; bypass B26.
 */
export class AdmissionPolicy extends Construct {
  constructor(scope: Construct, id: string, props: AdmissionPolicyProps) {
    super(scope, id);
    const { name } = props;
    const api = { apiVersion: 'admissionregistration.k8s.io/v1', keep: 'guard' } as const;
    object(this, 'policy', {
      ...api,
      kind: 'ValidatingAdmissionPolicy',
      name,
      content: {
        spec: {
          failurePolicy: 'Fail',
          ...(props.paramKind && { paramKind: { apiVersion: API_VERSION, kind: props.paramKind } }),
          // Every default is written out, so that the live object can be compared exactly.
          matchConstraints: {
            matchPolicy: 'Equivalent',
            namespaceSelector: {},
            objectSelector: {},
            resourceRules: props.requests.map(resourceRule),
          },
          ...(props.conditions && { matchConditions: named(props.conditions) }),
          ...(props.variables && { variables: named(props.variables) }),
          validations: props.refusals.map((refusal) => ({ ...refusal, reason: 'Forbidden' })),
          ...(props.audit && {
            auditAnnotations: Object.entries(props.audit).map(([key, valueExpression]) => ({ key, valueExpression })),
          }),
        },
      },
    });
    for (const binding of props.bindings) {
      if (binding.namespaces?.length === 0) continue;
      object(this, binding.suffix === undefined ? 'binding' : `binding-${binding.suffix}`, {
        ...api,
        kind: 'ValidatingAdmissionPolicyBinding',
        name: binding.suffix === undefined ? name : `${name}-${binding.suffix}`,
        content: { spec: bindingSpec(props, binding) },
      });
    }
  }
}

function bindingSpec(
  { name, mode = 'deny', requests }: AdmissionPolicyProps,
  { namespaces, names, labels, operations, param }: Binding,
): object {
  return {
    policyName: name,
    validationActions: mode === 'deny' ? ['Deny'] : ['Audit', 'Warn'],
    matchResources: {
      matchPolicy: 'Equivalent',
      namespaceSelector: namespaces
        ? selector([{ key: NAMESPACE_NAME_LABEL, operator: 'In', values: namespaces }])
        : {},
      objectSelector: labels ? selector(labels) : {},
      ...((operations ?? names) && {
        resourceRules: requests.map((request) =>
          resourceRule({ ...request, ...(operations && { operations }), ...(names && { names }) }),
        ),
      }),
    },
    ...(param && {
      paramRef: {
        ...('name' in param
          ? { name: param.name }
          : { selector: Object.keys(param.labels).length > 0 ? { matchLabels: { ...param.labels } } : {} }),
        namespace: param.namespace ?? NAMESPACES.policy,
        parameterNotFoundAction: mode === 'audit' ? 'Allow' : (param.notFound ?? 'Deny'),
      },
    }),
  };
}

const named = (expressions: Readonly<Record<string, string>>): readonly object[] =>
  Object.entries(expressions).map(([name, expression]) => ({ name, expression }));

const resourceRule = ({ group = '', version = 'v1', operations, resources, names }: Requests): object => ({
  apiGroups: [group],
  apiVersions: [version],
  operations: [...operations],
  resources: [...resources],
  ...(names && { resourceNames: [...names] }),
  scope: '*',
});

const selector = (conditions: readonly LabelCondition[]): object => ({
  matchExpressions: conditions.map(({ values, ...condition }) => ({
    ...condition,
    ...(values && { values: [...values] }),
  })),
});
