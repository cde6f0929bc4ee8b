import { canonicalJson } from '../../model/canonical.js';
import type { KubeObject } from '../kube-object.js';

const POLICY = 'ValidatingAdmissionPolicy';
const BINDING = 'ValidatingAdmissionPolicyBinding';

/**
 * The names of the ValidatingAdmissionPolicies that are in force: their spec is exactly the rendered one, with
 * failurePolicy Fail, and so is each of their rendered bindings, with the one action Deny. What the API server writes
 * (metadata, status) is left out of the comparison. A guard that is being deleted is not in force, and one without any
 * binding holds nothing. A binding that nobody rendered only refuses more (bypass B26).
 *
 * @param expected what the platform renders; other kinds are ignored
 * @param live of the same cluster or folder; of several objects with one name each must be as rendered
 */
export function guardsInForce(expected: readonly KubeObject[], live: readonly KubeObject[]): ReadonlySet<string> {
  const found = Map.groupBy(live.filter(isAdmission), keyOf);
  const isThere = (object: KubeObject): boolean => {
    const all = found.get(keyOf(object)) ?? [];
    return (
      all.length > 0 && all.every((one) => !isGoing(one) && (one === object || asWritten(one) === asWritten(object)))
    );
  };
  const bindings = expected.filter(({ kind }) => kind === BINDING);
  const names = expected.filter(({ kind }) => kind === POLICY).flatMap(({ metadata }) => metadata?.name ?? []);
  return new Set(
    names.filter((name) => {
      const policies = expected.filter((object) => object.kind === POLICY && object.metadata?.name === name);
      const bound = bindings.filter((binding) => specOf(binding)['policyName'] === name);
      return (
        bound.length > 0 &&
        policies.every((policy) => specOf(policy)['failurePolicy'] === 'Fail') &&
        bound.every((binding) => canonicalJson(specOf(binding)['validationActions']) === '["Deny"]') &&
        [...policies, ...bound].every(isThere)
      );
    }),
  );
}

const isAdmission = ({ kind }: KubeObject): boolean => kind === POLICY || kind === BINDING;

const keyOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata?.name}`;

const specOf = (object: KubeObject): Readonly<Record<string, unknown>> =>
  (object as { spec?: Readonly<Record<string, unknown>> }).spec ?? {};

const asWritten = (object: KubeObject): string =>
  canonicalJson({ apiVersion: object.apiVersion, spec: specOf(object) });

const isGoing = ({ metadata }: KubeObject): boolean =>
  (metadata as { deletionTimestamp?: unknown } | undefined)?.deletionTimestamp !== undefined;
