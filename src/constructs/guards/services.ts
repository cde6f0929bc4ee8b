import { Construct } from 'constructs';
import { callerIs } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { agentNamespaces, guardedNamespaces } from './scope.js';

/** Who may write where a Service leads: the controllers that derive it from selectors, and the garbage collector. */
const CONTROLLERS = [
  'system:kube-controller-manager',
  ...[
    'endpoint-controller',
    'endpointslice-controller',
    'endpointslicemirroring-controller',
    'generic-garbage-collector',
  ].map((name) => `system:serviceaccount:kube-system:${name}`),
];

/**
 * A Service leads to the pods that its selector names and to nothing else. ExternalName and `externalIPs` are names and
 * addresses of somebody's choice behind a name that agents trust; Services without a selector, hand-made Endpoints and
 * EndpointSlices likewise (CVE-2021-25740). In the agents' namespaces only ClusterIP is left, since a node port leads
 * into a pod past the policies of many data planes.
 *
 * Makes `portarium-guard-services`, `portarium-guard-agent-services` and `portarium-guard-endpoints`. Closes B12 and B18 for Services.
 */
export class Services extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const bindings = [{ namespaces: guardedNamespaces(platform) }];
    const writes = ['CREATE', 'UPDATE'] as const;
    new Guard(this, 'services', {
      mode: platform.guards,
      name: 'services',
      requests: [{ operations: writes, resources: ['services'] }],
      bindings,
      variables: { type: 'object.spec.?type.orValue("ClusterIP")' },
      refusals: [
        {
          expression: 'variables.type != "ExternalName"',
          message:
            'Services of type ExternalName are refused: they put any host behind a name that the platform trusts. Use a selector.',
        },
        {
          expression: 'object.spec.?externalIPs.orValue([]).size() == 0',
          message: 'externalIPs are refused: they take over traffic to any address (CVE-2020-8554). Remove them.',
        },
        {
          expression: 'object.spec.?selector.orValue({}).size() > 0 || variables.type == "ExternalName"',
          message:
            'A Service without a selector is refused: its endpoints would be addresses that somebody chose. Set spec.selector.',
        },
      ],
    });
    new Guard(this, 'agent-services', {
      mode: platform.guards,
      name: 'agent-services',
      requests: [{ operations: writes, resources: ['services'] }],
      bindings: [{ namespaces: agentNamespaces(platform) }],
      refusals: [
        {
          expression: '!(object.spec.?type.orValue("ClusterIP") in ["NodePort", "LoadBalancer"])',
          message:
            'In a namespace of agents Services are of type ClusterIP: node ports and load balancers lead past the network policies. Reach agents through the front.',
        },
      ],
    });
    new Guard(this, 'endpoints', {
      mode: platform.guards,
      name: 'endpoints',
      requests: [
        { operations: writes, resources: ['endpoints'] },
        { operations: writes, resources: ['endpointslices'], group: 'discovery.k8s.io' },
      ],
      bindings,
      refusals: [
        {
          expression: callerIs(...CONTROLLERS),
          message:
            'Endpoints and EndpointSlices are written by the controllers alone, from selectors: by hand they lead a Service to any address. Use a Service with a selector.',
        },
      ],
    });
  }
}
