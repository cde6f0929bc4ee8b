import { versionSkew } from '../../../model/spire-versions.js';
import { AGENT_IMAGE, containerOf, SERVER_IMAGE, show, type Rendered } from './rendered.js';

type Faults = readonly (string | false | undefined)[];

/** What must be there at all. */
export const missingParts = ({
  server,
  agent,
  controllerManager,
  serverPod,
  agentPod,
  driverPod,
  registrations,
}: Rendered): Faults => [
  server === undefined && 'there is no configuration of the server.',
  agent === undefined && 'there is no configuration of the agents.',
  serverPod === undefined && 'no workload runs the server.',
  agentPod?.object.kind !== 'DaemonSet' && 'no DaemonSet runs the agents.',
  driverPod?.object.kind !== 'DaemonSet' && 'no DaemonSet runs the CSI driver.',
  registrations.length > 0 &&
    controllerManager === undefined &&
    'there are registrations and no controller manager that makes entries of them.',
];

/** Types of plugins; any other is fatal at the start. */
const PLUGINS = {
  server: [
    ...['BundlePublisher', 'CredentialComposer', 'DataStore', 'KeyManager', 'NodeAttestor', 'Notifier'],
    'UpstreamAuthority',
  ],
  agent: ['KeyManager', 'NodeAttestor', 'SVIDStore', 'WorkloadAttestor'],
} as const satisfies Record<string, readonly string[]>;

export const unknownPlugins = (rendered: Rendered): Faults =>
  (['server', 'agent'] as const).flatMap((program) =>
    Object.keys(rendered[program]?.plugins ?? {})
      .filter((type) => !(PLUGINS[program] as readonly string[]).includes(type))
      .map((type) => `"${type}" is no type of plugin of SPIRE’s ${program}, which stops at its start.`),
  );

export function differentTrustDomains({ server, agent, controllerManager }: Rendered): Faults {
  const domains = [server?.server?.trust_domain, agent?.agent?.trust_domain, controllerManager?.trustDomain];
  return [
    new Set(domains).size > 1 &&
      `server, agents and controller manager have different trust domains: ${domains.map(show).join(', ')}.`,
  ];
}

export const skewedVersions = ({ serverPod, agentPod }: Rendered): Faults => [
  versionSkew({
    server: containerOf(serverPod, SERVER_IMAGE)?.image ?? '',
    agent: containerOf(agentPod, AGENT_IMAGE)?.image ?? '',
  }),
];

/** Ports by the names of which monitors scrape, and which no pod of SPIRE has. */
export function unscrapedPorts({ objects, serverPod, agentPod }: Rendered): Faults {
  const containers = [serverPod, agentPod].flatMap((pod) => pod?.spec.containers ?? []);
  const ports = new Set(containers.flatMap(({ ports: each = [] }) => each.map(({ name }) => name)));
  return objects
    .filter(({ kind }) => kind === 'PodMonitor')
    .flatMap(({ metadata, spec }) =>
      (spec as { podMetricsEndpoints: { port: string }[] }).podMetricsEndpoints.map(
        ({ port }) =>
          !ports.has(port) && `PodMonitor ${metadata.name} scrapes the port ${show(port)}, which no pod has.`,
      ),
    );
}
