import { Construct } from 'constructs';
import { NAMESPACE_NAME_LABEL } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import { object } from '../object.js';

/** What every guard is made from. */
export interface GuardFamilyProps {
  readonly platform: Platform;
}

/** Requests that a guard judges. Exact versions, since the API server type-checks no wildcard. */
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

/** Where a guard holds. */
export interface GuardBinding {
  /** Appended to the binding's name. @default - the policy's own name */
  readonly suffix?: string;
  /** By the API server's own label. @default - everywhere */
  readonly namespaces?: readonly string[];
  /** Conditions on the object's labels. @default - any object */
  readonly labels?: readonly LabelCondition[];
  /** The object that `params` stands for. */
  readonly param?: { readonly name: string; readonly namespace: string };
}

export interface LabelCondition {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists';
  /** @default - none, for `Exists` */
  readonly values?: readonly string[];
}

export interface GuardProps {
  /** `deny` refuses; `audit` warns the caller and writes the refusal into the API server's audit log. */
  readonly mode: Platform['guards'];
  /** The policy is `portarium-guard-<name>`. */
  readonly name: string;
  readonly requests: readonly Requests[];
  readonly bindings: readonly GuardBinding[];
  readonly paramKind?: { readonly apiVersion: string; readonly kind: string };
  /** CEL by name, evaluated when first used. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly refusals: readonly Refusal[];
}

/**
 * One ValidatingAdmissionPolicy and its bindings. An error in it refuses (`failurePolicy: Fail`), and so does a missing
 * parameter, except in `audit`: there the API server would refuse a missing parameter outright, whatever the binding's
 * actions are, and audit must cost nobody a pod.
 *
 * A binding for no namespace at all is left out, since an empty `In` is invalid.
 * Source: KEP-3488; bypass B26.
 */
export class Guard extends Construct {
  constructor(scope: Construct, id: string, props: GuardProps) {
    super(scope, id);
    const name = `portarium-guard-${props.name}`;
    const api = { apiVersion: 'admissionregistration.k8s.io/v1', keep: 'guard' } as const;
    object(this, 'policy', {
      ...api,
      kind: 'ValidatingAdmissionPolicy',
      name,
      content: {
        spec: {
          failurePolicy: 'Fail',
          ...(props.paramKind && { paramKind: { ...props.paramKind } }),
          // Every default is written out, so that the live object can be compared exactly.
          matchConstraints: {
            matchPolicy: 'Equivalent',
            namespaceSelector: {},
            objectSelector: {},
            resourceRules: props.requests.map(resourceRule),
          },
          ...(props.variables && {
            variables: Object.entries(props.variables).map(([variable, expression]) => ({
              name: variable,
              expression,
            })),
          }),
          validations: props.refusals.map((refusal) => ({ ...refusal, reason: 'Forbidden' })),
        },
      },
    });
    for (const { suffix, namespaces, labels, param } of props.bindings) {
      if (namespaces?.length === 0) continue;
      object(this, suffix === undefined ? 'binding' : `binding-${suffix}`, {
        ...api,
        kind: 'ValidatingAdmissionPolicyBinding',
        name: suffix === undefined ? name : `${name}-${suffix}`,
        content: {
          spec: {
            policyName: name,
            validationActions: props.mode === 'deny' ? ['Deny'] : ['Audit', 'Warn'],
            matchResources: {
              matchPolicy: 'Equivalent',
              namespaceSelector: namespaces
                ? selector([{ key: NAMESPACE_NAME_LABEL, operator: 'In', values: namespaces }])
                : {},
              objectSelector: labels ? selector(labels) : {},
            },
            ...(param && {
              paramRef: { ...param, parameterNotFoundAction: props.mode === 'deny' ? 'Deny' : 'Allow' },
            }),
          },
        },
      });
    }
  }
}

const resourceRule = ({ group = '', version = 'v1', operations, resources, names }: Requests) => ({
  apiGroups: [group],
  apiVersions: [version],
  operations: [...operations],
  resources: [...resources],
  ...(names && { resourceNames: [...names] }),
  scope: '*',
});

const selector = (conditions: readonly LabelCondition[]) => ({
  matchExpressions: conditions.map(({ key, operator, values }) => ({
    key,
    operator,
    ...(values && { values: [...values] }),
  })),
});
