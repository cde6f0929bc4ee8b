import type { DaemonSet, PreflightFinding } from './finding.js';

/** What is known of a network layer by the image of its agent. */
export interface DataPlane {
  readonly name: string;
  readonly image: RegExp;
  /** Whether it enforces NetworkPolicy at all; how well is asked by the checks of each. */
  readonly enforces: boolean;
  /** New pods run unrestricted until their policies have arrived (bypass B22). */
  readonly startsOpen?: boolean;
}

/** Those that `preflight` tells apart, mirrors of their images included. Sources: bypass B21 and B22 with the issues they name. */
export const DATA_PLANES: readonly DataPlane[] = [
  { name: 'Cilium', image: /[/-]cilium(-ci)?$/, enforces: true },
  { name: 'Calico', image: /(calico\/node|[/-]calico-node|hardened-calico)$/, enforces: true },
  { name: 'Amazon VPC CNI', image: /[/-]amazon-k8s-cni$/, enforces: true },
  { name: 'kindnet', image: /[/-]kindnetd$/, enforces: true, startsOpen: true },
  { name: 'kube-network-policies', image: /[/-]kube-network-policies$/, enforces: true, startsOpen: true },
  { name: 'kube-router', image: /[/-]kube-router$/, enforces: true, startsOpen: true },
  { name: 'Antrea', image: /[/-]antrea-(agent-)?(ubuntu|ubi)$/, enforces: true },
  { name: 'OVN-Kubernetes', image: /\/ovn-(kubernetes|kube-(u|f|ubuntu|fedora))$/, enforces: true },
  { name: 'Azure NPM', image: /[/-]azure-npm$/, enforces: true },
  { name: 'flannel', image: /[/-]flannel$/, enforces: false },
];

export interface Running {
  readonly plane: DataPlane;
  readonly daemonSet: DaemonSet;
}

/** The image without tag and digest, in one form: `docker.io/x` and `x` alike have a slash before their last part. */
const repository = (image: string): string => `/${image.replace(/@.*$/, '').replace(/:[^/]*$/, '')}`;

export const running = (daemonSets: readonly DaemonSet[]): readonly Running[] =>
  daemonSets.flatMap((daemonSet) => {
    const plane = DATA_PLANES.find(({ image }) =>
      daemonSet.containers.some((container) => image.test(repository(container.image))),
    );
    return plane === undefined ? [] : [{ plane, daemonSet }];
  });

/** Whether anything enforces at all, on every node, and before a pod's first packet. */
export function enforcement(found: readonly Running[], nodes: number): readonly PreflightFinding[] {
  const enforcing = found.filter(({ plane }) => plane.enforces);
  if (enforcing.length === 0) return [nobody(found)];
  return enforcing.flatMap(({ plane, daemonSet }) => [
    ...(plane.startsOpen
      ? [
          {
            verdict: 'inconclusive',
            threat: 'B22',
            object: daemonSet.object,
            field: '',
            reason: `${plane.name} lets a new pod send until its policies have arrived.`,
            fix: 'Let agents start behind a gate that waits until a denied target is denied, and probe cold starts.',
          } as const,
        ]
      : []),
    ...everywhere(plane, daemonSet, nodes),
  ]);
}

function nobody(found: readonly Running[]): PreflightFinding {
  const fix = 'Install a network layer that enforces NetworkPolicy.';
  const [other] = found;
  return other === undefined
    ? {
        verdict: 'inconclusive',
        threat: 'B21',
        object: 'cluster',
        field: '',
        reason: `No DaemonSet is one of the network layers known here (${DATA_PLANES.map(({ name }) => name).join(', ')}): whether anything enforces policies is not known.`,
        fix: `${fix} If there is one, only live probes on every node can tell.`,
      }
    : {
        verdict: 'refuted',
        threat: 'B21',
        object: other.daemonSet.object,
        field: '',
        reason: `${other.plane.name} enforces no NetworkPolicy, and nothing beside it does.`,
        fix,
      };
}

function everywhere(plane: DataPlane, { object, pods }: DaemonSet, nodes: number): readonly PreflightFinding[] {
  const missing = (field: string, reason: string): readonly PreflightFinding[] => [
    { verdict: 'inconclusive', threat: 'B21', object, field, reason, fix: 'Probe each node, or repair its agent.' },
  ];
  if (pods === undefined) return missing('status', `It is not said on which nodes ${plane.name} runs.`);
  if (pods.ready < pods.wanted)
    return missing('status.numberReady', `${plane.name} is ready on ${pods.ready} of ${pods.wanted} nodes.`);
  if (pods.wanted < nodes)
    return missing(
      'status.desiredNumberScheduled',
      `${plane.name} runs on ${pods.wanted} of ${nodes} nodes that agents may be put on.`,
    );
  return [];
}
