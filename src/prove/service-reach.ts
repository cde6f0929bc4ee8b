import { asCluster, findPod } from './cluster.js';
import type { Cluster, ObjectRef } from './cluster.js';
import { connect, endpoints } from './connect.js';
import type { KubeObject } from './kube-object.js';
import { describe } from './not-evaluated.js';
import type { NotEvaluated } from './not-evaluated.js';
import { portNumbers } from './pod.js';
import type { Pod } from './pod.js';
import { includes } from './ports.js';
import type { Protocol } from './ports.js';
import { networksOf } from './reach.js';
import type { Reading } from './rules.js';
import { decide } from './side.js';
import type { Service, ServicePort } from './service.js';

export interface ServiceReach {
  /** As `ns/name`. */
  readonly service: string;
  readonly ports: readonly ServicePortReach[];
  readonly notEvaluated: readonly NotEvaluated[];
  /** False when anything is in `notEvaluated`: then say "not evaluated", never "closed". */
  readonly complete: boolean;
}

export interface ServicePortReach {
  readonly name?: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** Pods behind this port, reachable or not; of a named targetPort, those that have the name. */
  readonly backends: number;
  /** Whether at least one backend may be reached on its own port: most planes decide after translation. */
  readonly reachable: boolean;
  /**
   * Whether the pod's egress allows the Service's virtual address itself. The API leaves open whether a plane decides
   * before or after translation (trap S13); on one that decides before, this alone lets the packet leave.
   */
  readonly virtualAddressAllowed: boolean;
}

/**
 * Which ports of a Service a pod may use, port by port. Backends are the pods its selector picks, ready or not. A Service
 * without selector and an ExternalName are not evaluated: where they lead is decided by EndpointSlices and by DNS.
 *
 * @throws UnreadableObjectError when an object cannot be read exactly
 * @throws RangeError when there is no such running pod, or no such Service
 */
export function serviceReach(
  objects: readonly KubeObject[] | Cluster,
  source: ObjectRef,
  { namespace, name }: ObjectRef,
  reading: Reading = {},
): ServiceReach {
  const cluster = asCluster(objects);
  const endpoint = endpoints(cluster);
  const from = endpoint(findPod(cluster, source));
  const service = cluster.services.find((other) => other.namespace === namespace && other.name === name);
  if (service === undefined) throw new RangeError(`no Service ${namespace}/${name}`);
  const backends = backendsOf(cluster, service).map((pod) => {
    return { pod, allowed: connect(cluster, from, endpoint(pod), reading) };
  });
  const notEvaluated = [...cluster.notEvaluated, ...networksOf(from.pod), ...elsewhere(service)];
  return {
    service: `${namespace}/${name}`,
    ports: service.ports.map((servicePort) => {
      const { protocol, port } = servicePort;
      const serving = backends.filter(({ pod }) => targetsOn(pod, servicePort).length > 0);
      return {
        ...(servicePort.name !== undefined && { name: servicePort.name }),
        protocol,
        port,
        backends: serving.length,
        reachable: serving.some(({ pod, allowed }) =>
          targetsOn(pod, servicePort).some((target) => includes(allowed, protocol, target)),
        ),
        virtualAddressAllowed: service.addresses.some((address) =>
          includes(
            decide(from.egress, { cluster, subject: from.pod, end: { address }, destination: undefined, reading }),
            protocol,
            port,
          ),
        ),
      };
    }),
    notEvaluated,
    complete: notEvaluated.length === 0,
  };
}

function backendsOf({ pods }: Cluster, { namespace, selector }: Service): Pod[] {
  if (selector === undefined) return [];
  const wanted = [...selector];
  return pods.filter(
    (pod) => pod.namespace === namespace && wanted.every(([key, value]) => pod.labels.get(key) === value),
  );
}

function targetsOn(pod: Pod, { protocol, target }: ServicePort): number[] {
  return typeof target === 'number' ? [target] : portNumbers(pod, protocol, target);
}

function elsewhere({ namespace, name, selector }: Service): NotEvaluated[] {
  if (selector !== undefined) return [];
  const object = { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name } };
  return [describe(object, 'has no selector, or is an ExternalName: its backends are not known')];
}
