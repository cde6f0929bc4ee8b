import { tryVersion } from '../../model/image-version.js';
import { Field } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';
import { nameOf } from './finding.js';
import { ADVISORIES, affects } from './cilium-advisories.js';
import type { DaemonSet, PreflightFinding } from './finding.js';

/** Kinds that the agent reads only where it is told to, with its default, and what it means when they are passed over. */
const SWITCHES = [
  ['enable-k8s-networkpolicy', true, 'NetworkPolicy', 'refuted'],
  ['enable-cilium-network-policy', true, 'CiliumNetworkPolicy', 'inconclusive'],
  ['enable-cilium-clusterwide-network-policy', true, 'CiliumClusterwideNetworkPolicy', 'inconclusive'],
  ['enable-k8s-cluster-network-policy', false, 'ClusterNetworkPolicy', 'inconclusive'],
] as const;

/**
 * What Cilium's version and settings say about a proof from its policies: faults, enforcement that is switched off or only
 * audited (for the cluster by `cilium-config`, for some nodes by CiliumNodeConfig), kinds that it does not read, and
 * CIDR rules that select nodes, which the evaluation takes them not to.
 */
export function cilium({ object, containers }: DaemonSet, objects: readonly KubeObject[]): readonly PreflightFinding[] {
  const agent = containers.find(({ name }) => name === 'cilium-agent') ?? containers[0];
  const configs = objects.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata?.name === 'cilium-config');
  const overrides = objects.filter(({ kind }) => kind === 'CiliumNodeConfig');
  return [
    ...faults(object, agent?.image ?? ''),
    ...(configs.length === 0 ? [unread(object)] : []),
    ...configs.flatMap((config) => settings(config, 'data', objects, true)),
    ...overrides.flatMap((config) => settings(config, 'spec.defaults', objects, false)),
  ];
}

function faults(object: string, image: string): readonly PreflightFinding[] {
  const found = tryVersion(image);
  const base = { verdict: 'inconclusive', threat: 'B28', object, field: 'spec.template.spec.containers' } as const;
  if (found === undefined) {
    const fix = 'Name the version in the image’s tag, or compare it with Cilium’s security advisories by hand.';
    return [{ ...base, reason: `The version of ${image} is not known, so neither are its faults.`, fix }];
  }
  return ADVISORIES.filter((advisory) => affects(advisory, found)).map(({ id, what }) => ({
    ...base,
    reason: `Cilium ${found.join('.')} has ${id}: ${what}.`,
    fix: `Upgrade Cilium to a release that has the fix of ${id}.`,
  }));
}

const unread = (object: string): PreflightFinding => ({
  verdict: 'inconclusive',
  threat: 'B21',
  object,
  field: '',
  reason: 'ConfigMap kube-system/cilium-config was not read, so whether Cilium enforces or only audits is not known.',
  fix: 'Let the reader see it.',
});

function settings(
  object: KubeObject,
  path: 'data' | 'spec.defaults',
  objects: readonly KubeObject[],
  whole: boolean,
): readonly PreflightFinding[] {
  const values = path
    .split('.')
    .reduce((field, key) => field.at(key), Field.of(object))
    .labels();
  const finding = (key: string, rest: Omit<PreflightFinding, 'object' | 'field'>): PreflightFinding => ({
    object: nameOf(object),
    field: `${path}.${key}`,
    ...rest,
  });
  const where = whole ? '' : ' on the nodes that it selects';
  const off = (key: string, reason: string, verdict: PreflightFinding['verdict'] = 'refuted'): PreflightFinding =>
    finding(key, { verdict, threat: 'B21', reason: `${reason}${where}.`, fix: `Remove ${key}.` });
  const enforcement = (values.get('enable-policy') ?? 'default').toLowerCase();
  return [
    ...(enforcement === 'never' ? [off('enable-policy', 'Cilium enforces no policy')] : []),
    ...(['default', 'always', 'never'].includes(enforcement)
      ? []
      : [off('enable-policy', `What Cilium enforces with "${enforcement}" is not known`, 'inconclusive')]),
    ...(isOn(values.get('policy-audit-mode'), false)
      ? [off('policy-audit-mode', 'Cilium audits what policies deny and lets it pass')]
      : []),
    ...SWITCHES.filter(
      ([key, standard, kind]) =>
        !isOn(values.get(key), whole ? standard : true) && objects.some((each) => each.kind === kind),
    ).map(([key, , kind, verdict]) =>
      finding(key, {
        verdict,
        threat: 'B21',
        reason: `There are objects of kind ${kind}, and Cilium reads none${where}: what they deny is not denied.`,
        fix: `Set ${key}: "true", or remove those objects.`,
      }),
    ),
    ...(/\bnodes\b/.test(values.get('policy-cidr-match-mode') ?? '')
      ? [
          finding('policy-cidr-match-mode', {
            verdict: 'inconclusive',
            threat: 'S11',
            reason: `CIDR rules of Cilium select nodes too${where}; the evaluation takes them not to.`,
            fix: 'Remove nodes from policy-cidr-match-mode.',
          }),
        ]
      : []),
  ];
}

/** As Cilium reads a switch (Go's ParseBool); of what it would not read, the worse is taken. */
const isOn = (value: string | undefined, standard: boolean): boolean => {
  if (value === undefined) return standard;
  return standard ? /^(1|t|true)$/i.test(value) : !/^(0|f|false)$/i.test(value);
};
