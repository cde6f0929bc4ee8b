import { NAMESPACES } from '../../../../src/model/names.js';
import { agentPod, pod, UNPRIVILEGED, type PodOptions } from '../fixture.js';
import { create, type Case } from './case.js';
import { asController } from './spire.js';

const component = (changes: Partial<PodOptions>) => pod({ namespace: NAMESPACES.controlPlane, ...changes });
const context = (securityContext: object) => ({ container: { securityContext } });
const drop = ['ALL'];
const bindsLowPorts = context({ capabilities: { drop, add: ['NET_BIND_SERVICE'] } });

const privileges: readonly (readonly [string, Partial<PodOptions>, Partial<PodOptions>])[] = [
  ['a privileged container', context({ privileged: true, capabilities: { drop } }), bindsLowPorts],
  ...['NET_ADMIN', 'NET_RAW', 'BPF', 'SYS_ADMIN'].map(
    (added) => [`the capability ${added}`, context({ capabilities: { drop, add: [added] } }), bindsLowPorts] as const,
  ),
  ['the capabilities that runtimes give by default', context({}), context({ capabilities: { drop } })],
  [
    'an init container with the capabilities of the runtime',
    { spec: { initContainers: [{ name: 'init', image: 'x' }] } },
    { spec: { initContainers: [{ name: 'init', image: 'x', ...UNPRIVILEGED }] } },
  ],
];

const sysctl = (name: string, value: string) => ({ spec: { securityContext: { sysctls: [{ name, value }] } } });

export const privilegeCases: readonly Case[] = [
  ...privileges.flatMap(([what, refused, permitted]): readonly Case[] => [
    {
      guard: 'privileges',
      refusal: 0,
      what: `${what} for an agent`,
      refused: create(agentPod(refused)),
      permitted: create(agentPod(permitted)),
    },
    {
      guard: 'privileges',
      refusal: 0,
      what: `${what} for a component`,
      refused: create(component(refused)),
      // SPIRE's agents alone need the host.
      permitted: asController(create(pod({ namespace: NAMESPACES.spire, account: 'spire-agent', ...refused }))),
    },
  ]),
  {
    guard: 'privileges',
    refusal: 1,
    what: 'echo requests without a capability',
    refused: create(agentPod(sysctl('net.ipv4.ping_group_range', '0 2147483647'))),
    permitted: create(agentPod(sysctl('net.ipv4.ip_unprivileged_port_start', '0'))),
  },
];
