import type { LabPod } from '../../../lab/data-plane/data-plane.js';
import type { ListenerPort } from '../../../lab/data-plane/place.js';
import { settled } from '../../../src/cli/demo/effects.js';
import type { Who } from '../../../src/cli/demo/packets/workloads.js';
import { COMPONENTS, type Pods } from '../../../src/model/edges.js';
import { LABELS } from '../../../src/model/names.js';
import type { Platform } from '../../../src/model/platform.js';
import type { Samples } from './fixture.js';
import { createPod, namespace } from './pods.js';

const ACME = { id: 'ws-acme', namespace: 'portarium-agents' };
const GLOBEX = { id: 'ws-globex', namespace: 'portarium-agents-globex' };

/** The host of ws-acme's first system of record. */
export const SYSTEM_OF_RECORD = 'api.hubspot.com';

interface Selected extends Pick<Pods, 'namespace' | 'labels'> {
  readonly ports: readonly ListenerPort[];
}

export type Part = keyof ReturnType<typeof parts> | keyof typeof AT_WORK | 'outside';

const agent = (name: string): Selected => ({
  namespace: ACME.namespace,
  labels: { [LABELS.agent]: name },
  ports: ['tcp:9464', 'tcp:15020', 'tcp:18789'],
});
/** Whoever plays beside the samples' own, and the ports of the stub server in its pod. */
const parts = ({ vault }: Platform) =>
  ({
    prometheus: { ...COMPONENTS.prometheus, ports: [] },
    worker: { ...COMPONENTS.worker, ports: ['tcp:9464'] },
    vault: { namespace: vault!.namespace, labels: vault!.podLabels, ports: ['tcp:8200'] },
    other: agent('report-reader'),
    clerk: agent('invoice-clerk'),
  }) satisfies Readonly<Record<string, Selected>>;

/** Those that `Workloads` runs. */
const AT_WORK = {
  front: 'front',
  collector: 'collector',
  openfga: 'openfga',
  clusterDns: 'cluster DNS',
  agent: 'ws-acme',
  dns: 'DNS of ws-acme',
  globex: 'ws-globex',
  globexDns: 'DNS of ws-globex',
} as const satisfies Readonly<Record<string, Who>>;

/** The pods that play in the tests of the sample stacks. */
export interface Cast {
  readonly pods: Readonly<Record<Part, LabPod>>;
  /** Waits for rollouts to end and gives every part that has a new pod since that pod. */
  follow(): Promise<void>;
}

/** Both workspaces must have been deployed. */
export async function gather(samples: Samples): Promise<Cast> {
  const { plane, platform, workloads } = samples;
  const admin = await samples.as();
  await namespace(admin, 'outside');
  const outside = await createPod(plane, admin, 'outside', {}, 'outside');
  await outside.listen('outside', ['tcp:443']);
  const pods = { outside } as Record<Part, LabPod>;
  const follow = async () => {
    await Promise.all([ACME, GLOBEX].map(({ namespace: place }) => settled(admin, place)));
    const each = Object.entries(parts(platform)).map(async ([name, { namespace: place, labels, ports }]) => {
      const part = name as keyof ReturnType<typeof parts>;
      const pod = await samples.pod(place, labels, pods[part]);
      if (pod === pods[part]) return;
      if (ports.length > 0) await pod.listen(part, ports);
      pods[part] = pod;
    });
    await Promise.all([workloads.follow(), ...each]);
    for (const [part, who] of Object.entries(AT_WORK)) {
      if (who.startsWith('DNS of') && platform.agentDns.mode !== 'agent-dns') continue;
      pods[part as keyof typeof AT_WORK] = workloads.pod(who);
    }
  };
  await follow();
  return { pods, follow };
}
