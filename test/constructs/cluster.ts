import { renderPlatform, renderWorkspace } from '../../src/charts/render.js';
import { COMPONENTS } from '../../src/model/edges.js';
import { isPatch, type KubeObject } from '../../src/model/kube-object.js';
import type { Level } from '../../src/model/levels.js';
import { NAMESPACES } from '../../src/model/names.js';
import { OPENFGA_MIGRATION } from '../../src/model/openfga.js';
import type { Platform } from '../../src/model/platform.js';
import { SPIRE_AGENTS, spireServerOf } from '../../src/model/spire-edges.js';
import type { Workspace } from '../../src/model/workspace.js';
import { readCluster, type Cluster } from '../../src/prove/index.js';
import { ACME, GLOBEX, PLATFORM } from '../model/examples.js';

/** Objects as a cluster would hold them once both stacks are deployed: ours, and the pods that they and others run. */

/** One workspace to a namespace, so that no workspace's objects can hide the lack of another's. */
export const TWO: Platform = {
  ...PLATFORM,
  workspaces: PLATFORM.workspaces.filter(({ id }) => id !== 'ws-beta'),
};

export interface TestPod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ip: string;
}

/** Components without a Deployment of the platform's own. */
const RUN_BY_OTHERS = Object.values(COMPONENTS).filter(({ name }) => name !== COMPONENTS.openfga.name);

type PodTemplate = { spec: { template: { metadata: { labels: Record<string, string> } } } };

/** A pod of each Deployment, of each component and peer of the platform, an unlabelled one everywhere, and strangers. */
export function podsOf(platform: Platform, objects: readonly KubeObject[]): readonly TestPod[] {
  const pods: Omit<TestPod, 'ip'>[] = [];
  for (const object of objects) {
    if (object.kind !== 'Deployment' || isPatch(object)) continue;
    const { labels } = (object as unknown as PodTemplate).spec.template.metadata;
    pods.push({ namespace: object.metadata.namespace!, name: object.metadata.name, labels });
  }
  const components = [...RUN_BY_OTHERS, spireServerOf(platform), SPIRE_AGENTS, OPENFGA_MIGRATION];
  for (const { namespace, name, labels } of components) pods.push({ namespace, name, labels });
  const { cluster, ingressGateway, vault, peers } = platform;
  const { namespace, podLabels } = cluster.dns;
  pods.push({ namespace, name: 'cluster-dns', labels: podLabels });
  pods.push({ namespace, name: 'other', labels: { 'k8s-app': 'other' } });
  pods.push({ namespace: ingressGateway.namespace, name: 'ingress-gateway', labels: ingressGateway.podLabels });
  if (vault) pods.push({ namespace: vault.namespace, name: 'vault', labels: vault.podLabels });
  for (const peer of peers) if (peer.pods) pods.push({ ...peer.pods, name: peer.name });
  const guarded = [...Object.values(NAMESPACES), ...platform.workspaces.map((workspace) => workspace.namespace)];
  for (const each of new Set(guarded)) pods.push({ namespace: each, name: 'unlabelled', labels: {} });
  pods.push({ namespace: 'shop', name: 'shop', labels: {} });
  // A tenant may give itself every label of ours, in a namespace that is not ours.
  pods.push({ namespace: 'evil', name: 'control-plane', labels: { 'portarium.io/component': 'api-server' } });
  pods.push({
    namespace: 'evil',
    name: 'agent',
    labels: { 'portarium.io/role': 'agent', 'portarium.io/workspace': 'ws-acme' },
  });
  return pods.map((pod, index) => ({ ...pod, ip: `10.244.0.${index + 10}` }));
}

/** Everything that decides who reaches whom. */
export function clusterOf(pods: readonly TestPod[], objects: readonly KubeObject[]): Cluster {
  const namespaces = [...new Set(pods.map(({ namespace }) => namespace))].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    // What a tenant may do to its own namespace.
    metadata: { name, labels: name === 'evil' ? { 'portarium.io/component': 'control-plane' } : {} },
  }));
  const running = pods.map(({ namespace, name, labels, ip }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels },
    spec: { containers: [] },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], hostIP: '10.0.0.5' },
  }));
  return readCluster([...namespaces, ...running, ...objects.filter(({ kind }) => kind === 'NetworkPolicy')]);
}

/** Both stacks' objects, every workspace at one level. */
export function deployed(
  level: Level,
  platform: Platform = TWO,
  workspaces: readonly Workspace[] = [ACME, GLOBEX],
): readonly KubeObject[] {
  return [
    ...renderPlatform(platform),
    ...workspaces.flatMap((workspace) => renderWorkspace(platform, { ...workspace, level })),
  ];
}
