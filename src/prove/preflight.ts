import { flatten } from './kube-object.js';
import type { KubeObject } from './kube-object.js';
import { cilium } from './preflight/cilium.js';
import { enforcement, running } from './preflight/data-planes.js';
import type { Running } from './preflight/data-planes.js';
import { readDaemonSet } from './preflight/finding.js';
import type { PreflightFinding } from './preflight/finding.js';
import { kubernetes } from './preflight/kubernetes.js';
import { nodes } from './preflight/nodes.js';
import { amazon, kindnet } from './preflight/others.js';

export type { PreflightFinding } from './preflight/finding.js';

/** What a caller that reads a cluster lists for `preflight`, beside the policies of every kind. */
export const PREFLIGHT_READS = [
  { apiVersion: 'v1', kind: 'Node' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name: 'cilium-config' },
  { apiVersion: 'cilium.io/v2', kind: 'CiliumNodeConfig' },
] as const;

/** Faults of a network layer and settings of it, by its name. */
const CHECKS: Readonly<
  Record<string, (found: Running['daemonSet'], objects: readonly KubeObject[]) => readonly PreflightFinding[]>
> = { Cilium: cilium, 'Amazon VPC CNI': amazon, kindnet };

export interface Preflight {
  /** Network layers that were recognised. */
  readonly dataPlanes: readonly string[];
  /** Empty: nothing speaks against a proof from the policies. That they are enforced is still for live probes to show. */
  readonly findings: readonly PreflightFinding[];
}

/**
 * What the cluster itself says for or against its policies being enforced as they are written: versions and settings of
 * its network layer, kinds of nodes, Kubernetes' own version. Pure, and no more than a first look: a clean one proves
 * nothing about packets.
 * Source: bypasses B21, B22, B24, B28.
 *
 * @param objects as `PREFLIGHT_READS` says, with the cluster's policies; others are passed over
 * @param version the API server's `gitVersion`
 * @throws UnreadableObjectError for an object that cannot be read exactly
 */
export function preflight(objects: readonly KubeObject[], version?: string): Preflight {
  const all = flatten(objects);
  const found = running(all.filter(({ kind }) => kind === 'DaemonSet').map(readDaemonSet));
  const onNodes = nodes(all);
  return {
    dataPlanes: [...new Set(found.map(({ plane }) => plane.name))].sort(),
    findings: [
      ...kubernetes(version),
      ...onNodes.findings,
      ...enforcement(found, onNodes.enforcing),
      ...found.flatMap(({ plane, daemonSet }) => CHECKS[plane.name]?.(daemonSet, all) ?? []),
    ],
  };
}
