import { Construct } from 'constructs';
import { literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { platformNamespaces } from '../../model/platform.js';
import { agentNamespaces } from './scope.js';

/** What an agent's pod may say in annotations, by prefix: nothing here is read by a data plane, mesh or runtime. */
const ALLOWED = [
  'portarium.io/',
  'checksum/',
  'cluster-autoscaler.kubernetes.io/',
  'controller.kubernetes.io/pod-deletion-cost',
  'karpenter.sh/do-not-disrupt',
  'kubectl.kubernetes.io/',
  // Written by the API server's own admission.
  'kubernetes.io/limit-ranger',
  'openshift.io/scc',
  'prometheus.io/',
  'security.openshift.io/validated-scc-subject-type',
];

/** What is known to add an interface, or to take traffic past the network policies. */
const BYPASSES = [
  'ambient.istio.io/',
  'cni.projectcalico.org/',
  'config.linkerd.io/',
  'consul.hashicorp.com/',
  'inject.istio.io/',
  'io.cilium',
  'istio.io/',
  'k8s.ovn.org/',
  'k8s.v1.cni.cncf.io/',
  'kuma.io/',
  'linkerd.io/',
  'network.cilium.io/',
  'networking.gke.io/',
  'ovn.kubernetes.io/',
  'policy.cilium.io/',
  'proxy.istio.io/',
  'sidecar.istio.io/',
  'traffic.sidecar.istio.io/',
  'v1.multus-cni.io/',
  'vpc.amazonaws.com/',
];

/** What network plugins report on a running pod, and the groups they run in. */
const REPORTS = [
  'cni.projectcalico.org/containerID',
  'cni.projectcalico.org/podIP',
  'cni.projectcalico.org/podIPs',
  'k8s.ovn.org/pod-networks',
  'k8s.v1.cni.cncf.io/network-status',
];
const PLUGINS = [
  'system:nodes',
  'system:serviceaccounts:calico-system',
  'system:serviceaccounts:kube-system',
  'system:serviceaccounts:ovn-kubernetes',
];

const startsWithAny = (prefixes: readonly string[]): string =>
  `${literal(prefixes)}.exists(prefix, key.startsWith(prefix))`;

const variables = (refused: string): Record<string, string> => ({
  before: 'request.operation == "CREATE" ? {} : oldObject.metadata.?annotations.orValue({})',
  after: 'object.metadata.?annotations.orValue({})',
  reports: `request.operation == "UPDATE" && request.userInfo.groups.exists(group, group in ${literal(PLUGINS)}) ? ${literal(REPORTS)} : []`,
  refused: `variables.after.filter(key, ${refused} && variables.after[?key] != variables.before[?key] && !(key in variables.reports))`,
});

/**
 * What annotations on pods may say. For agents an allow-list: every data plane, mesh and runtime has its own opt-outs
 * and secondary networks, and no list of them stays complete; a pod that an injector has changed is refused by what the
 * injector left. For the platform's pods, which are not all ours, a list of the known ones. On a running pod only what
 * changes is judged, so that status updates pass; there network plugins may report addresses, and what the platform
 * itself wrote (`portarium.io/`) is evidence that nobody changes.
 *
 * Makes `portarium-guard-agent-annotations` and `portarium-guard-platform-annotations`. Closes B20 and B29, part of B19.
 */
export class PodAnnotations extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const requests = [
      { operations: ['CREATE', 'UPDATE'], resources: ['pods'] },
      { operations: ['UPDATE'], resources: ['pods/status'] },
    ] as const;
    const why = 'such annotations attach networks or take traffic past the network policies.';
    new Guard(this, 'agents', {
      mode: platform.guards,
      name: 'agent-annotations',
      requests,
      bindings: [{ namespaces: agentNamespaces(platform) }],
      variables: variables(`!${startsWithAny(ALLOWED)}`),
      refusals: [
        {
          expression: 'variables.refused.size() == 0',
          message: `An annotation is not on the list for agents' pods: ${why} Allowed are ${ALLOWED.join(', ')}.`,
          messageExpression: `"Not on the list for agents' pods: " + variables.refused.join(", ") + "; ${why} Remove them; allowed are ${ALLOWED.join(', ')}."`,
        },
        {
          expression:
            'request.operation == "CREATE" || (variables.before.all(key, !key.startsWith("portarium.io/") || variables.after[?key] == variables.before[?key]) && ' +
            'variables.after.all(key, !key.startsWith("portarium.io/") || variables.after[?key] == variables.before[?key]))',
          message:
            'The annotations portarium.io/* of a running pod are evidence of what its network was, and fixed. Delete the pod and let its workload make a new one.',
        },
      ],
    });
    new Guard(this, 'platform', {
      mode: platform.guards,
      name: 'platform-annotations',
      requests,
      bindings: [{ namespaces: platformNamespaces(platform) }],
      variables: variables(startsWithAny(BYPASSES)),
      refusals: [
        {
          expression: 'variables.refused.size() == 0',
          message: `An annotation is refused on the platform's pods: ${why} Remove it.`,
          messageExpression: `"Refused on the platform's pods: " + variables.refused.join(", ") + "; ${why} Remove them."`,
        },
      ],
    });
  }
}
