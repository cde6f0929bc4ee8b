import type { Cluster, LiveObject } from '../bridge/cluster.js';
import { keyOf } from '../model/kube-object.js';
import { podAddresses } from './probes/surroundings.js';
import { checkOf, type Check, type Finding } from '../model/check.js';

/** Fields of a Service that lead elsewhere than to pods of its own namespace, selected by it. */
function redirection(service: LiveObject): Pick<Finding, 'field' | 'found' | 'problem'> | undefined {
  const spec = service['spec'] as {
    readonly type?: string;
    readonly selector?: object;
    readonly externalName?: string;
    readonly externalIPs?: readonly string[];
  };
  if (spec.type === 'ExternalName') {
    return { field: 'spec.externalName', found: spec.externalName, problem: 'is a name for another host' };
  }
  if ((spec.externalIPs ?? []).length > 0) {
    return { field: 'spec.externalIPs', found: spec.externalIPs, problem: 'takes over addresses' };
  }
  if (Object.keys(spec.selector ?? {}).length > 0) return undefined;
  return { field: 'spec.selector', problem: 'has no selector: whoever writes its endpoints decides where it leads' };
}

interface Slice {
  readonly endpoints?: readonly { readonly addresses?: readonly string[] }[] | null;
}

/** Finds Services and EndpointSlices of a namespace that lead elsewhere than to its own pods (trap S13). */
export async function redirections(cluster: Cluster, namespace: string, rendered: ReadonlySet<string>): Promise<Check> {
  const [services, slices, pods] = await Promise.all([
    cluster.list({ apiVersion: 'v1', kind: 'Service', namespace }),
    cluster.list({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace }),
    cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }),
  ]);
  const own = new Set(pods.flatMap(podAddresses));
  const ofServices = services
    .filter((service) => !rendered.has(keyOf(service)))
    .flatMap((service): readonly Finding[] => {
      const leads = redirection(service);
      return leads === undefined ? [] : [{ object: keyOf(service), ...leads }];
    });
  const ofSlices = slices.flatMap((slice): readonly Finding[] => {
    const { endpoints } = slice as unknown as Slice;
    const elsewhere = (endpoints ?? [])
      .flatMap(({ addresses = [] }) => addresses)
      .filter((address) => !own.has(address));
    return elsewhere.length === 0
      ? []
      : [
          {
            object: keyOf(slice),
            field: 'endpoints',
            found: elsewhere,
            problem: 'leads to addresses that are no pod’s of its namespace',
          },
        ];
  });
  const note = `${services.length} Services, ${slices.length} EndpointSlices`;
  return checkOf(`redirections in ${namespace}`, [...ofServices, ...ofSlices], note);
}
