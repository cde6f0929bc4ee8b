import type { KubeObject } from '../model/kube-object.js';
import { groupKind, opens, phaseOf, PHASES, runsPods, type Phase } from './order.js';

const NETWORK: readonly Phase[] = ['allow', 'baseline', 'admin tier'];

/**
 * The objects of the stack that must exist before `object`: only where the order matters to the API server or to
 * safety, so that an engine can do the rest at the same time. Always of an earlier phase, so there are no cycles.
 */
export function dependenciesOf(object: KubeObject, objects: readonly KubeObject[]): readonly KubeObject[] {
  const phase = phaseOf(object);
  const rank = PHASES.indexOf(phase);
  return objects.filter((other) => {
    const earlier = phaseOf(other);
    return PHASES.indexOf(earlier) < rank && needs(object, phase, other, earlier);
  });
}

function needs(object: KubeObject, phase: Phase, other: KubeObject, earlier: Phase): boolean {
  const sameNamespace = other.metadata.namespace === object.metadata.namespace;
  switch (earlier) {
    case 'definitions':
      return defines(other, groupKind(object)) || isParameter(other, object);
    case 'namespaces':
      return object.metadata.namespace === other.metadata.name;
    case 'accounts':
      return runsPods(phase) && sameNamespace;
    case 'roles':
      return phase === 'role bindings' && isRoleOf(object, other);
    case 'guards':
      return phase === 'guard bindings' && policyName(object) === other.metadata.name;
    // A workspace's network objects and workloads never exist without the policy that the front obeys.
    case 'policy':
    case 'guard bindings':
      return NETWORK.includes(phase) || runsPods(phase);
    // Of the whole cluster: a CSI driver, a webhook that its server looks up.
    case 'services and config':
      return runsPods(phase) && (sameNamespace || isClusterWide(other));
    case 'allow':
      // What opens something may stand at its other end, beside the control plane.
      return (phase === 'baseline' || runsPods(phase)) && (sameNamespace || isClusterWide(other) || opens(other))
        ? true
        : phase === 'admin tier';
    case 'baseline':
      return phase === 'admin tier' || (runsPods(phase) && (sameNamespace || isClusterWide(other)));
    case 'admin tier':
      return runsPods(phase);
    // Servers before what asks them, and before what is registered with them.
    case 'workloads':
      return (phase === 'daemons' || phase === 'registrations') && other.kind === 'StatefulSet';
    default:
      return false;
  }
}

const isClusterWide = (object: KubeObject): boolean => object.metadata.namespace === undefined;

const policyName = (binding: KubeObject): unknown =>
  (binding['spec'] as { policyName?: string } | undefined)?.policyName;

function defines(definition: KubeObject, groupAndKind: string): boolean {
  const spec = definition['spec'] as { group?: string; names?: { kind?: string } } | undefined;
  return groupAndKind === `${spec?.group}/${spec?.names?.kind}`;
}

/** An admission policy whose parameter kind is unknown refuses everything that it matches. */
function isParameter(definition: KubeObject, guard: KubeObject): boolean {
  const spec = guard['spec'] as { paramKind?: { apiVersion: string; kind: string } } | undefined;
  return spec?.paramKind !== undefined && defines(definition, groupKind(spec.paramKind));
}

function isRoleOf(binding: KubeObject, role: KubeObject): boolean {
  const ref = binding['roleRef'] as { kind?: string; name?: string } | undefined;
  return (
    ref?.kind === role.kind &&
    ref.name === role.metadata.name &&
    (role.metadata.namespace === undefined || role.metadata.namespace === binding.metadata.namespace)
  );
}
