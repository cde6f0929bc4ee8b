import type { DaemonSet, PreflightFinding } from './finding.js';

/** The first kindnet that enforces NetworkPolicy came with kind 0.24 (August 2024). */
const KINDNET_SINCE = 20240813;

/**
 * The Amazon VPC CNI enforces by an agent beside it that is off by default, and in its standard mode a new pod is open
 * until that agent has been told of it (bypass B22).
 */
export function amazon({ object, containers }: DaemonSet): readonly PreflightFinding[] {
  const agent = containers.find(({ name }) => /nodeagent|network-policy-agent/.test(name));
  const enforces = agent?.args.some((each) => /^--enable-network-policy=true$/.test(each)) ?? false;
  const mode = containers.find(({ name }) => name === 'aws-node')?.env.get('NETWORK_POLICY_ENFORCING_MODE');
  if (!enforces) {
    return [
      {
        verdict: 'refuted',
        threat: 'B21',
        object,
        field: 'spec.template.spec.containers',
        reason: 'The Amazon VPC CNI runs without its network policy agent (--enable-network-policy=true).',
        fix: 'Set enableNetworkPolicy in the add-on’s configuration.',
      },
    ];
  }
  return mode === 'strict'
    ? []
    : [
        {
          verdict: 'refuted',
          threat: 'B22',
          object,
          field: 'spec.template.spec.containers[aws-node].env.NETWORK_POLICY_ENFORCING_MODE',
          reason: `In the mode ${mode ?? 'standard'} a new pod is open until its policies have arrived, for some seconds.`,
          fix: 'Set NETWORK_POLICY_ENFORCING_MODE to strict, once the system’s own pods have their policies.',
        },
      ];
}

/** Versions of kindnet are dates. */
export function kindnet({ object, containers }: DaemonSet): readonly PreflightFinding[] {
  const image = containers.find((container) => /kindnetd/.test(container.image))?.image ?? '';
  const date = /:v?(\d{8})\b/.exec(image)?.[1];
  if (date !== undefined && Number(date) >= KINDNET_SINCE) return [];
  return [
    {
      verdict: date === undefined ? 'inconclusive' : 'refuted',
      threat: 'B21',
      object,
      field: 'spec.template.spec.containers',
      reason:
        date === undefined
          ? `The version of ${image} is not known, and kindnet enforces policies only since ${KINDNET_SINCE}.`
          : `kindnet ${date} enforces no NetworkPolicy; it does since ${KINDNET_SINCE} (kind 0.24).`,
      fix: 'Use a newer kind, or a network layer that enforces.',
    },
  ];
}
