import { Construct } from 'constructs';
import { literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { agentNamespaces } from './scope.js';

/** Labels by which a service mesh takes a pod's traffic into its own tunnels, or injects a proxy. */
const PREFIXES = ['istio.io/', 'sidecar.istio.io/', 'kuma.io/', 'linkerd.io/'];

/**
 * Agents are in no service mesh but their own sidecar: inside a tunnel (HBONE, port 15008) a network policy sees the
 * mesh's proxy, not whom the agent talks to. Meshes are asked for by annotations (`PodAnnotations`), labels of the
 * namespace (`Namespaces`), and labels of the pod, which this holds.
 *
 * Makes `portarium-guard-mesh-labels`. Closes part of B19.
 */
export class MeshLabels extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    new Guard(this, 'guard', {
      mode: platform.guards,
      name: 'mesh-labels',
      requests: [
        { operations: ['CREATE', 'UPDATE'], resources: ['pods'] },
        { operations: ['UPDATE'], resources: ['pods/status'] },
      ],
      bindings: [{ namespaces: agentNamespaces(platform) }],
      variables: {
        before: 'request.operation == "CREATE" ? {} : oldObject.metadata.?labels.orValue({})',
        after: 'object.metadata.?labels.orValue({})',
      },
      refusals: [
        {
          expression: `variables.after.all(key, !${literal(PREFIXES)}.exists(prefix, key.startsWith(prefix)) || variables.after[?key] == variables.before[?key])`,
          message: `Labels ${PREFIXES.map((prefix) => `${prefix}*`).join(', ')} are refused on agents' pods: a mesh takes their traffic past the network policies. Remove them.`,
        },
      ],
    });
  }
}
