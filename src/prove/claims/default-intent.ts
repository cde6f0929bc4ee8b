import { COMPONENTS, PORTS } from '../../model/edges.js';
import type { Port } from '../../model/edges.js';
import { AGENT_ROLE, LABELS } from '../../model/names.js';
import { agentDns } from '../../model/workspace.js';
import { podsIn } from '../classes/pod-class.js';
import type { PodClass } from '../classes/pod-class.js';
import type { Policy } from '../policies/policy.js';
import type { Intent, IntendedEdge, Role } from './intent.js';
import { portsOfEdge } from './intent.js';

/** The runbook's namespace, and one per workspace (design: names and identities). */
const AGENT_NAMESPACE = /^portarium-agents(-|$)/;

/**
 * What must hold for manifests of which nothing else is known: agents are the pods with the agents' role in the
 * namespaces that are named for them; they reach the front, the collector and their own DNS server, and are reached by
 * Prometheus and the front. That these are open is not demanded, and nothing is said of who sends on.
 *
 * @param namespaces all that any object names
 */
export function defaultIntent(policies: readonly Policy[], namespaces: Iterable<string>): Intent {
  const own = [...new Set(namespaces)].filter((name) => AGENT_NAMESPACE.test(name)).sort();
  const servers = dnsServersIn(policies);
  return { roles: own.flatMap((namespace) => rolesIn(namespace, servers)), namespaces: own, exact: false };
}

function rolesIn(namespace: string, dnsServers: readonly string[]): readonly Role[] {
  const { apiServer, collector, prometheus } = COMPONENTS;
  const pods = podsIn(namespace, { [LABELS.role]: AGENT_ROLE });
  const [front, telemetry, metrics] = [apiServer, collector, prometheus].map((end) =>
    podsIn(end.namespace, end.labels),
  );
  const servers = dnsServers.map((name) => ({ name, pods: podsIn(namespace, { [LABELS.component]: name }) }));
  return [
    {
      name: `agents of ${namespace}`,
      pods,
      edges: [
        edge('agents to the front', 'Egress', pods, front!, [PORTS.front, PORTS.bearer, PORTS.grpc]),
        edge('agents to the collector', 'Egress', pods, telemetry!, [PORTS.otlp]),
        ...servers.map((server) => edge('agents to DNS', 'Egress', pods, server.pods, DNS)),
        edge('prometheus to the agents', 'Ingress', pods, metrics!, [PORTS.metrics, PORTS.sidecar]),
        edge('front to the agents’ gateways', 'Ingress', pods, front!, [PORTS.gateway]),
      ],
    },
    ...servers.map((server) => ({
      name: server.name,
      pods: server.pods,
      edges: [
        edge('agents to DNS', 'Ingress', server.pods, pods, DNS),
        edge('prometheus to DNS', 'Ingress', server.pods, metrics!, [PORTS.metrics]),
      ],
    })),
  ];
}

const DNS = [PORTS.agentDnsUdp, PORTS.agentDnsTcp];

const edge = (
  id: string,
  direction: IntendedEdge['direction'],
  near: PodClass,
  far: PodClass,
  ports: readonly Port[],
): IntendedEdge => ({
  id,
  direction,
  near,
  far: { kind: 'pods', pods: far },
  ports: portsOfEdge(ports),
  forwards: undefined,
});

/** The names of agents' DNS servers that policies select pods by: each workspace has one of its own. */
function dnsServersIn(policies: readonly Policy[]): readonly string[] {
  const selectors = policies.flatMap(({ subject, sides }) => [
    subject.pods,
    ...Object.values(sides).flatMap(({ rules }) =>
      rules.flatMap(({ peers }) => peers?.flatMap((peer) => (peer.kind === 'pods' ? [peer.pods] : [])) ?? []),
    ),
  ]);
  const named = selectors.flatMap((selector) =>
    selector.flatMap(({ key, operator, values }) => (key === LABELS.component && operator === 'In' ? [...values] : [])),
  );
  return [...new Set(named)].filter((name) => name.startsWith(agentDns(''))).sort();
}
