import { Construct } from 'constructs';
import { COMPONENTS, type Pods } from '../../model/edges.js';
import { AGENT_ROLE, LABELS, PROBE } from '../../model/names.js';
import type { Binding } from '../admission/admission-policy.js';
import { agentSidecars, frontSidecars, workerSidecars, type Sidecars as Rendered } from '../sidecars.js';
import { label, literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { pinnedContainer } from './pinned-container.js';
import { pinnedVolumes } from './pinned-volumes.js';
import { agentNamespaces } from './scope.js';

/** Stands for the agent's name while its sidecar is rendered for the guard; in CEL it is the pod's label. */
const AGENT = '{agent}';
const text = (name: string): string => literal(name).replace(AGENT, `" + ${label(LABELS.agent)} + "`);

/**
 * What holds the sidecars is the final pod, whoever patched or injected what: the first init container of agents, workers
 * and the api-server is the one `envoy`, with the platform's image, command, arguments, environment and mounts, from its
 * own ConfigMap; the second at the api-server is the authorizer, of agents the gate that they start behind. Nothing else in the pod mounts what is theirs. The API
 * server itself refuses a second container of the same name. A running pod is judged again when an init container
 * changes, since its image may. A debug container of the break-glass group may mount what is theirs (`InteractiveAccess`);
 * SPIRE gives an SVID to the container `envoy` alone.
 *
 * Makes `portarium-guard-sidecar-agents`, `portarium-guard-sidecar-front` and `portarium-guard-sidecar-workers`.
 * Source: issue "Workload identity and mTLS"; runbook Phase 4 step 2.
 */
export class Sidecars extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const guard = (name: string, rendered: Rendered, binding: Binding): Guard =>
      new Guard(this, name, {
        mode: platform.guards,
        name: `sidecar-${name}`,
        requests: [{ operations: ['CREATE', 'UPDATE'], resources: ['pods'] }],
        conditions: {
          changes: 'request.operation == "CREATE" || object.spec.?initContainers != oldObject.spec.?initContainers',
        },
        bindings: [binding],
        variables: {
          inits: 'object.spec.?initContainers.orValue([])',
          volumes: 'object.spec.?volumes.orValue([])',
        },
        refusals: [
          ...rendered.containers.flatMap((container, index) => pinnedContainer(container, index === 0 ? 0 : 1)),
          ...pinnedVolumes(rendered, text),
        ],
      });
    guard('agents', agentSidecars(platform, AGENT), {
      namespaces: agentNamespaces(platform),
      labels: [
        { key: LABELS.role, operator: 'In', values: [AGENT_ROLE] },
        { key: LABELS.agent, operator: 'NotIn', values: [PROBE] },
      ],
    });
    guard('workers', workerSidecars(platform), podsOf(COMPONENTS.worker));
    guard('front', frontSidecars(platform), podsOf(COMPONENTS.apiServer));
  }
}

const podsOf = ({ namespace, name }: Pods): Binding => ({
  namespaces: [namespace],
  labels: [{ key: LABELS.component, operator: 'In', values: [name] }],
});
