import { Construct } from 'constructs';
import { agentsOf, COMPONENTS, type Pods } from '../../model/edges.js';
import { spiffeId } from '../../model/identity.js';
import { NAMESPACE_NAME_LABEL } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import {
  SPIFFE_ID_TEMPLATE,
  SPIRE_CLASS,
  SPIRE_GROUP,
  SPIRE_VERSION,
  SVID_CONTAINER,
  type SpireBridge,
} from '../../model/spire.js';
import { object } from '../object.js';

const API = { apiVersion: `${SPIRE_GROUP}/${SPIRE_VERSION}` } as const;
const CONTAINER = `k8s:container-name:${SVID_CONTAINER}`;

type Selected = Pick<Pods, 'namespace' | 'labels'>;

/**
 * Who gets an SVID: the front, the workers, every agent of each workspace, and the workloads and bridges of the config.
 * Pods are chosen by the namespace's own name and their labels together, and within a pod by the sidecar's container,
 * so that the application beside it gets none; the SPIFFE ID is the pod's service account's, whatever the labels say.
 * Source: runbook Phase 4 step 2; spire-controller-manager, docs/clusterspiffeid-crd.md and clusterstaticentry-crd.md.
 */
export class SpireRegistrations extends Construct {
  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    const { spire, workspaces } = platform;
    this.pods('api-server', COMPONENTS.apiServer, platform);
    this.pods('worker', COMPONENTS.worker, platform);
    for (const placement of workspaces) this.pods(`agents-${placement.id}`, agentsOf(placement), platform);
    for (const { name, namespace, podLabels } of spire.workloads) {
      this.pods(`workload-${name}`, { namespace, labels: podLabels }, platform);
    }
    for (const bridge of spire.bridges) this.bridge(bridge, platform);
  }

  private pods(name: string, { namespace, labels }: Selected, { spire }: Platform): void {
    object(this, name, {
      ...API,
      kind: 'ClusterSPIFFEID',
      name: `portarium-${name}`,
      content: {
        spec: {
          className: SPIRE_CLASS,
          spiffeIDTemplate: SPIFFE_ID_TEMPLATE,
          namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: namespace } },
          podSelector: { matchLabels: { ...labels } },
          workloadSelectorTemplates: [
            'k8s:ns:{{ .PodMeta.Namespace }}',
            'k8s:sa:{{ .PodSpec.ServiceAccountName }}',
            CONTAINER,
          ],
          ttl: spire.x509Ttl,
        },
      },
    });
  }

  /** An entry for the node by its UID, or for every node with the label through an alias of them. */
  private bridge({ name, namespace, serviceAccount, nodeUid, nodeLabel }: SpireBridge, platform: Platform): void {
    const { spire, trustDomain } = platform;
    const alias = `spiffe://${trustDomain}/bridge-nodes/${name}`;
    if (nodeLabel) {
      this.entry(`bridge-nodes-${name}`, {
        spiffeID: alias,
        parentID: `spiffe://${trustDomain}/spire/server`,
        selectors: [
          `k8s_psat:cluster:${spire.clusterName}`,
          `k8s_psat:agent_node_label:${nodeLabel.key}:${nodeLabel.value}`,
        ],
      });
    }
    this.entry(`bridge-${name}`, {
      spiffeID: spiffeId(namespace, serviceAccount, trustDomain),
      parentID:
        nodeUid === undefined ? alias : `spiffe://${trustDomain}/spire/agent/k8s_psat/${spire.clusterName}/${nodeUid}`,
      selectors: [`k8s:ns:${namespace}`, `k8s:sa:${serviceAccount}`, CONTAINER],
      x509SVIDTTL: spire.x509Ttl,
    });
  }

  private entry(name: string, spec: Readonly<Record<string, unknown>>): void {
    object(this, name, {
      ...API,
      kind: 'ClusterStaticEntry',
      name: `portarium-${name}`,
      content: { spec: { className: SPIRE_CLASS, ...spec } },
    });
  }
}
