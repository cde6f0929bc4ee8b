import { Construct } from 'constructs';
import { COMPONENTS } from '../../model/edges.js';
import { AGENT_ROLE, LABELS } from '../../model/names.js';
import { SPIRE_SOCKETS } from '../../model/spire.js';
import { literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { agentNamespaces, hostlessNamespaces } from './scope.js';

/**
 * SPIRE's socket has no business in any pod but those whose sidecar `Sidecars` holds. An SVID is given to the container
 * `envoy` of those pods alone; this keeps others from asking. As a `hostPath` the socket is refused by `HostAccess`.
 *
 * Makes `portarium-guard-svid-volumes`, with a binding for each kind of namespace that says whose sidecar is held there.
 * Source: issue "Workload identity and mTLS".
 */
export class SvidVolumes extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const { apiServer, worker } = COMPONENTS;
    const held = [apiServer.namespace, worker.namespace];
    new Guard(this, 'guard', {
      mode: platform.guards,
      name: 'svid-volumes',
      requests: [{ operations: ['CREATE'], resources: ['pods'] }],
      bindings: [
        {
          suffix: 'agents',
          namespaces: agentNamespaces(platform),
          labels: [{ key: LABELS.role, operator: 'NotIn', values: [AGENT_ROLE] }],
        },
        ...[apiServer, worker].map(({ namespace, name }) => ({
          suffix: name,
          namespaces: [namespace],
          labels: [{ key: LABELS.component, operator: 'NotIn', values: [name] } as const],
        })),
        { suffix: 'others', namespaces: hostlessNamespaces(platform).filter((name) => !held.includes(name)) },
      ],
      refusals: [
        {
          expression: `object.spec.?volumes.orValue([]).all(volume, volume.?csi.?driver.orValue("") != ${literal(SPIRE_SOCKETS.csiDriver)})`,
          message: `SPIRE's socket (${SPIRE_SOCKETS.csiDriver}) is for the sidecars of agents, workers and the api-server. Remove the volume.`,
        },
      ],
    });
  }
}
