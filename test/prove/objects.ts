import type { KubeObject } from '../../src/prove/index.js';

/** Objects as the API returns them, in one line each. */

export interface PodFields {
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly ips?: readonly string[];
  readonly hostIP?: string;
  readonly hostNetwork?: boolean;
  readonly phase?: string;
  readonly ports?: readonly { name: string; containerPort: number; protocol?: string }[];
  readonly annotations?: Record<string, string>;
  readonly owner?: { kind: string; name: string };
}

export function pod(name: string, fields: PodFields = {}): KubeObject {
  const { namespace = 'a', labels, ips = [], hostIP, hostNetwork, phase = 'Running', ports = [], annotations } = fields;
  const metadata = {
    name,
    namespace,
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(fields.owner && { ownerReferences: [{ ...fields.owner, controller: true }] }),
  };
  return object('v1', 'Pod', {
    metadata,
    spec: { ...(hostNetwork && { hostNetwork }), containers: [{ name: 'main', ports }] },
    status: {
      phase,
      ...(ips.length > 0 && { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
      ...(hostIP && { hostIP }),
    },
  });
}

export function namespace(name: string, labels: Record<string, string> = {}): KubeObject {
  return object('v1', 'Namespace', { metadata: { name, labels: { ...labels, 'kubernetes.io/metadata.name': name } } });
}

/** In namespace `a`, selecting every pod there, unless the spec says otherwise. */
export function policy(name: string, spec: object, inNamespace = 'a'): KubeObject {
  return object('networking.k8s.io/v1', 'NetworkPolicy', {
    metadata: { name, namespace: inNamespace },
    spec: { podSelector: {}, ...spec },
  });
}

export function egress(...rules: readonly object[]): object {
  return { policyTypes: ['Egress'], egress: rules };
}

export function ingress(...rules: readonly object[]): object {
  return { policyTypes: ['Ingress'], ingress: rules };
}

export function service(name: string, spec: object, inNamespace = 'a'): KubeObject {
  return object('v1', 'Service', { metadata: { name, namespace: inNamespace }, spec });
}

export function object(apiVersion: string, kind: string, rest: object): KubeObject {
  return { apiVersion, kind, ...rest };
}
