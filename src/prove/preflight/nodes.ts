import { UNENFORCED_TAINTS } from '../../model/unenforced-nodes.js';
import { Field } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';
import { nameOf } from './finding.js';
import type { PreflightFinding } from './finding.js';

/** Labels of nodes on which no agent of the cluster's network layer runs; `idle`: no pod does, so nothing is open or shown. */
const KINDS: readonly (readonly [label: string, value: string, what: string, idle?: 'idle'])[] = [
  ['eks.amazonaws.com/compute-type', 'fargate', 'a Fargate node, on which no network layer of the cluster runs'],
  ['kubernetes.io/os', 'windows', 'a Windows node, on which most network layers enforce no policy'],
  ['type', 'kwok', 'a node of kwok, on which pods do not run', 'idle'],
  ['type', 'virtual-kubelet', 'a virtual node, whose pods run elsewhere'],
];

export interface Nodes {
  readonly findings: readonly PreflightFinding[];
  /** On which the network layer must be, agents being put there. */
  readonly enforcing: number;
}

/**
 * Nodes that enforce no policy. One is harmless where a taint keeps agents off that admission lets none tolerate
 * (`UNENFORCED_TAINTS`, guard `agent-tolerations`); with another taint it depends on who tolerates it.
 */
export function nodes(objects: readonly KubeObject[]): Nodes {
  const all = objects.filter(({ kind }) => kind === 'Node');
  if (all.length === 0) {
    const reason = 'No node was read, so whether each enforces policies is not known.';
    const fix = 'Let the reader list nodes.';
    return { enforcing: 0, findings: [{ ...NODE, verdict: 'inconclusive', object: 'cluster', reason, fix }] };
  }
  const unenforced = all.flatMap((node) => {
    const kind = kindOf(node);
    return kind === undefined ? [] : [{ node, ...kind }];
  });
  return {
    enforcing: all.length - unenforced.length,
    findings: unenforced.flatMap(({ node, what, idle }) => judged(node, what, idle)),
  };
}

const NODE = { threat: 'B21', field: 'spec.taints' } as const;

function kindOf(node: KubeObject): { readonly what: string; readonly idle: boolean } | undefined {
  const labels = Field.of(node).at('metadata').at('labels').labels();
  const kind = KINDS.find(([label, value]) => labels.get(label) === value);
  return kind && { what: kind[2], idle: kind[3] !== undefined };
}

function judged(node: KubeObject, what: string, idle: boolean): readonly PreflightFinding[] {
  const taints = Field.of(node)
    .at('spec')
    .at('taints')
    .items()
    .filter((taint) => ['NoSchedule', 'NoExecute'].includes(taint.at('effect').text()))
    .map((taint) => taint.at('key').text());
  if (taints.some((key) => UNENFORCED_TAINTS.includes(key))) return [];
  const fix = `Taint it with ${UNENFORCED_TAINTS.at(-1)} (NoSchedule), which agents may not tolerate.`;
  const found = { ...NODE, object: nameOf(node), fix };
  if (taints.length > 0) {
    const reason = `It is ${what}; only pods that tolerate ${taints.join(', ')} are put there.`;
    return [{ ...found, verdict: 'inconclusive', reason }];
  }
  return [
    { ...found, verdict: idle ? 'inconclusive' : 'refuted', reason: `It is ${what}, and agents may be put there.` },
  ];
}
