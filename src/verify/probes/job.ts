import { RESTRICTED_CONTAINER, RESTRICTED_POD } from '../../constructs/restricted.js';
import type { KubeObject } from '../../model/kube-object.js';
import { AGENT_ROLE, LABELS, PROBE, PROBE_COMMAND, PROBE_VARIABLE } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import type { Workspace } from '../../model/workspace.js';
import type { Place, Probe } from './probe.js';

/** How long a probe waits for an answer, milliseconds. */
const PATIENCE = 3000;

export interface JobProps {
  readonly platform: Platform;
  readonly workspace: Pick<Workspace, 'id' | 'namespace' | 'dns'>;
  readonly probes: readonly Probe[];
  readonly node: string;
  readonly name: string;
  readonly from: Place;
  /** Of the pod. */
  readonly namespace: string;
}

/**
 * A Job that sends the probes from one node. Among the agents its pod carries an agent's labels, under the probe's own
 * account: the same policies select it, and it has no SVID, no token and no volume. Admission holds it to this form (`ProbePods`).
 * It says what came of it in its termination message, and is gone after ten minutes.
 */
export function probeJob({ platform, workspace, probes, node, name, from, namespace }: JobProps): KubeObject {
  const labels =
    from === 'agents'
      ? { [LABELS.role]: AGENT_ROLE, [LABELS.workspace]: workspace.id, [LABELS.agent]: PROBE }
      : { app: PROBE };
  const resolver = platform.agentDns.mode === 'cilium' ? platform.cluster.dns.clusterIP : workspace.dns.clusterIP;
  const request = { probes: probes.map(({ name: probe, kind, target }) => ({ name: probe, kind, target })) };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: 120,
      ttlSecondsAfterFinished: 600,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          ...(from === 'agents' && { serviceAccountName: PROBE }),
          ...(from === 'node' && { hostNetwork: true }),
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          dnsPolicy: 'None',
          dnsConfig: { nameservers: [resolver] },
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
              },
            },
          },
          securityContext: RESTRICTED_POD,
          containers: [
            {
              name: 'probe',
              image: platform.sidecar.authorizerImage,
              command: PROBE_COMMAND,
              env: [
                {
                  name: PROBE_VARIABLE,
                  value: JSON.stringify({ ...request, timeoutMilliseconds: PATIENCE, termination: true }),
                },
              ],
              resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
              securityContext: RESTRICTED_CONTAINER,
            },
          ],
        },
      },
    },
  };
}
