import type { KubeObject } from './kube-object.js';

/** An object that may change who reaches whom, and whose meaning is not known here. */
export interface NotEvaluated {
  readonly kind: string;
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string;
  readonly name: string;
  readonly reason: string;
}

/**
 * API groups (and their subgroups) whose objects of these kinds admit, refuse or redirect packets. Kinds that only
 * carry state (CiliumEndpoint, IPPool) or that do nothing until another kind uses them (CiliumCIDRGroup) are left out.
 */
const KINDS: readonly (readonly [group: string, kinds: RegExp])[] = [
  ['policy.networking.k8s.io', /./],
  ['cilium.io', /NetworkPolicy$|(LocalRedirect|EgressGateway|EgressNAT)Policy$|EnvoyConfig$|NodeConfig$/],
  ['projectcalico.org', /^(?!Staged).*NetworkPolicy$|^HostEndpoint$|^Profile$|^EgressGatewayPolicy$/],
  ['antrea.io', /NetworkPolicy$|^Egress$|^TrafficControl$/],
  ['k8s.ovn.org', /^Egress(Firewall|IP|Service)$|^AdminPolicyBasedExternalRoute$|UserDefinedNetwork$/],
  ['network.openshift.io', /^EgressNetworkPolicy$|^NetNamespace$/],
  ['networking.k8s.aws', /NetworkPolicy$/],
  ['networking.gke.io', /NetworkPolicy$|NetworkLogging$/],
  ['kubeovn.io', /^SecurityGroup$|^Vpc$/],
  ['security.istio.io', /^(Authorization|PeerAuthentication)/],
  ['networking.istio.io', /^(Sidecar|EnvoyFilter)$/],
  ['policy.linkerd.io', /./],
  ['kuma.io', /TrafficPermission$/],
];

/**
 * Whether objects of this kind may change reachability, evaluated or not. For callers that read a cluster: list every
 * served kind for which this holds, beside pods, namespaces, nodes, services, their endpoints and network policies.
 */
export function changesReachability(apiVersion: string, kind: string): boolean {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  if (apiVersion === 'networking.k8s.io/v1' && kind === 'NetworkPolicy') return false;
  if (KINDS.some(([known, kinds]) => (group === known || group.endsWith(`.${known}`)) && kinds.test(kind))) return true;
  // A plugin nobody listed, or another version of NetworkPolicy.
  return /NetworkPolicy$/.test(kind) && !/^Staged/.test(kind);
}

export function notEvaluated(objects: readonly KubeObject[]): NotEvaluated[] {
  return objects
    .filter(({ apiVersion, kind }) => changesReachability(apiVersion, kind))
    .map((object) => describe(object, `${object.apiVersion} is not evaluated`));
}

export function describe({ kind, metadata }: KubeObject, reason: string): NotEvaluated {
  const { namespace, name = '(no name)' } = metadata ?? {};
  return { kind, ...(namespace !== undefined && { namespace }), name, reason };
}

/** As `CiliumNetworkPolicy ns/name: why`. */
export const reasonOf = ({ kind, namespace, name, reason }: NotEvaluated): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}: ${reason}`;

/** As `CiliumNetworkPolicy ns/name (why)`. */
export function notEvaluatedText({ kind, namespace, name, reason }: NotEvaluated): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name} (${reason})`;
}
