import { addresses } from '../../../lab/data-plane/addresses.js';
import type { LabPod } from '../../../lab/data-plane/data-plane.js';
import type { ListenerPort } from '../../../lab/data-plane/place.js';
import { settled } from '../../../src/cli/demo/effects.js';
import { agentDnsOf, agentsOf, COMPONENTS, type Pods } from '../../../src/model/edges.js';
import { LABELS } from '../../../src/model/names.js';
import type { Platform } from '../../../src/model/platform.js';
import { agentDns } from '../../../src/model/workspace.js';
import type { Samples } from './fixture.js';
import { startCoreDns } from './core-dns.js';
import { createPod, namespace } from './pods.js';

const ACME = { id: 'ws-acme', namespace: 'portarium-agents' };
const GLOBEX = { id: 'ws-globex', namespace: 'portarium-agents-globex' };

/** The host of ws-acme's first system of record. */
export const SYSTEM_OF_RECORD = 'api.hubspot.com';

interface Selected extends Pick<Pods, 'namespace' | 'labels'> {
  readonly ports: readonly ListenerPort[];
  /** A real CoreDNS runs in it: by the Corefile of a ConfigMap, or by this one. */
  readonly dns?: string | { readonly corefile: string };
}

export type Part =
  | 'agent'
  | 'clerk'
  | 'clusterDns'
  | 'collector'
  | 'dns'
  | 'front'
  | 'globex'
  | 'globexDns'
  | 'openfga'
  | 'other'
  | 'outside'
  | 'prometheus'
  | 'vault'
  | 'worker';

const agent = (name: string): Selected => ({
  namespace: ACME.namespace,
  labels: { [LABELS.agent]: name },
  ports: ['tcp:9464', 'tcp:15020', 'tcp:18789'],
});
/** What stands in for cluster DNS: it knows one system of record. */
const CLUSTER_DNS = { corefile: `.:53 {\n  hosts {\n    ${addresses.systemOfRecord} ${SYSTEM_OF_RECORD}\n  }\n}\n` };

/** Whoever plays, and the ports of the stub server in its pod. */
const parts = ({ vault, cluster }: Platform): Readonly<Record<Exclude<Part, 'outside'>, Selected>> => ({
  front: { ...COMPONENTS.apiServer, ports: ['tcp:8443', 'tcp:8444', 'tcp:8445', 'tcp:50051', 'tcp:8080'] },
  collector: { ...COMPONENTS.collector, ports: ['tcp:4317', 'tcp:4318'] },
  prometheus: { ...COMPONENTS.prometheus, ports: [] },
  worker: { ...COMPONENTS.worker, ports: ['tcp:9464'] },
  openfga: { ...COMPONENTS.openfga, ports: ['tcp:8080'] },
  vault: { namespace: vault!.namespace, labels: vault!.podLabels, ports: ['tcp:8200'] },
  clusterDns: { namespace: 'kube-system', labels: cluster.dns.podLabels, ports: [], dns: CLUSTER_DNS },
  agent: agent('sales-bot'),
  other: agent('report-reader'),
  clerk: agent('invoice-clerk'),
  dns: { ...agentDnsOf(ACME), ports: [], dns: agentDns(ACME.id) },
  globex: { ...agentsOf(GLOBEX), ports: ['tcp:9464'] },
  globexDns: { ...agentDnsOf(GLOBEX), ports: [], dns: agentDns(GLOBEX.id) },
});

/** The pods that play in the tests of the sample stacks. */
export interface Cast {
  readonly pods: Readonly<Record<Part, LabPod>>;
  /** Waits for rollouts to end and gives every part that has a new pod since that pod. */
  follow(): Promise<void>;
}

/** Both workspaces must have been deployed. */
export async function gather(samples: Samples): Promise<Cast> {
  const { plane, platform } = samples;
  const admin = await samples.as();
  await namespace(admin, 'outside');
  const outside = await createPod(plane, admin, 'outside', {}, 'outside');
  await outside.listen('outside', ['tcp:443']);
  const corefile = async (place: string, name: string): Promise<string> => {
    const { data } = (await admin.get({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: place },
    })) as {
      data?: { Corefile?: string };
    };
    return data!.Corefile!;
  };
  const pods = { outside } as Record<Part, LabPod>;
  const follow = async () => {
    await Promise.all([ACME, GLOBEX].map(({ namespace: place }) => settled(admin, place)));
    const each = Object.entries(parts(platform)).map(async ([name, { namespace: place, labels, ports, dns }]) => {
      const part = name as Part;
      const pod = await samples.pod(place, labels, pods[part]);
      if (pod === pods[part]) return;
      if (ports.length > 0) await pod.listen(part, ports);
      if (dns !== undefined)
        await startCoreDns(pod, plane.dir, typeof dns === 'string' ? await corefile(place, dns) : dns.corefile);
      pods[part] = pod;
    });
    await Promise.all(each);
  };
  await follow();
  await plane.world.listen('world', ['tcp:443', 'tcp:8443', 'tcp:8080', 'tcp:80', 'tcp:10250', 'tcp:53', 'udp:53']);
  await plane.node.listen('node', ['tcp:10250']);
  return { pods, follow };
}
